"""What every loss checks before it computes: types, equal shapes, ranges, and a doubled softmax.

The checks run at each training step, so each is one reduction over the targets, and the search for
the place of the mistake starts only after one was found.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, as_array, default_float
from pellucid.errors import DataError, GradientError, ShapeError
from pellucid.primitives.declaration import Recorded, Value
from pellucid.tape import Producer
from pellucid.tensor import Tensor

__all__ = [
    "LossInputWarning",
    "constants",
    "float_tensor",
    "like",
    "numbers",
    "place",
    "refuse",
    "refuse_positive",
    "warn_if_squashed",
    "within",
]


class LossInputWarning(UserWarning):
    """A softmax or a sigmoid stands before a loss that applies one itself."""


def numbers(value: Any) -> Array:
    """Return the plain numbers of a Tensor, an array or a list."""
    return value.data if isinstance(value, Recorded) else as_array(value)


def constants(loss: str, kind: str, value: Any) -> Array:
    """Return the plain numbers of what a loss is not differentiated by.

    Raises
    ------
    GradientError
        If a gradient by it is wanted.
    """
    if isinstance(value, Recorded) and value.requires_grad:
        raise GradientError(
            f"{loss}: {kind} is a constant here, without a gradient; pass its plain numbers .data, "
            'or take reduction="none" and weigh the losses yourself'
        )
    return numbers(value)


def float_tensor(value: Any) -> Tensor:
    """Return a network's output as a Tensor of floats; whole numbers become float32."""
    if isinstance(value, Tensor) and value.data.dtype.kind == "f":
        return value
    data = numbers(value)
    return Tensor(data if data.dtype.kind == "f" else data.astype(default_float))


def place(mask: Array) -> str:
    """Say in words where the first True of `mask` is."""
    index = [int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape)]
    if len(index) == 1:
        return f"row {index[0]}"
    if len(index) == 2:
        return f"row {index[0]}, column {index[1]}"
    return f"index {tuple(index)}" if index else "the only entry"


def refuse(loss: str, kind: str, data: Array, wrong: Array, expected: str) -> None:
    """Raise a DataError that names the first wrong entry, if there is one."""
    if wrong.any():
        value = data[np.unravel_index(int(np.argmax(wrong)), wrong.shape)]
        raise DataError(f"{loss}: the {kind} hold {value:.6g} at {place(wrong)}; {expected}")


def like(loss: str, predictions: Tensor, targets: Any, kind: str = "targets") -> Value:
    """Return `targets` in the type of the predictions, after checking shape and NaN.

    A Tensor stays a Tensor, so that a loss can be differentiated by its targets too.

    Raises
    ------
    ShapeError
        If the shapes differ: broadcasting (N, 1) against (N,) would silently compare every
        prediction with every target.
    DataError
        If a target is NaN.
    """
    data = numbers(targets)
    if data.shape != predictions.data.shape:
        raise ShapeError(_shapes_differ(loss, kind, predictions.data.shape, data.shape))
    values: Value = targets if isinstance(targets, Recorded) else data
    if data.dtype != predictions.data.dtype:
        values = p.cast(values, dtype=predictions.data.dtype)
    if data.size:
        lowest = np.minimum.reduce(data, axis=None)
        if lowest != lowest:
            refuse(
                loss, kind, data, np.isnan(data), "drop or fill such rows before training on them"
            )
    return values


def _shapes_differ(loss: str, kind: str, shape: tuple[int, ...], other: tuple[int, ...]) -> str:
    message = f"{loss}: the predictions have shape {shape}, the {kind} {other}; they must be equal"
    if (*other, 1) == shape:
        return f"{message}. Give the {kind} the same last axis: {kind}[:, None]" + (
            "" if len(other) == 1 else f", here {kind}[..., None]"
        )
    if (*shape, 1) == other:
        return f"{message}. Drop the last axis of the {kind}: {kind}[..., 0]"
    if len(shape) == 2 and other == shape[:1]:
        return (
            f"{message}. If the {kind} are class labels, use cross_entropy, "
            f"or turn them into {shape[1]} columns with one_hot"
        )
    if np.prod(shape) == np.prod(other):
        return f"{message}. If the entries are in the same order: {kind}.reshape{shape}"
    return message


def within(loss: str, kind: str, data: Array, low: float, high: float, expected: str) -> None:
    """Check that all numbers lie in a closed range.

    Raises
    ------
    DataError
        Naming the first number outside, its place, and what was expected.
    """
    if data.size and (
        np.minimum.reduce(data, axis=None) < low or np.maximum.reduce(data, axis=None) > high
    ):
        refuse(loss, kind, data, (data < low) | (data > high), expected)


# A log-probability of almost certainty may come out of its computation a little above 0.
_LOG_TOLERANCE = 1e-3


def refuse_positive(loss: str, log_probabilities: Tensor) -> None:
    """Check that predictions can be log-probabilities.

    Raises
    ------
    DataError
        If one is above 0: logits or probabilities were given instead.
    """
    data = log_probabilities.data
    if data.size and np.maximum.reduce(data, axis=None) > _LOG_TOLERANCE:
        expected = "log-probabilities are at most 0: end the network in log_softmax"
        refuse(loss, "predictions", data, data > _LOG_TOLERANCE, expected)


_MOVES = (p.reshape, p.getitem, p.transpose)


def _producer(value: Any) -> Producer | None:
    """Return the call that made a value, behind mere changes of shape; None if there is none."""
    producer: Producer | None = getattr(value, "producer", None)
    while producer is not None and producer.primitive in _MOVES:
        producer = getattr(producer.inputs[0], "producer", None)
    return producer


def _made_by(value: Any, primitive: p.Primitive) -> tuple[Any, ...] | None:
    """Return the inputs of the call that made a value, if it was one of `primitive`."""
    producer = _producer(value)
    return producer.inputs if producer is not None and producer.primitive is primitive else None


def _squashed_by(value: Tensor) -> str | None:
    """Name the softmax or sigmoid that made a value, also one that is written out by hand."""
    producer = _producer(value)
    if producer is None:
        return None
    made, inputs = producer.primitive, producer.inputs
    if made is p.sigmoid:
        return "sigmoid"
    if made is p.exp:
        return "softmax" if _made_by(inputs[0], p.log_softmax) else None
    if made is p.divide:
        top, bottom = inputs
        added = _made_by(bottom, p.sum)
        if added and _made_by(added[0], p.exp) and _made_by(top, p.exp):
            return "softmax"  # e / e.sum(axis=1, keepdims=True), with e = np.exp(z)
        terms = _made_by(bottom, p.add) or ()
        if not isinstance(top, Recorded) and any(_made_by(term, p.exp) for term in terms):
            return "sigmoid"  # 1 / (1 + np.exp(-z))
    return None


def warn_if_squashed(loss: str, predictions: Tensor) -> None:
    """Warn if the logits are the result of a softmax or a sigmoid (`LossInputWarning`).

    The loss applies its own, and a second one flattens the gradient: the network trains, badly.
    """
    name = _squashed_by(predictions)
    if name is None:
        return
    warnings.warn(
        f"{loss} takes logits and applies the nonlinearity itself, but these predictions come out "
        f"of a {name}: remove the {name} at the end of the network",
        LossInputWarning,
        stacklevel=3,
    )
