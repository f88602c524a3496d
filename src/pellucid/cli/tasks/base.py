"""What every kind of task answers; the answers here are those for rows with a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pellucid.cli import defaults
from pellucid.cli.measuring import Measures, baseline_of, measure
from pellucid.cli.settings import Settings
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part, Preparation
    from pellucid.nn import Module
    from pellucid.training import LoadedRun
    from pellucid.training.callbacks import ProgressDisplay, ProgressStyle

__all__ = ["Task", "Trained"]


@dataclass(frozen=True)
class Trained:
    """A network and what is known of it: just trained, or read from its run folder.

    Parameters
    ----------
    net : Module
        The network.
    class_names : tuple of str
        What its outputs stand for, if it classifies.
    loss : str or None
        What it was trained with.
    preparation : Preparation or None
        What turns raw data into its input.
    extra : mapping
        What its task kept: see :meth:`Task.extra`.
    """

    net: Module
    class_names: tuple[str, ...]
    loss: str | None
    preparation: Preparation | None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_run(cls, loaded: LoadedRun) -> Trained:
        """Return that of a run folder."""
        model = loaded.model
        return cls(model.net, model.class_names, model.loss, model.preparation, model.extra)


class Task:
    """A kind of task.

    Attributes
    ----------
    name : str
        What ``config.json`` and the saved model call it.
    called : str
        What its data are, in messages.
    model : str
        The network that is taken where none is named.
    suffix : str
        What is put behind a short name, so that "lstm" is "lstm-forecaster" here.
    takes, makes : tuple of str
        The models that fit, by what they take and make.
    without : tuple of str
        Models that fit by that, and yet do not.
    """

    name: ClassVar[str] = "rows"
    called: ClassVar[str] = "rows of numbers"
    model: ClassVar[str] = "mlp"
    suffix: ClassVar[str] = ""
    takes: ClassVar[tuple[str, ...]] = ("rows",)
    makes: ClassVar[tuple[str, ...]] = ("outputs",)
    without: ClassVar[tuple[str, ...]] = ()
    part: ClassVar[str] = "test"

    # --- before the data --------------------------------------------------------------------------

    def models(self) -> dict[str, str]:
        """Return the names that may be said, each with its name in the registry."""
        from pellucid.models import MODELS

        fitting = [
            model.name
            for model in MODELS.values()
            if model.takes in self.takes
            and model.makes in self.makes
            and model.name not in self.without
        ]
        return {name.removesuffix(self.suffix): name for name in fitting} | {
            name: name for name in fitting
        }

    def registered(self, model: str) -> str:
        """Return what the registry calls a model.

        Raises
        ------
        DataError
            If it does not go with this kind of data, with those that do.
        """
        known = self.models()
        if model not in known:
            short = [name for name in known if not self.suffix or not name.endswith(self.suffix)]
            raise DataError(
                f"the model '{model}' does not go with {self.called}; those that do: "
                f"{', '.join(short)}"
            )
        return known[model]

    def before_loading(self, settings: Settings) -> Settings:
        """Fill in the model, and what has to be known to load the data."""
        settings = settings.filled(model=self.model)
        self.registered(settings.model or "")
        if settings.augment and self.name != "images":
            raise DataError(
                "--augment changes images, for networks that see them as images (see `pellucid "
                f"models`); '{settings.model}' takes {self.called} here"
            )
        return defaults.before_loading(settings)

    def loading(self, settings: Settings) -> dict[str, Any]:
        """Return options for the loader besides those that the user has given."""
        return {}

    def adapt(self, settings: Settings, data: Dataset) -> Dataset:
        """Return the data as this task learns from them."""
        return data

    # --- the training -----------------------------------------------------------------------------

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything but the learning rate, which depends on the network."""
        return defaults.fill(settings.filled(optimizer="adam"), data)

    def architecture_options(self, settings: Settings, data: Dataset) -> dict[str, Any]:
        """Return options of the model that follow from the data."""
        return {}

    def input_shape(self, data: Dataset) -> tuple[int, ...]:
        """Return the shape of one sample, as the model is to be made for it."""
        return data.input_shape

    def outputs(self, data: Dataset) -> int:
        """Return how many numbers the network gives."""
        return data.num_outputs

    def loss_options(self, data: Dataset) -> dict[str, Any]:
        """Return options of the loss that follow from the data."""
        return {}

    def metrics(self, settings: Settings) -> tuple[str, ...]:
        """Return what is measured while training."""
        return settings.metric

    def progress(self, style: ProgressStyle, data: Dataset) -> ProgressDisplay:
        """Return what shows how it goes."""
        from pellucid.training import ProgressDisplay

        return ProgressDisplay(style, tell_end=False)

    def judged(self, data: Dataset) -> Part | None:
        """Return the samples that each epoch is judged by."""
        return data.validation

    # --- the result -------------------------------------------------------------------------------

    def extra(self, net: Module, data: Dataset) -> dict[str, Any]:
        """Return plain values that are saved with the model."""
        return {"baseline": baseline_of(data)}

    def measure(
        self,
        trained: Trained,
        part: Part,
        *,
        metrics: Iterable[str] = (),
        data: Dataset | None = None,
        part_name: str = "",
    ) -> Measures:
        """Measure a network on prepared samples.

        Parameters
        ----------
        trained : Trained
            The network.
        part : Part
            The samples.
        metrics : iterable of str
            What to measure besides the usual.
        data : Dataset, optional
            What the samples are a part of, if they are.
        part_name : str
            Which part of it.
        """
        return measure(
            trained.net,
            part,
            class_names=trained.class_names,
            loss=trained.loss,
            preparation=trained.preparation,
            baseline=trained.extra["baseline"],
            metrics=metrics,
        )

    def pictures(self, folder: Path, trained: Trained, data: Dataset) -> list[str]:
        """Draw what belongs to the result; return the names of the files.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        return []

    def afterwards(self, net: Module, data: Dataset) -> list[str]:
        """Return lines to show at the end, such as a sample."""
        return []

    def next_steps(self, folder: Path) -> list[str]:
        """Return the commands that may follow."""
        return [f"pellucid evaluate {folder}", f"pellucid predict {folder} FILE"]
