"""What a report is made of: a run, its data, and the network in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.data import SeriesDataset
from pellucid.dtypes import Array
from pellucid.inspect.observing import observe
from pellucid.tape import no_grad
from pellucid.training import History, predict

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part
    from pellucid.nn import Module
    from pellucid.training import LoadedRun

__all__ = ["Material"]

_RECURRENT = (nn.RNN, nn.LSTM, nn.GRU)


@dataclass(frozen=True)
class Material:
    """A run with its data.

    Parameters
    ----------
    run : LoadedRun
        The run folder and the network.
    data : Dataset
        What it was trained on.
    loss : callable or str
        What it was trained with.
    """

    run: LoadedRun
    data: Dataset
    loss: Any = "auto"

    @property
    def net(self) -> Module:
        """The trained network."""
        return self.run.net

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.run.run.path

    @property
    def metrics(self) -> dict[str, Any]:
        """The numbers at the end."""
        return self.run.metrics

    @property
    def kind(self) -> str:
        """What kind of task it was, as the command line calls it; "rows" if nothing says."""
        return str(self.run.model.extra.get("kind", self.run.config.get("kind", "rows")))

    @property
    def classifies(self) -> bool:
        """Whether the network tells classes apart, one for each sample."""
        return self.data.task == "classification" and self.kind not in ("anomaly", "reconstruction")

    @property
    def predicts_numbers(self) -> bool:
        """Whether the network predicts one or a few numbers for each sample."""
        return self.data.task == "regression" and self.kind not in ("anomaly", "reconstruction")

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.run.class_names or self.data.class_names

    @cached_property
    def history(self) -> History:
        """Every curve; empty if there is no ``history.csv``."""
        path = self.run.run.history_path
        return History.from_csv(path) if path.is_file() else History()

    @property
    def judged(self) -> tuple[str, Part]:
        """The samples that the network is judged by, and which part of the data they are."""
        for name in ("test", "validation"):
            part = self.data.parts().get(name)
            if part is not None:
                return name, part
        return "train", self.data.train

    @cached_property
    def some(self) -> Array:
        """A few samples of those."""
        return self.judged[1].x[:64]

    def batch(self, count: int) -> tuple[Array, Any]:
        """Return the first training samples with what the network learns to say of them."""
        part = self.data.train[np.arange(min(count, len(self.data.train)))]
        return part.x, part.x if self.kind == "anomaly" else part.y

    @cached_property
    def true_and_predicted(self) -> tuple[Array, Array]:
        """Numbers of the judged part and what was predicted, in the target's own unit, (N, K)."""
        name, part = self.judged
        outputs = predict(self.net, part.x)
        if isinstance(self.data, SeriesDataset):
            pair = self.data.actual(name), self.data.forecast(outputs, name)
        elif self.data.preparation is None:
            pair = np.asarray(part.y), outputs
        else:
            back = self.data.preparation.inverse_target
            pair = back(np.asarray(part.y)), back(outputs)
        true, predicted = (np.asarray(values, np.float64).reshape(len(part), -1) for values in pair)
        return true, predicted

    @property
    def is_image(self) -> bool:
        """Whether samples are images, flat or not."""
        shape = self.data.input_shape
        return self.data.image_shape is not None or (len(shape) == 3 and shape[0] in (1, 3))

    @property
    def image_shape(self) -> tuple[int, ...] | None:
        """Height and width of the images, with the channels in front if there are several."""
        shape = self.data.image_shape or self.data.input_shape
        if not self.is_image:
            return None
        return tuple(shape[1:]) if shape[0] == 1 else tuple(shape)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """The paths of the layers, in the order of their calls."""
        with no_grad(), observe(self.net, gradients=False) as seen:
            self.net(self.some[:1])
        return tuple(seen.paths)

    def layers(self, *kinds: type[Module]) -> Iterator[tuple[str, Any]]:
        """Yield the layers of these kinds with their paths."""
        for path, module in self.net.named_modules():
            if isinstance(module, kinds):
                yield path, module

    @property
    def recurrent(self) -> str | None:
        """The path of the first recurrent layer, None if there is none."""
        return next((path for path, _ in self.layers(*_RECURRENT)), None)

    def written(self, sample: Array) -> tuple[str, ...]:
        """Return what the tokens of a sample stand for, one by one; empty if they are numbers."""
        tokenizer = getattr(self.data.preparation, "tokenizer", None)
        if tokenizer is None or sample.dtype.kind not in "iu":
            return ()
        return tuple(tokenizer.decode(np.asarray([token])) for token in sample)

    def text(self, sample: Array) -> str | None:
        """Return the text that the tokens of a sample make; None if they are numbers."""
        tokenizer = getattr(self.data.preparation, "tokenizer", None)
        if tokenizer is None or sample.dtype.kind not in "iu":
            return None
        return str(tokenizer.decode(self.unfilled(sample)))

    def unfilled(self, sample: Array) -> Array:
        """Return a sequence of tokens without what only fills it up at its end."""
        tokenizer = getattr(self.data.preparation, "tokenizer", None)
        padding = getattr(tokenizer, "padding", None)
        if padding is None or sample.dtype.kind not in "iu":
            return sample
        used = np.flatnonzero(sample != padding)
        return sample[: used[-1] + 1] if used.size else sample[:1]

    @cached_property
    def findings(self) -> list[dict[str, Any]] | None:
        """What the doctor found while it was trained; None if it did not look."""
        path = self.folder / "doctor.json"
        if not path.is_file():
            return None
        found = json.loads(path.read_text("utf-8"))
        listed = found.get("findings", []) if isinstance(found, dict) else found
        return [entry for entry in listed if isinstance(entry, dict)]
