"""Prepare arrays: subtract, divide, reshape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.checks import finite
from pellucid.data.preparation import VERSION, Preparation, Unknown
from pellucid.data.target import Target, target_from_json
from pellucid.dtypes import Array, as_array
from pellucid.errors import ShapeError

__all__ = ["ArrayPreparation"]

_BLOCK = 4096


@dataclass(frozen=True)
class ArrayPreparation(Preparation):
    """Arrays of numbers: (x − center) / scale, then the shape that the network takes.

    Parameters
    ----------
    input_shape : tuple of int
        The shape of one prepared sample.
    center, scale : tuple of float
        One for all numbers, or one for each number of a sample.
    names : tuple of str
        The features' names, if they have any.
    target : ClassTarget or NumericTarget, optional
        What is predicted.
    image_shape : tuple of int, optional
        (channels, height, width) if the samples are images.
    """

    kind: ClassVar[str] = "array"
    input_shape: tuple[int, ...]
    center: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
    names: tuple[str, ...] = ()
    target: Target | None = None
    image_shape: tuple[int, int, int] | None = None

    @classmethod
    def fit(
        cls,
        x: Array,
        *,
        per_feature: bool,
        input_shape: tuple[int, ...] | None = None,
        names: Sequence[str] = (),
        target: Target | None = None,
        image_shape: tuple[int, int, int] | None = None,
    ) -> Self:
        """Take mean and standard deviation from training samples, per number or over all."""
        rows = x.reshape(len(x), -1)
        axis = 0 if per_feature else None
        center = np.atleast_1d(rows.mean(axis=axis, dtype=np.float64))
        # By blocks, so that the bytes of a big image set are not all widened at once.
        squares = sum(
            np.square(rows[start : start + _BLOCK] - center).sum(axis=axis)
            for start in range(0, len(rows), _BLOCK)
        )
        deviation = np.atleast_1d(np.sqrt(squares / (len(rows) if per_feature else rows.size)))
        varies = np.atleast_1d(rows.min(axis=axis) < rows.max(axis=axis))
        return cls(
            x.shape[1:] if input_shape is None else input_shape,
            tuple(center.tolist()),
            tuple(np.where(varies, deviation, 1.0).tolist()),
            tuple(names),
            target,
            image_shape,
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names; empty if they have none."""
        return self.names

    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return raw samples, shape (N, ...), as network input, float32, (N, *input_shape).

        Raises
        ------
        ShapeError
            If a sample has another number of values.
        DataError
            If a value is NaN or infinite.
        """
        x = finite(as_array(rows), "x")
        width = int(np.prod(self.input_shape, dtype=np.int64))
        if x.ndim == 0 or int(np.prod(x.shape[1:], dtype=np.int64)) != width:
            hint = "; for one sample pass x[None]" if x.size == width else ""
            raise ShapeError(
                f"expected samples of {width} numbers, shape (N, "
                f"{', '.join(map(str, self.input_shape))}), got shape {x.shape}{hint}"
            )
        # Bytes and halves are widened before, so that 255 − 0.5 is not cut to a byte.
        flat = x.reshape(len(x), width).astype(np.float64 if x.dtype == np.float64 else np.float32)
        np.subtract(flat, np.asarray(self.center, flat.dtype), out=flat)
        np.divide(flat, np.asarray(self.scale, flat.dtype), out=flat)
        return flat.reshape(len(x), *self.input_shape).astype(np.float32, copy=False)

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "input_shape": list(self.input_shape),
            "center": list(self.center),
            "scale": list(self.scale),
            "names": list(self.names),
            "image_shape": None if self.image_shape is None else list(self.image_shape),
            "target": None if self.target is None else self.target.to_json(),
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        shape = state["image_shape"]
        return cls(
            tuple(state["input_shape"]),
            tuple(state["center"]),
            tuple(state["scale"]),
            tuple(state["names"]),
            target=None if state["target"] is None else target_from_json(state["target"]),
            image_shape=None if shape is None else (shape[0], shape[1], shape[2]),
        )
