"""Adding up an epoch: the loss and the metrics, batch by batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import UnsupportedError
from pellucid.training.metrics import Metric
from pellucid.training.objective import Objective

__all__ = ["Tally"]


class Tally:
    """The loss and the metrics of an epoch, added up batch by batch.

    The accuracy is counted as the batches go by. For other metrics the predictions are kept, since
    most of them are no mean over batches, and computed once at the end.

    Parameters
    ----------
    objective : Objective
        What the outputs mean.
    metrics : tuple of Metric
        What to compute; the accuracy of a classifier is there without being asked for.

    Raises
    ------
    UnsupportedError
        If a metric needs labels or probabilities and the outputs are none, or the other way round.
    """

    def __init__(self, objective: Objective, metrics: tuple[Metric, ...]) -> None:
        self.objective = objective
        for metric in metrics:
            _check_metric(metric, objective)
        self.counts = objective.classifies
        self.metrics = tuple(metric for metric in metrics if metric.name != "accuracy")
        self.loss = 0.0
        self.weight = 0.0
        self.right = 0
        self.seen = 0
        self._outputs: list[Array] = []
        self._targets: list[Array] = []

    def add(self, loss: float, weight: float, outputs: Array, targets: Array) -> None:
        """Add a batch: its mean loss, the sum of its sample weights, outputs and targets."""
        self.loss += loss * weight
        self.weight += weight
        if self.counts:
            right = self.objective.labels(outputs) == self.objective.target_labels(targets)
            self.right += int(np.count_nonzero(right))
            self.seen += right.size
        if self.metrics:
            self._outputs.append(outputs)
            self._targets.append(targets)

    @property
    def mean_loss(self) -> float:
        """The mean loss so far; NaN before the first batch."""
        return self.loss / self.weight if self.weight else math.nan

    def results(self) -> dict[str, float]:
        """Return the loss and all metrics of what was added."""
        found = {"loss": self.mean_loss}
        if self.counts:
            found["accuracy"] = self.right / self.seen if self.seen else math.nan
        if self.metrics and self._outputs:
            outputs, targets = np.concatenate(self._outputs), np.concatenate(self._targets)
            predictions = _Predictions(self.objective, outputs, targets)
            for metric in self.metrics:
                found[metric.name] = metric(*predictions.of(metric))
        return found

    # Kept in checkpoints, so that an epoch can be resumed in its middle.

    def arrays(self) -> dict[str, Array]:
        """Return the predictions kept so far."""
        if not self._outputs:
            return {}
        return {
            "outputs": np.concatenate(self._outputs),
            "targets": np.concatenate(self._targets),
        }

    def values(self) -> dict[str, Any]:
        """Return the sums so far as plain values for JSON."""
        return {
            "loss": self.loss,
            "weight": self.weight,
            "right": self.right,
            "seen": self.seen,
        }

    def restore(self, arrays: dict[str, Array], values: dict[str, Any]) -> None:
        """Go on from what :meth:`arrays` and :meth:`values` gave."""
        self.loss, self.weight = float(values["loss"]), float(values["weight"])
        self.right, self.seen = int(values["right"]), int(values["seen"])
        self._outputs = [arrays["outputs"]] if arrays else []
        self._targets = [arrays["targets"]] if arrays else []


def _check_metric(metric: Metric, objective: Objective) -> None:
    """Refuse a metric that has nothing to work on."""
    if metric.needs == "values":
        if objective.task == "multiclass":
            raise UnsupportedError(
                f"the metric '{metric.name}' compares numbers, but {objective.name} predicts "
                "classes; use one such as 'f1'"
            )
    elif not objective.classifies:
        raise UnsupportedError(
            f"the metric '{metric.name}' compares classes, but {objective.name} predicts values; "
            "use one such as 'r2', or a loss that classifies"
        )
    elif metric.needs == "probabilities" and not objective.has_probabilities:
        raise UnsupportedError(
            f"the metric '{metric.name}' needs probabilities, which {objective.name} does not give"
        )


class _Predictions:
    """Outputs in the form that each metric needs, worked out once."""

    def __init__(self, objective: Objective, outputs: Array, targets: Array) -> None:
        self._objective = objective
        self._forms: dict[str, Callable[[], tuple[Array, Array]]] = {
            "labels": lambda: (objective.target_labels(targets), objective.labels(outputs)),
            "probabilities": lambda: (
                objective.target_labels(targets),
                objective.probabilities(outputs),
            ),
            "values": lambda: (targets, outputs),
        }
        self._found: dict[str, tuple[Array, Array]] = {}

    def of(self, metric: Metric) -> tuple[Array, Array]:
        if metric.needs not in self._found:
            self._found[metric.needs] = self._forms[metric.needs]()
        return self._found[metric.needs]
