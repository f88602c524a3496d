"""One look at a training: the numbers that the live rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

__all__ = ["Look", "Past"]

_MOST_LOOKS = 60


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
    dead, saturated : dict of str to float
        Shares by layer: see :class:`Units`.
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
    """

    def __init__(self, prior: float | None = None, classifies: bool = False) -> None:
        self.classifies = classifies
        self.prior = prior
        self.looks: list[Look] = []
        self.first_loss: float | None = None
        self.best_loss: float | None = None
        self.highest_lr = 0.0
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

    @property
    def last(self) -> Look:
        """The last look."""
        return self.looks[-1]

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

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return {
            "prior": self.prior,
            "classifies": self.classifies,
            "looks": [asdict(look) for look in self.looks],
            "first_loss": self.first_loss,
            "best_loss": self.best_loss,
            "highest_lr": self.highest_lr,
            "epochs": [list(pair) for pair in self.epochs],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the past that :meth:`to_dict` was called on."""
        past = cls(values["prior"], values["classifies"])
        past.looks = [
            Look(**look | {"unmoved": tuple(look["unmoved"])}) for look in values["looks"]
        ]
        past.first_loss, past.best_loss = values["first_loss"], values["best_loss"]
        past.highest_lr = values["highest_lr"]
        past.epochs = [(train, judged) for train, judged in values["epochs"]]
        return past
