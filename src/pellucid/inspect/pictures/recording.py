"""A callback that keeps how activations, gradients and updates are distributed while training."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.inspect.observing import Observation, observe
from pellucid.training.callbacks.callback import Callback
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from pellucid.training import Trainer

__all__ = ["QUANTILES", "LayerRecorder"]

QUANTILES: Array = np.linspace(0.0, 1.0, 65)
"""Where the distributions are known: from the smallest value to the largest."""


class LayerRecorder(Callback):
    """Keeps the distributions in each layer, and the size of each update, at some of the updates.

    Parameters
    ----------
    every : int
        How many updates lie between two records. The others cost nothing.

    Attributes
    ----------
    steps : list of int
        The updates that were recorded, counted from 1.
    kinds : dict of str to str
        The class of each layer, by path.
    activations, gradients : dict of str to list of ndarray
        For each layer, by path, the quantiles at :data:`QUANTILES` of its outputs, and of the
        gradient of the loss with respect to them; one array for each record. Of an update that adds
        the gradients of several batches up, the first batch.
    update_ratios : dict of str to list of float
        For each parameter, by path, ‖ΔW‖ / ‖W‖ of the update. About 10⁻³ is usual.
    """

    def __init__(self, every: int = 50) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise DataError(f"every is a whole number of updates ≥ 1, got {every!r}")
        self.every = every
        self.steps: list[int] = []
        self.kinds: dict[str, str] = {}
        self.activations: dict[str, list[Array]] = {}
        self.gradients: dict[str, list[Array]] = {}
        self.update_ratios: dict[str, list[float]] = {}
        self._stack = ExitStack()
        self._seen: Observation | None = None
        self._weights: dict[str, Array] = {}

    def on_train_begin(self, trainer: Trainer) -> None:
        """Watch the first update, if it is due."""
        self._watch_next(trainer)

    def on_epoch_begin(self, trainer: Trainer) -> None:
        """Forget what the evaluation between two epochs has shown."""
        if self._seen is not None:
            self._seen.clear()

    def on_gradients(self, trainer: Trainer) -> None:
        """Keep the weights as they are before the update."""
        if self._seen is not None:
            self._weights = {path: p.data.copy() for path, p in trainer.net.named_parameters()}

    def on_batch_end(self, trainer: Trainer) -> None:
        """Write the record of an update that was watched, and watch the next if it is due."""
        if self._seen is not None:
            self._write(trainer, self._seen)
            self._stop()
        self._watch_next(trainer)

    def on_train_end(self, trainer: Trainer) -> None:
        """Stop watching."""
        self._stop()

    def on_train_error(self, trainer: Trainer) -> None:
        """Stop watching."""
        self._stop()

    def _watch_next(self, trainer: Trainer) -> None:
        if trainer.step % self.every == 0:
            self._seen = self._stack.enter_context(observe(trainer.net))

    def _stop(self) -> None:
        self._stack.close()
        self._seen = None
        self._weights = {}

    def _write(self, trainer: Trainer, seen: Observation) -> None:
        self.steps.append(trainer.step)
        for path, module in seen.modules.items():
            if module.children() and not hasattr(module, "cells"):
                continue
            self.kinds[path] = type(module).__name__
            for kept, all_of in (
                (self.activations, seen.outputs[path]),
                (self.gradients, seen.gradients[path]),
            ):
                values = first_output(all_of[0])
                if values is None or np.asarray(values).dtype.kind != "f":
                    values = np.full(1, np.nan)
                kept.setdefault(path, []).append(np.quantile(values, QUANTILES))
        for path, parameter in trainer.net.named_parameters():
            before = self._weights[path]
            size = float(np.linalg.norm(before))
            change = float(np.linalg.norm(parameter.data - before))
            self.update_ratios.setdefault(path, []).append(change / size if size else np.nan)

    def state_dict(self) -> dict[str, Any]:
        """Return the records."""
        arrays = {
            f"{kind}.{path}": np.stack(records)
            for kind in ("activations", "gradients")
            for path, records in getattr(self, kind).items()
        }
        return {
            "arrays": arrays,
            "values": {
                "steps": list(self.steps),
                "kinds": dict(self.kinds),
                "update_ratios": dict(self.update_ratios),
            },
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take the records back."""
        self.steps = list(state["values"]["steps"])
        self.kinds = dict(state["values"]["kinds"])
        self.update_ratios = {p: list(r) for p, r in state["values"]["update_ratios"].items()}
        for kind in ("activations", "gradients"):
            start = f"{kind}."
            setattr(
                self,
                kind,
                {
                    name.removeprefix(start): list(records)
                    for name, records in state["arrays"].items()
                    if name.startswith(start)
                },
            )
