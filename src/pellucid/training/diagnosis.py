"""Finding where a NaN or an infinity comes from: which layer, in which phase, from what values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import tape
from pellucid.dtypes import Array

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.tensor import Parameter, Tensor
    from pellucid.training.objective import Objective

__all__ = ["Finding", "describe", "find_non_finite", "spoiled_gradient", "spoiled_weight"]

Batch = tuple[Array, ...]


@dataclass(frozen=True)
class Finding:
    """Where the first NaN or infinity appeared.

    Parameters
    ----------
    phase : "data", "update", "forward", "loss" or "backward"
        In which part of a training step.
    layer : str
        The path of the layer, empty if it was outside of all.
    detail : str
        What was seen there, with ranges of values.
    """

    phase: str
    layer: str
    detail: str


@dataclass(frozen=True)
class _Call:
    path: str
    kind: str
    inputs: tuple[Any, ...]
    output: Any


def spoiled_gradient(parameters: Iterable[Parameter]) -> Array | None:
    """Return the first gradient that has a NaN or an infinity.

    A dot product of the gradient with itself is the fastest pass over memory that NumPy has. It is
    infinite too where a finite entry is too large to square, and only then each entry is looked at.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        for parameter in parameters:
            gradient = parameter.grad
            if gradient is None:
                continue
            flat = gradient.reshape(-1)
            total = np.dot(flat, flat)
            if total - total != 0 and not np.isfinite(gradient).all():  # ∞ − ∞ and NaN are not 0
                return gradient
    return None


def spoiled_weight(net: Module) -> tuple[str, Array] | None:
    """Return the first parameter that has a NaN or an infinity, with its path."""
    for path, parameter in net.named_parameters():
        if not np.isfinite(parameter.data).all():
            return path, parameter.data
    return None


def find_non_finite(net: Module, objective: Objective, batch: Batch) -> Finding | None:
    """Go forward and backward through a batch once more, and look at every value on the way.

    Parameters
    ----------
    net : Module
        The network, with the weights that the batch met. Its buffers may change.
    objective : Objective
        The loss.
    batch : tuple of ndarray
        Samples, targets, and perhaps weights.

    Returns
    -------
    Finding or None
        None if everything is finite this time, which dropout can bring about.
    """
    from pellucid import nn

    for name, array in zip(("x", "y", "sample_weight"), batch, strict=False):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            return Finding("data", "", f"the batch's {name} has {describe(array)}")
    spoiled = spoiled_weight(net)
    if spoiled is not None:
        path, weight = spoiled
        layer, _, name = path.rpartition(".")
        return Finding("update", layer, f"its {name} has {describe(weight)}")

    calls: list[_Call] = []

    def watch(path: str, module: Module, inputs: Any, output: Any) -> None:
        calls.append(_Call(path, type(module).__name__, tuple(inputs), output))

    with nn.observe_calls(net, watch):
        outputs = net(batch[0])
    for call in calls:
        value = _data(call.output)
        if value is not None and not np.isfinite(value).all():
            inputs = [describe(x) for x in map(_data, call.inputs) if x is not None]
            came = f" from inputs with {' and '.join(inputs)}" if inputs else ""
            return Finding("forward", call.path, f"{call.kind} gave {describe(value)}{came}")
    weights = {"sample_weight": batch[2]} if len(batch) > 2 else {}
    loss = objective.function(outputs, batch[1], **weights)
    if not np.isfinite(loss.data).all():
        seen = _data(outputs)
        came = "" if seen is None else f" from outputs with {describe(seen)}"
        return Finding("loss", "", f"{objective.name} gave {loss.data.item()}{came}")
    return _in_backward(loss, calls)


def _in_backward(loss: Tensor, calls: list[_Call]) -> Finding | None:
    """Return the first gradient, coming back from the loss, that is not finite."""
    bad: list[tuple[Any, Array]] = []

    def visit(value: Any, gradient: Any) -> None:
        if not bad and not np.isfinite(gradient).all():
            bad.append((value, np.asarray(gradient)))

    results = tape.backpropagate(loss, np.ones_like(loss.data), visit=visit)
    leaves = [(leaf, np.asarray(g)) for leaf, g in results.values() if not np.isfinite(g).all()]
    if bad:
        value, gradient = bad[0]
        # The VJP that made this gradient is that of the call that used the value
        layer, kind = _maker(value.producer.order + 1, calls)
        made = value.producer.primitive.name
        return Finding(
            "backward",
            layer,
            f"the gradient of the result of '{made}', a value with {describe(value.data)}, has "
            f"{describe(gradient)}{f' (on the way back through {kind})' if kind else ''}",
        )
    if leaves:
        leaf, gradient = leaves[0]
        return Finding(
            "backward",
            getattr(leaf, "name", None) or "",
            f"the gradient of a parameter of shape {leaf.data.shape} has {describe(gradient)}",
        )
    return None


def _maker(order: int, calls: list[_Call]) -> tuple[str, str]:
    """Return path and kind of the layer that made the recorded call numbered `order`."""
    for call in calls:  # inner modules come before those that they are in
        producer = getattr(call.output, "producer", None)
        if producer is not None and order <= producer.order:
            return call.path, call.kind
    return "", "the loss"


def describe(values: Array) -> str:
    """Return for example "3 NaN and 1 infinite of 640 values, the others from -2.5 to 7.1"."""
    finite = values[np.isfinite(values)]
    nan = int(np.count_nonzero(np.isnan(values)))
    infinite = values.size - finite.size - nan
    found = [f"{nan:,} NaN"] if nan else []
    found += [f"{infinite:,} infinite"] if infinite else []
    span = f"from {finite.min():.4g} to {finite.max():.4g}" if finite.size else ""
    if not found:
        return f"values {span}" if span else "no values"
    text = f"{' and '.join(found)} of {values.size:,} values"
    return f"{text}, the others {span}" if span else text


def _data(value: Any) -> Array | None:
    data = getattr(value, "data", None) if not isinstance(value, np.ndarray) else value
    return data if isinstance(data, np.ndarray) and data.dtype.kind == "f" else None
