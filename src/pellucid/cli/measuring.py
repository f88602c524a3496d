"""How good a network is: in the target's own unit, and beside the simplest possible prediction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part, Preparation
    from pellucid.dtypes import Array
    from pellucid.nn import Module

__all__ = ["Measures", "baseline_of", "measure", "outputs_to_labels"]


_CHIEF = {
    "classification": "accuracy",
    "regression": "r2",
    "language": "loss",
    "series": "mae",
    "reconstruction": "mse",
    "anomaly": "accuracy",
    "samples": "loss",
}


@dataclass(frozen=True)
class Measures:
    """What was measured on some samples.

    Parameters
    ----------
    task : str
        What was to be done: a key of `_CHIEF`.
    samples : int
        How many samples there were.
    values : dict
        The loss, the accuracy or R², and the other metrics, by name.
    baseline : dict
        The same of always predicting the most frequent class, or the mean, of the training rows.
    always : str
        What the baseline predicts, for people.
    confusion : ndarray of int, shape (C, C), optional
        How often class i (row) was taken for class j (column).
    classes : tuple of str
        The names of these classes, where they are not those of the network.
    others : dict of str to dict
        The same numbers for other methods.
    remark : str
        What else there is to say.
    """

    task: str
    samples: int
    values: dict[str, float]
    baseline: dict[str, float] = field(default_factory=dict)
    always: str = ""
    confusion: Array | None = None
    classes: tuple[str, ...] = ()
    others: dict[str, dict[str, float]] = field(default_factory=dict)
    remark: str = ""

    @property
    def chief(self) -> str:
        """The name of the number that counts most."""
        return _CHIEF[self.task]


def baseline_of(data: Dataset) -> dict[str, Any]:
    """Return the simplest prediction that the training rows suggest, as plain values."""
    y = data.train.y
    assert y is not None  # loaded with targets
    if data.task == "classification":
        return {"label": int(np.bincount(y, minlength=data.num_classes).argmax())}
    return {"mean": y.reshape(len(y), -1).mean(axis=0, dtype=np.float64).tolist()}


def measure(
    net: Module,
    part: Part,
    *,
    class_names: tuple[str, ...],
    loss: str | None,
    preparation: Preparation | None,
    baseline: dict[str, Any],
    metrics: Iterable[str] = (),
) -> Measures:
    """Measure a network on prepared samples.

    Parameters
    ----------
    net : Module
        The network.
    part : Part
        The samples with their targets.
    class_names : tuple of str
        The classes; empty for regression.
    loss : str or None
        What the network was trained with; None for the perceptron's rule, which has no loss.
    preparation : Preparation or None
        Brings predictions back to the target's unit.
    baseline : dict
        What :func:`baseline_of` returned.
    metrics : iterable of str
        What to measure besides the usual.

    Raises
    ------
    DataError
        If a metric does not go with the task.
    """
    asked = tuple(dict.fromkeys(metrics))
    if class_names:
        return _classification(net, part, class_names, loss, baseline, asked)
    return _regression(net, part, loss or "mean_squared_error", preparation, baseline, asked)


def outputs_to_labels(outputs: Array, loss: str | None) -> Array:
    """Return the predicted labels, (N,), of a network's outputs."""
    from pellucid.training.objective import resolve_objective

    if loss is None:  # the perceptron puts out its answer
        return (outputs[:, 0] > 0.5).astype(np.int64)
    objective = resolve_objective(loss, np.zeros(0, np.int64), outputs.shape[1:])
    labels: Array = objective.labels(outputs)
    return labels


def _classification(
    net: Module,
    part: Part,
    class_names: tuple[str, ...],
    loss: str | None,
    baseline: dict[str, Any],
    asked: tuple[str, ...],
) -> Measures:
    from pellucid.training import METRICS, evaluate, predict

    for name in asked:
        if METRICS[name].needs == "values":
            raise DataError(f"the metric {name} is of numbers, but this network predicts classes")
    truth = part.y
    assert truth is not None  # evaluated parts have targets
    labels = outputs_to_labels(predict(net, part.x), loss)
    values: dict[str, float] = {"accuracy": float(np.mean(labels == truth))}
    if loss is not None:
        values = evaluate(net, part, loss=loss, metrics=asked)
    else:
        for name in asked:
            values[name] = METRICS[name](truth, labels)
    classes = len(class_names)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (truth, labels), 1)
    common = int(baseline["label"])
    return Measures(
        "classification",
        len(part),
        values,
        {"accuracy": float(np.mean(truth == common))},
        f"always '{class_names[common]}'",
        confusion,
    )


def _regression(
    net: Module,
    part: Part,
    loss: str,
    preparation: Preparation | None,
    baseline: dict[str, Any],
    asked: tuple[str, ...],
) -> Measures:
    from pellucid.training import METRICS, evaluate, predict

    for name in asked:
        if METRICS[name].needs != "values":
            raise DataError(f"the metric {name} is of classes, but this network predicts numbers")
    assert part.y is not None  # evaluated parts have targets
    truth = part.y.reshape(len(part), -1)
    predicted = predict(net, part.x).reshape(len(part), -1)
    mean = np.broadcast_to(np.asarray(baseline["mean"], truth.dtype), truth.shape)
    if preparation is not None and preparation.target is not None:
        truth, predicted, mean = map(preparation.inverse_target, (truth, predicted, mean))
    names = dict.fromkeys(("r2", "mae", "rmse", *asked))
    found = {name: METRICS[name](truth, predicted) for name in names}
    return Measures(
        "regression",
        len(part),
        {"loss": evaluate(net, part, loss=loss)["loss"], **found},
        {name: METRICS[name](truth, mean) for name in names},
        "always the mean",
    )
