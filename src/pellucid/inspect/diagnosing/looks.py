"""One look at a training: the numbers that the live rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

__all__ = ["Look", "Past"]

_MOST_LOOKS = 60
_NEXT_TO_NOTHING = 0.01


@dataclass(frozen=True)
class Look:
    """What was measured at one moment.

    Parameters
    ----------
    step, epoch : int
        How many updates and epochs were done.
    loss : float
        Mean loss of the updates since the last look.
    spread : float
        Standard deviation of that mean: of single losses over the root of their number.
    gradient_norm : float
        Norm of the gradient, of all parameters together.
    first_over_last : float or None
        RMS of the gradient of the first weights over that of the last ones.
    ratios : dict of str to float
        ‖ΔW‖ / ‖W‖ of each matrix or kernel.
    unmoved : tuple of str
        Parameters that the update left exactly as they were.
    penalty : float
        Norm of the gradient of the penalty over that of the data, of decayed weights.
    lr : float
        The learning rate.
    weight_decay : float
        The largest factor of the penalty.
    dead, saturated, varies : dict of str to float
        By layer: see :class:`Units`.
    output_kind, output_layer : str
        What makes the output, and where.
    stuck : float
        Share of the output's units that are stuck: see :class:`OutputState`.
    clipped : float
        The limit of the gradient's norm over that norm, where it is below 1.
    l1 : float
        The largest factor of the sum of absolute weights.
    """

    step: int
    epoch: int
    loss: float
    spread: float
    gradient_norm: float
    first_over_last: float | None
    ratios: Mapping[str, float]
    unmoved: tuple[str, ...]
    penalty: float
    lr: float
    weight_decay: float = 0.0
    dead: Mapping[str, float] = field(default_factory=dict)
    saturated: Mapping[str, float] = field(default_factory=dict)
    varies: Mapping[str, float] = field(default_factory=dict)
    output_kind: str = ""
    output_layer: str = ""
    stuck: float = 0.0
    clipped: float = 1.0
    l1: float = 0.0

    @property
    def ratio(self) -> float:
        """The median update ratio of the layers."""
        return median(self.ratios.values()) if self.ratios else 0.0


class Past:
    """What was seen so far: the last looks, the losses, and the measures of epochs.

    Parameters
    ----------
    prior : float or None
        The loss of a guess that knows how frequent each target is.
    classifies : bool
        Whether the network chooses a class.
    updates : int
        How many updates the training is to have; 0 if that is not known.
    sums : bool
        Whether the loss is a sum over the batch.
    """

    def __init__(
        self,
        prior: float | None = None,
        classifies: bool = False,
        updates: int = 0,
        sums: bool = False,
    ) -> None:
        self.judged_prior = prior
        self.judged_rows = 0
        """How many validation samples there are; 0 if that is not known."""
        self.updates = updates
        self.sums = sums
        self.classifies = classifies
        self.prior = prior
        self.looks: list[Look] = []
        self.first_loss: float | None = None
        self.best_loss: float | None = None
        self.highest_lr = 0.0
        self.scheduled = False
        self.ended_at: int | None = None
        """The update by which a schedule had brought the learning rate to next to nothing."""
        self.epochs: list[tuple[float, float | None]] = []

    def begin(self, loss: float) -> None:
        """Note the loss of the first batch."""
        self.first_loss = self.best_loss = loss

    def add(self, look: Look) -> None:
        """Take a look in."""
        self.looks = [*self.looks, look][-_MOST_LOOKS:]
        if self.best_loss is None or look.loss < self.best_loss:
            self.best_loss = look.loss
        self.highest_lr = max(self.highest_lr, look.lr)
        if (
            self.scheduled
            and self.ended_at is None
            and look.lr < _NEXT_TO_NOTHING * self.highest_lr
        ):
            self.ended_at = look.step

    @property
    def last(self) -> Look:
        """The last look."""
        return self.looks[-1]

    @property
    def base_lr(self) -> float:
        """The learning rate that was chosen: the present one, or the highest of a schedule."""
        return self.highest_lr if self.scheduled or not self.looks else self.last.lr

    @property
    def level(self) -> float | None:
        """The loss of knowing nothing, or the first that was seen where that is not known."""
        if self.prior is not None and self.first_loss is not None:
            return self.prior
        return self.first_loss

    @property
    def learnt(self) -> float:
        """How far the loss is below that of knowing nothing: 0 not at all, 1 all the way."""
        level = self.level
        if not self.looks or level is None or level <= 0:
            return 1.0
        return 1 - self.last.loss / level

    @property
    def learnt_at_end(self) -> float:
        """How far the last epoch's loss, of validation where there is one, is below a guess."""
        level = self.level
        if not self.epochs or level is None or level <= 0:
            return 1.0
        train, judged = self.epochs[-1]
        return 1 - (train if judged is None else judged) / level

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return {
            "prior": self.prior,
            "judged_prior": self.judged_prior,
            "judged_rows": self.judged_rows,
            "classifies": self.classifies,
            "updates": self.updates,
            "sums": self.sums,
            "looks": [asdict(look) for look in self.looks],
            "first_loss": self.first_loss,
            "best_loss": self.best_loss,
            "highest_lr": self.highest_lr,
            "scheduled": self.scheduled,
            "ended_at": self.ended_at,
            "epochs": [list(pair) for pair in self.epochs],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the past that :meth:`to_dict` was called on."""
        past = cls(
            values["prior"],
            values["classifies"],
            values.get("updates", 0),  # checkpoints of earlier versions do not have it
            values.get("sums", False),
        )
        past.looks = [
            Look(**look | {"unmoved": tuple(look["unmoved"])}) for look in values["looks"]
        ]
        past.judged_rows = values.get("judged_rows", 0)
        past.judged_prior = values.get("judged_prior", values["prior"])
        past.first_loss, past.best_loss = values["first_loss"], values["best_loss"]
        past.highest_lr = values["highest_lr"]
        past.scheduled = values.get("scheduled", False)
        past.ended_at = values.get("ended_at")
        past.epochs = [(train, judged) for train, judged in values["epochs"]]
        return past
