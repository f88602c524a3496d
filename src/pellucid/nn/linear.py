"""The dense layer."""

from __future__ import annotations

import math
from typing import Any, overload

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike, float_dtype
from pellucid.errors import DataError, ShapeError
from pellucid.nn.activations.registry import activation_of, recommended_init
from pellucid.nn.drawing import WeightDraw
from pellucid.nn.init import InitLike, make_initializer
from pellucid.nn.inputs import input_of
from pellucid.nn.lazy import LazyParameter, is_pending
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["Linear"]


def _size(size: Any) -> int:
    """Return a number of features; NumPy's whole numbers, such as ``y.max() + 1``, are welcome."""
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise DataError(f"the sizes of a Linear are whole numbers ≥ 1, got {size!r}")
    return int(size)


def _batch_hint(shape: tuple[int, ...], expected: int | None) -> str:
    """Say how a row of numbers becomes a batch: as one sample, or as one feature of many."""
    if not shape:
        return ""
    if expected == shape[0] > 1:
        return "; a single sample needs a batch axis in front, x[None]"
    if expected == 1 < shape[0]:
        return "; samples with a single feature need an axis for it, x[:, None]"
    return "; write x[:, None] if each number is a sample, or x[None] if all are one sample"


class Linear(Module):
    """Dense layer: an affine map of the last axis.

    y = x W + b

    Parameters
    ----------
    in_features : int or None
        Length of the last axis of the inputs. None, or a single size ``Linear(out)``, takes it from
        the first batch.
    out_features : int
        Length of the last axis of the outputs.
    bias : bool
        Whether b is added.
    weight_init : Initializer, str or callable, optional
        What W starts as. By default what suits the activation that follows in a
        :class:`Sequential`: He normal for ReLU and its relatives, LeCun normal for SELU, and Glorot
        normal for everything else, or where it is not known. The repr says which.
    bias_init : Initializer, str or callable, optional
        What b starts as, by default zeros.
    dtype : dtype, optional
        Type of the parameters, by default float32. Raw inputs are converted to it.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Attributes
    ----------
    weight : Parameter
        W, of shape (in, out).
    bias : Parameter or None
        b, of shape (out,).

    Raises
    ------
    ShapeError
        If inputs have another number of features than W has rows.
    DTypeError
        If the input is a Tensor of another type than the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.Linear(64, 10)
    Linear(64 → 10, Glorot normal)
    >>> layer = nn.Linear(10)
    >>> layer(np.ones((5, 64))).shape
    (5, 10)
    """

    weight: Parameter
    bias: Parameter | None

    @overload
    def __init__(
        self,
        out_features: int,
        /,
        *,
        bias: bool = True,
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        in_features: int | None,
        out_features: int,
        bias: bool = True,
        *,
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None: ...

    def __init__(
        self,
        in_features: int | None = None,
        out_features: int | None = None,
        bias: bool = True,
        *,
        weight_init: InitLike | None = None,
        bias_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if out_features is None:
            in_features, out_features = None, in_features
        in_features = None if in_features is None else _size(in_features)
        out_features = _size(out_features)
        wanted = float_dtype(dtype)
        rng = None if rng is None else generator(rng)  # one stream for weights and bias
        self._follows_default = weight_init is None
        self._reason = ""
        self._draw = WeightDraw(
            recommended_init(None) if weight_init is None else make_initializer(weight_init), rng
        )
        if in_features is None:
            self.weight = LazyParameter((None, out_features), wanted)
        else:
            self.weight = Parameter(self._draw((in_features, out_features), wanted))
        init = make_initializer("zeros" if bias_init is None else bias_init)
        self.bias = Parameter(init((out_features,), generator(rng), wanted)) if bias else None

    @property
    def in_features(self) -> int | None:
        """Length of the last axis of the inputs; None until it is known."""
        return None if is_pending(self.weight) else self.weight.shape[0]

    @property
    def out_features(self) -> int:
        """Length of the last axis of the outputs."""
        return self.weight.shape[1]

    def forward(self, x: Value) -> Value:
        """Return x W + b.

        Parameters
        ----------
        x : array or Tensor
            Of shape (..., in).

        Returns
        -------
        Tensor
            Of shape (..., out).
        """
        weight = self.weight
        x = input_of(x, weight.data.dtype)
        shape, rows = x.shape, weight.data.shape[0]
        if len(shape) < 2 or shape[-1] != rows or not rows:
            self._settle(shape)
        bias = self.bias
        return p.matmul(x, weight) if bias is None else p.linear(x, weight, bias)

    def _settle(self, shape: tuple[int, ...]) -> None:
        """Take the input size from a first batch, or say what does not fit."""
        expected, out = self.in_features, self.out_features
        if len(shape) < 2:
            raise ShapeError(
                f"expected inputs of shape (samples, {expected or 'features'}), got {shape}"
                f"{_batch_hint(shape, expected)}"
            )
        if isinstance(self.weight, LazyParameter) and expected is None:
            if not shape[-1]:
                raise ShapeError(f"cannot infer the input size from inputs of shape {shape}")
            self.weight.fill(self._draw((shape[-1], out), self.weight.dtype))
            return
        if len(shape) > 2 and math.prod(shape[1:]) == expected:
            fix = "put Flatten() before this layer"
        else:
            fix = (
                f"make this layer Linear({shape[-1]}, {out}) or the layer before it {expected} wide"
            )
        raise ShapeError(
            f"expected inputs with {expected} features (last axis), got shape {shape}; {fix}"
        )

    def followed_by(self, layer: Module | None) -> None:
        """Fit weights that were left to the default, and are still as drawn, to an activation."""
        if not self._follows_default:
            return
        reason = "no activation follows"
        if activation_of(layer) is not None:
            reason = f"followed by {type(layer).__name__}"
        init = recommended_init(layer)
        if is_pending(self.weight):
            self._draw.initializer = init
        elif not self._draw.repeat(self.weight.data, init):
            return
        self._reason = reason

    def extra_repr(self) -> str:
        """Return the sizes, and what the weights started as and why."""
        parts = [f"{self.in_features or '?'} → {self.out_features}"]
        if self.bias is None:
            parts.append("no bias")
        parts.append(f"{self._draw}: {self._reason}" if self._reason else str(self._draw))
        if self.weight.dtype != float_dtype(None):
            parts.append(str(self.weight.dtype))
        return ", ".join(parts)
