"""Using a network without training it: predictions, probabilities, loss and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.data import Dataset, Part
from pellucid.dtypes import Array, as_array, default_float
from pellucid.errors import DataError, ShapeError
from pellucid.tape import no_grad
from pellucid.tensor import Tensor
from pellucid.training.metrics import Metric, MetricLike, resolve_metrics
from pellucid.training.objective import LossLike, Objective, resolve_objective
from pellucid.training.tally import Tally, first_output

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = [
    "evaluate",
    "evaluate_prepared",
    "evaluating",
    "parameter_dtype",
    "predict",
    "predict_proba",
    "sensible_batch_size",
]


def predict(net: Module, x: Any, batch_size: int | None = None) -> Array:
    """Return a network's outputs for many samples, computed in batches, without dropout.

    Parameters
    ----------
    net : Module
        The network; it is in evaluation mode meanwhile, and afterwards in the modes it had.
    x : array_like, shape (N, ...), or Part
        The samples.
    batch_size : int, optional
        Samples at a time; chosen from the size of a sample if left out.

    Returns
    -------
    Array, shape (N, ...)
        What the last layer gives: logits for classifiers. Of a network that returns a tuple, its
        first entry.

    Raises
    ------
    ShapeError
        If `x` has no sample axis, or does not fit the network.
    """
    if isinstance(x, Dataset):
        raise DataError("x is a whole data set; pass one part of it, such as dataset.test")
    samples = x.x if isinstance(x, Part) else as_array(x)
    if samples.ndim == 0:
        raise ShapeError("x is a single number; expected one sample per row, shape (N, ...)")
    if samples.dtype.kind == "f":
        samples = samples.astype(parameter_dtype(net), copy=False)
    size = batch_size or sensible_batch_size(samples)
    with evaluating(net):
        starts = range(0, max(len(samples), 1), size)  # no samples: one call, for the shape
        outputs = [_numbers(net(samples[start : start + size])) for start in starts]
    return outputs[0] if len(outputs) == 1 else np.concatenate(outputs)


def predict_proba(
    net: Module, x: Any, loss: LossLike = "cross_entropy", batch_size: int | None = None
) -> Array:
    """Return class probabilities: the loss's own nonlinearity applied to the outputs.

    Parameters
    ----------
    net, x, batch_size
        As for :func:`predict`.
    loss : callable or str
        What the network was trained with. "auto" is cross-entropy, or the binary one for a network
        with a single output.

    Returns
    -------
    Array, shape (N, C)
        Rows that sum to 1. For a yes-or-no output the columns are no and yes; for several of them,
        (N, K), each its own probability of yes.

    Raises
    ------
    UnsupportedError
        If the loss does not give the outputs a meaning as probabilities.
    """
    outputs = predict(net, x, batch_size)
    objective = resolve_objective(loss, np.zeros(0, np.int64), outputs.shape[1:])
    probabilities = objective.probabilities(outputs)
    if probabilities.ndim == 1:
        return np.stack([1 - probabilities, probabilities], axis=1)
    return probabilities


def evaluate(
    net: Module,
    part: Part | tuple[Any, Any],
    loss: LossLike = "auto",
    metrics: MetricLike | Iterable[MetricLike] = (),
    batch_size: int | None = None,
) -> dict[str, float]:
    """Return the loss and the metrics of a network on samples with known targets.

    Parameters
    ----------
    net : Module
        The network; it is in evaluation mode meanwhile.
    part : Part or (x, y)
        Samples and targets.
    loss : callable or str
        See :func:`fit`.
    metrics : str or iterable
        Names of :data:`METRICS`, or metrics. The accuracy of a classifier is always there.
    batch_size : int, optional
        Samples at a time; chosen from the size of a sample if left out.

    Returns
    -------
    dict of str to float
        "loss" and each metric. The loss is weighted by sample weights, if there are any; metrics
        are not.

    Raises
    ------
    DataError
        If there are no samples or targets, or the targets are not such as the loss takes.
    """
    samples = part if isinstance(part, Part) else Part(*part)
    if not len(samples):
        raise DataError("there are no samples to evaluate the network on")
    if samples.y is None:
        raise DataError("the samples have no targets (y) to compare predictions with")
    shape = predict(net, samples.x[:1]).shape[1:]
    objective = resolve_objective(loss, samples.y, shape)
    samples = objective.prepare(samples, shape, parameter_dtype(net))
    return evaluate_prepared(net, samples, objective, resolve_metrics(metrics), batch_size)


def evaluate_prepared(
    net: Module,
    part: Part,
    objective: Objective,
    metrics: tuple[Metric, ...],
    batch_size: int | None = None,
) -> dict[str, float]:
    """Do the work of :func:`evaluate` on samples that fit the network and the loss already."""
    x, y, weights = part.x, part.y, part.sample_weight
    assert y is not None  # Objective.prepare has seen to it
    size = batch_size or sensible_batch_size(x)
    tally = Tally(objective, metrics)
    with evaluating(net):
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            outputs = net(x[rows])
            if weights is None:
                loss = objective.function(outputs, y[rows])
                weight = float(len(y[rows]))
            else:
                loss = objective.function(outputs, y[rows], sample_weight=weights[rows])
                weight = float(weights[rows].sum())
            tally.add(float(loss.data), weight, _numbers(outputs), y[rows])
    return tally.results()


@contextmanager
def evaluating(net: Module) -> Iterator[None]:
    """Put a network into evaluation mode, record nothing, and put each layer's mode back."""
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def parameter_dtype(net: Module) -> np.dtype[Any]:
    """Return the type that a network computes in: that of its first parameter."""
    return next((parameter.data.dtype for parameter in net.parameters()), default_float)


def sensible_batch_size(x: Array) -> int:
    """Return a batch size for evaluation: many small samples at a time, few large ones."""
    numbers = int(np.prod(x.shape[1:], dtype=np.int64))
    return min(4096, max(32, 2**20 // max(numbers, 1)))


def _numbers(outputs: Any) -> Array:
    outputs = first_output(outputs)
    numbers = outputs.data if isinstance(outputs, Tensor) else outputs
    if isinstance(numbers, np.ndarray):
        return numbers
    hint = "; does forward() end with return?" if outputs is None else ""
    raise DataError(
        f"the network's forward gave a {type(outputs).__name__}, but a Tensor of outputs, "
        f"(samples, ...), or a tuple that starts with one, is needed{hint}"
    )
