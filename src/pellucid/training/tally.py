"""Adding up an epoch: the loss and the metrics, batch by batch."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import UnsupportedError
from pellucid.training.metrics import Metric
from pellucid.training.objective import Objective

__all__ = ["Tally", "first_output"]


def first_output(outputs: Any) -> Any:
    """Return what a network predicts: of several outputs the first."""
    return outputs[0] if isinstance(outputs, (tuple, list)) else outputs


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
        self.surprises = any(metric.needs == "surprise" for metric in metrics)
        self.metrics = tuple(metric for metric in metrics if metric.name != "accuracy")
        self._keeps = any(metric.needs != "surprise" for metric in self.metrics)
        self.loss = 0.0
        self.weight = 0.0
        self.right = 0
        self.seen = 0
        self.surprise = 0.0
        self.tokens = 0
        self._outputs: list[Array] = []
        self._targets: list[Array] = []

    def add(
        self, loss: float, weight: float, outputs: Array | tuple[Any, ...], targets: Array
    ) -> None:
        """Add a batch: its mean loss, the sum of its sample weights, outputs and targets.

        Of several outputs the first is what is judged. Where labels are ignored, the batch counts
        by the share of those that are not, as its mean loss was taken over these.
        """
        predicted: Array = first_output(outputs)
        if self.counts:
            labels = self.objective.target_labels(targets)
            right = self.objective.labels(predicted) == labels
            kept = self.objective.counted(labels)
            if kept is not None:
                weight *= float(kept.mean())
                right = right[kept]
            self.right += int(np.count_nonzero(right))
            self.seen += right.size
        self.loss += loss * weight
        self.weight += weight
        if self.surprises:
            surprise = self.objective.surprise(predicted, targets)
            self.surprise += float(surprise.sum())
            self.tokens += surprise.size
        if self._keeps:
            self._outputs.append(predicted)
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
        if self.metrics and self.weight:
            predictions = _Predictions(self)
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
            "surprise": self.surprise,
            "tokens": self.tokens,
        }

    def restore(self, arrays: dict[str, Array], values: dict[str, Any]) -> None:
        """Go on from what :meth:`arrays` and :meth:`values` gave."""
        self.loss, self.weight = float(values["loss"]), float(values["weight"])
        self.right, self.seen = int(values["right"]), int(values["seen"])
        self.surprise, self.tokens = float(values["surprise"]), int(values["tokens"])
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
    elif metric.needs == "surprise" and objective.task != "multiclass":
        raise UnsupportedError(
            f"the metric '{metric.name}' is of probabilities of tokens or classes, which "
            f"{objective.name} does not give; use token_cross_entropy or cross_entropy"
        )
    elif not objective.classifies:
        raise UnsupportedError(
            f"the metric '{metric.name}' compares classes, but {objective.name} predicts values; "
            "use one such as 'r2', or a loss that classifies"
        )
    elif metric.needs in ("probabilities", "surprise") and not objective.has_probabilities:
        raise UnsupportedError(
            f"the metric '{metric.name}' needs probabilities, which {objective.name} does not give"
        )


class _Predictions:
    """Outputs in the form that each metric needs, worked out once."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._forms: dict[str, Callable[[], tuple[Array, Array]]] = {
            "labels": lambda: self._rows(tally.objective.labels(self._outputs)),
            "probabilities": lambda: self._rows(tally.objective.probabilities(self._outputs)),
            "values": lambda: (self._targets, self._outputs),
            "surprise": lambda: (np.array(tally.tokens), np.array(tally.surprise)),
        }
        self._found: dict[str, tuple[Array, Array]] = {}

    @functools.cached_property
    def _outputs(self) -> Array:
        return np.concatenate(self._tally._outputs)

    @functools.cached_property
    def _targets(self) -> Array:
        return np.concatenate(self._tally._targets)

    def _rows(self, predicted: Array) -> tuple[Array, Array]:
        """Return labels and predictions; of texts as one long row, without what is ignored."""
        objective = self._tally.objective
        labels = objective.target_labels(self._targets)
        if objective.class_axis == 1:
            return labels, predicted
        predicted = predicted.reshape(labels.size, *predicted.shape[labels.ndim :])
        labels = labels.reshape(-1)
        kept = objective.counted(labels)
        return (labels, predicted) if kept is None else (labels[kept], predicted[kept])

    def of(self, metric: Metric) -> tuple[Array, Array]:
        if metric.needs not in self._found:
            self._found[metric.needs] = self._forms[metric.needs]()
        return self._found[metric.needs]
