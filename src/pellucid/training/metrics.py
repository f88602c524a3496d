"""Metrics by name: what people judge a network by, besides its loss.

The few that are one line of NumPy are computed here; the others are scikit-learn's.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, MissingExtraError, UnknownNameError

__all__ = ["METRICS", "Metric", "MetricLike", "better_is", "metric_named", "resolve_metrics"]

Needs: TypeAlias = Literal["labels", "probabilities", "values", "surprise"]
"""What a metric compares the targets with: predicted labels, probabilities, or plain numbers.

"surprise" is −ln p of the true classes or tokens: it is added up as the batches go by, because
keeping a number per token of the vocabulary for a whole epoch would take too much memory.
"""

Score: TypeAlias = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    Parameters
    ----------
    name : str
        Its name in the history and on the screen; ``val_`` is put in front for validation data.
    compute : callable
        Takes targets and predictions of a whole epoch, returns a number.
    needs : "labels", "probabilities", "values" or "surprise"
        What the predictions are: labels (N,) of whole numbers; probabilities, (N, C), or (N,) of
        the second of two classes; the network's numbers as they are; or two numbers, of how many
        true tokens (or classes) there were, and the sum of −ln p over them.
    better : "max" or "min"
        Whether more or less of it is better.
    formula : str
        For people.
    """

    name: str
    compute: Score
    needs: Needs
    better: Literal["max", "min"]
    formula: str = ""

    def __call__(self, targets: Array, predictions: Array) -> float:
        """Return the metric of all predictions together."""
        return float(self.compute(targets, predictions))


MetricLike: TypeAlias = str | Metric
"""A metric, or the name of one."""


def _accuracy(targets: Array, labels: Array) -> float:
    return float(np.mean(targets == labels))


def _mean_squared_error(targets: Array, values: Array) -> float:
    return float(np.mean(np.square(values - targets)))


def _root_mean_squared_error(targets: Array, values: Array) -> float:
    return float(np.sqrt(_mean_squared_error(targets, values)))


def _mean_absolute_error(targets: Array, values: Array) -> float:
    return float(np.mean(np.abs(values - targets)))


def _r2(targets: Array, values: Array) -> float:
    """Return 1 − Σ(y−p)²/Σ(y−ȳ)² per column, averaged; a constant column counts 1 or 0."""
    targets = targets.reshape(len(targets), -1)
    values = values.reshape(len(values), -1)
    residual = np.sum(np.square(targets - values), axis=0)
    total = np.sum(np.square(targets - targets.mean(axis=0)), axis=0)
    varies = total > 0
    share = np.divide(residual, total, out=(residual > 0).astype(float), where=varies)
    return float(np.mean(1 - share))


def _from_sklearn(function: str, **options: Any) -> Score:
    def compute(targets: Array, predictions: Array) -> float:
        try:
            module = importlib.import_module("sklearn.metrics")
        except ImportError as error:
            raise MissingExtraError("scikit-learn", "sklearn", f"the metric {function}") from error
        return float(getattr(module, function)(targets, predictions, **options))

    return compute


def _by_average(function: str) -> Score:
    """Return a metric of the positive class for two classes, and the mean over classes for more.

    Both are what scikit-learn calls them: ``average="binary"`` and ``average="macro"``.
    """

    def compute(targets: Array, labels: Array) -> float:
        two = targets.ndim == 1 and not (np.any(targets > 1) or np.any(labels > 1))
        score = _from_sklearn(function, average="binary" if two else "macro", zero_division=0.0)
        return score(targets, labels)

    return compute


def _roc_auc(targets: Array, probabilities: Array) -> float:
    if probabilities.ndim == 2 and targets.ndim == 1 and probabilities.shape[1] == 2:
        probabilities = probabilities[:, 1]
    if probabilities.ndim == 2 and targets.ndim == 1:
        score = _from_sklearn(
            "roc_auc_score",
            multi_class="ovr",
            labels=np.arange(probabilities.shape[1]),
        )
        present = np.unique(targets)
        if len(present) < probabilities.shape[1]:
            return float("nan")  # undefined: a class does not occur
        # float32 rows sum to 1 only to 1e-7, which scikit-learn refuses
        wide = probabilities.astype(np.float64)
        return score(targets, wide / wide.sum(axis=1, keepdims=True))
    if len(np.unique(targets)) < 2:
        return float("nan")
    return _from_sklearn("roc_auc_score")(targets, probabilities)


def _log_loss(targets: Array, probabilities: Array) -> float:
    if probabilities.ndim == 1:
        return _from_sklearn("log_loss", labels=[0, 1])(targets, probabilities.astype(np.float64))
    wide = probabilities.astype(np.float64)
    score = _from_sklearn("log_loss", labels=np.arange(wide.shape[1]))
    return score(targets, wide / wide.sum(axis=1, keepdims=True))


def _bits_per_token(tokens: Array, surprise: Array) -> float:
    """Return Σ −ln p / (n ln 2); Shannon (1948)."""
    return float(surprise) / (float(tokens) * math.log(2)) if tokens else math.nan


def _perplexity(tokens: Array, surprise: Array) -> float:
    """Return e^(Σ −ln p / n); Jelinek et al. (1977). It overflows to infinity."""
    with np.errstate(over="ignore"):
        return float(np.exp(surprise / tokens)) if tokens else math.nan


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", _accuracy, "labels", "max", "share of labels that are right"),
        Metric(
            "balanced_accuracy",
            _from_sklearn("balanced_accuracy_score"),
            "labels",
            "max",
            "mean over classes of the share found",
        ),
        Metric("f1", _by_average("f1_score"), "labels", "max", "2·P·R / (P + R)"),
        Metric(
            "precision", _by_average("precision_score"), "labels", "max", "right ones of those said"
        ),
        Metric("recall", _by_average("recall_score"), "labels", "max", "found ones of those there"),
        Metric(
            "matthews", _from_sklearn("matthews_corrcoef"), "labels", "max", "correlation of labels"
        ),
        Metric("roc_auc", _roc_auc, "probabilities", "max", "area under the ROC curve"),
        Metric("log_loss", _log_loss, "probabilities", "min", "mean −log p of the true class"),
        Metric("perplexity", _perplexity, "surprise", "min", "e^(mean −ln p of the true token)"),
        Metric(
            "bits_per_token",
            _bits_per_token,
            "surprise",
            "min",
            "mean −log₂ p of the true token",
        ),
        Metric("r2", _r2, "values", "max", "1 − Σ(y−p)²/Σ(y−ȳ)²"),
        Metric("mae", _mean_absolute_error, "values", "min", "mean |y−p|"),
        Metric("mse", _mean_squared_error, "values", "min", "mean (y−p)²"),
        Metric("rmse", _root_mean_squared_error, "values", "min", "√ mean (y−p)²"),
    )
}
"""Every metric, by name."""


def metric_named(name: str) -> Metric:
    """Return a metric by name; hyphens and case do not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    plain = name.lower().replace("-", "_")
    if plain not in METRICS:
        raise UnknownNameError("metric", name, METRICS)
    return METRICS[plain]


def resolve_metrics(metrics: MetricLike | Iterable[MetricLike]) -> tuple[Metric, ...]:
    """Return metrics for names and metrics, each once.

    Raises
    ------
    DataError
        If something else is among them, or two have the same name.
    """
    given = [metrics] if isinstance(metrics, (str, Metric)) else list(metrics)
    found: dict[str, Metric] = {}
    for entry in given:
        if not isinstance(entry, (str, Metric)):
            raise DataError(
                f"a metric is a name or a Metric, got {entry!r}; wrap a function as "
                "Metric('name', function, 'labels', 'max')"
            )
        metric = metric_named(entry) if isinstance(entry, str) else entry
        if metric.name in found:
            raise DataError(f"the metric '{metric.name}' is asked for twice")
        found[metric.name] = metric
    return tuple(found.values())


def better_is(name: str) -> Literal["max", "min"]:
    """Return whether more or less of a history's column is better; less, for what is not known."""
    plain = name.removeprefix("val_")
    return METRICS[plain].better if plain in METRICS else "min"
