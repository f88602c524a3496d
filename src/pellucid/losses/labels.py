"""Class labels, class distributions and class weights: what a classification loss is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.losses.checks import constants, like, numbers, place, within
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["class_distribution", "class_labels", "class_shape", "class_weights"]

# Rows of float32 probabilities, rounded or computed, sum to 1 within about this.
_SUM_TOLERANCE = 1e-3


def class_shape(loss: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that the labels of logits (N, C, …) must have: (N, …).

    Raises
    ------
    ShapeError
        If there is no class axis.
    """
    if len(shape) < 2:
        raise ShapeError(
            f"{loss}: the predictions have shape {shape}, but one score per class is needed, "
            "(samples, classes); for one sample write predictions[None, :]"
        )
    return shape[:1] + shape[2:]


def class_labels(
    loss: str, labels: Any, shape: tuple[int, ...], ignore_index: int | None = None
) -> tuple[Array, Array | None]:
    """Check class labels against predictions of `shape` (N, C, …).

    Returns
    -------
    labels : array of intp, (N·…,)
        Ignored labels are replaced by 0.
    keep : array of bool, (N·…,), or None
        Which labels are not `ignore_index`; None if there is none to ignore.

    Raises
    ------
    DTypeError
        If the labels are not whole numbers.
    ShapeError
        If there is not one label per row.
    DataError
        If a label is not in 0 … C − 1, naming it and its row.
    """
    data = numbers(labels)
    expected = class_shape(loss, shape)
    if data.shape != expected:
        raise ShapeError(_labels_misfit(loss, data.shape, shape, expected))
    if data.dtype != np.intp:
        if data.dtype.kind == "f":
            raise DTypeError(
                f"{loss}: class labels are whole numbers, got {data.dtype}; use "
                "labels.astype(np.int64), or a regression loss if they are measurements"
            )
        data = data.astype(np.intp)
    if data.ndim != 1:
        data = data.reshape(-1)
    keep = None
    if ignore_index is not None:
        keep = data != ignore_index
        data = np.where(keep, data, 0)
    # Seen as unsigned, a negative label is a huge one: a single reduction finds both mistakes.
    if data.size and np.maximum.reduce(data.view(np.uintp)) >= shape[1]:
        wrong = (data < 0) | (data >= shape[1])
        where = place(wrong.reshape(expected))
        raise DataError(
            f"{loss}: label {data[np.argmax(wrong)]} at {where}, but the predictions have "
            f"{shape[1]} classes 0..{shape[1] - 1}"
        )
    return data, keep


def _labels_misfit(
    loss: str, found: tuple[int, ...], shape: tuple[int, ...], expected: tuple[int, ...]
) -> str:
    message = (
        f"{loss}: predictions of shape {shape} need one label per row, shape {expected}, "
        f"but the labels have shape {found}"
    )
    if found == (*expected, 1) or (len(found) > 1 and found == (found[0], 1)):
        return f"{message}; drop the last axis with labels[..., 0]"
    if found == shape:
        return f"{message}; if they are one-hot rows use labels.argmax(axis=1)"
    return message


def class_distribution(loss: str, predictions: Tensor, targets: Any, axis: int = 1) -> Value:
    """Check that `targets` hold a distribution over the classes for every row.

    Raises
    ------
    DataError
        If a probability is outside of [0, 1], or a row does not sum to 1.
    """
    values = like(loss, predictions, targets)
    data = numbers(values)
    within(loss, "targets", data, 0.0, 1.0, "probabilities lie between 0 and 1")
    totals = np.add.reduce(data, axis=axis)
    wrong = np.abs(totals - 1) > _SUM_TOLERANCE
    if wrong.any():
        raise DataError(
            f"{loss}: the target probabilities at {place(wrong)} sum to "
            f"{totals[np.unravel_index(int(np.argmax(wrong)), wrong.shape)]:.6g}, not to 1; "
            f"divide each row by its sum: t / t.sum(axis={axis}, keepdims=True)"
        )
    return values


def class_weights(loss: str, weights: Any, classes: int, dtype: np.dtype[Any]) -> Array:
    """Return one weight per class in `dtype`.

    Raises
    ------
    ShapeError
        If there is not one weight per class.
    DataError
        If a weight is negative or not finite.
    """
    data = constants(loss, "class_weight", weights).astype(dtype)
    if data.shape != (classes,):
        raise ShapeError(
            f"{loss}: class_weight has shape {data.shape}, but there are {classes} classes: "
            f"give {classes} numbers"
        )
    if not np.isfinite(data).all() or (data < 0).any():
        raise DataError(f"{loss}: class weights are finite and at least 0, got {data.tolist()}")
    return data
