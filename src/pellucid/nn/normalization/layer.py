"""Layer and RMS normalisation: each sample is standardised by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import ShapeError
from pellucid.nn.inputs import floats, input_of
from pellucid.nn.normalization.base import Normalization, check_count, check_eps
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["LayerNorm", "RMSNorm", "layer_norm", "rms_norm"]

Shape = tuple[int, ...]


def _as_shape(sizes: Any) -> Shape:
    """Return one size or several as a tuple."""
    listed = sizes if isinstance(sizes, (tuple, list)) else (sizes,)
    return tuple(check_count("a length of normalized_shape", n) for n in listed)


@composite
def layer_norm(
    x: Value,
    normalized_shape: Any = None,
    weight: Value = None,
    bias: Value = None,
    eps: float = 1e-5,
) -> Value:
    """Standardise each sample over its last axes, then scale and shift it.

    (x − mean) / √(var + eps) · weight + bias

    Ba, Kiros & Hinton (2016).

    Parameters
    ----------
    x : array or Tensor
        Of shape (..., *normalized_shape).
    normalized_shape : int or tuple of int, optional
        Lengths of the axes that mean and variance are taken over; by default the last axis.
    weight, bias : array or Tensor of shape `normalized_shape`, optional
    eps : float
        Added to the variance.

    Raises
    ------
    ShapeError
        If `x` does not end with those lengths.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0]]).round(3)
    array([[-1.,  1.]], dtype=float32)
    """
    x = floats(x)
    wanted = x.shape[-1:] if normalized_shape is None else _as_shape(normalized_shape)
    _check_end("layer_norm", x.shape, wanted)
    if weight is None and bias is not None:
        weight = np.ones(wanted, x.dtype)
    given = [value for value in (weight, bias) if value is not None]
    if len(wanted) < 2:
        return p.layer_norm(x, *given, eps=eps)
    # (..., A, B) -> (..., A·B): the axes that are normalised together become one
    size = math.prod(wanted)
    flat = p.reshape(x, shape=(*x.shape[: -len(wanted)], size))
    y = p.layer_norm(flat, *(p.reshape(value, shape=(size,)) for value in given), eps=eps)
    return p.reshape(y, shape=x.shape)


@composite
def rms_norm(
    x: Value, normalized_shape: Any = None, weight: Value = None, eps: float | None = None
) -> Value:
    """Divide each sample by the root mean square of its last axes, then scale it.

    x / √(mean x² + eps) · weight

    Zhang & Sennrich (2019).

    Parameters
    ----------
    x : array or Tensor
        Of shape (..., *normalized_shape).
    normalized_shape : int or tuple of int, optional
        Lengths of the axes that the mean is taken over; by default the last axis.
    weight : array or Tensor of shape `normalized_shape`, optional
    eps : float, optional
        Added to the mean; by default the smallest step from 1 of the type of `x`, as in PyTorch.

    Raises
    ------
    ShapeError
        If `x` does not end with those lengths.

    Examples
    --------
    >>> rms_norm([[3.0, 4.0]], eps=0.0).round(3)
    array([[0.849, 1.131]], dtype=float32)
    """
    x = floats(x)
    wanted = x.shape[-1:] if normalized_shape is None else _as_shape(normalized_shape)
    _check_end("rms_norm", x.shape, wanted)
    axes = tuple(range(len(x.shape) - len(wanted), len(x.shape)))
    small = float(np.finfo(x.dtype).eps) if eps is None else eps
    # divided before it is summed, so that float16 has room for the sum
    squares = p.multiply(p.square(x), 1.0 / max(1, math.prod(wanted)))
    rate = p.power(p.add(p.sum(squares, axis=axes, keepdims=True), small), -0.5)
    y = p.multiply(x, rate)
    return y if weight is None else p.multiply(y, weight)


def _check_end(name: str, shape: Shape, wanted: Shape) -> None:
    if not shape or shape[-len(wanted) :] != wanted:
        raise ShapeError(
            f"{name} expects inputs that end with {_listed(wanted)}, got shape {shape}"
        )


def _listed(shape: Shape) -> str:
    return f"(..., {', '.join(map(str, shape))})"


class _OverLastAxes(Normalization):
    """What normalisation of the last axes shares."""

    def __init__(
        self, normalized_shape: Any, affine: bool, bias: bool, dtype: DTypeLike | None
    ) -> None:
        super().__init__()
        self.normalized_shape = None if normalized_shape is None else _as_shape(normalized_shape)
        self._start(self.normalized_shape or (None,), affine, bias, dtype)

    def _checked(self, x: Any) -> Value:
        """Return the input, after a look at its shape and type."""
        x = self._input(x)
        if self.weight is not None:
            x = input_of(x, self.weight.dtype)
        shape, wanted = x.shape, self.normalized_shape
        if wanted is None:
            if not shape or not shape[-1]:
                raise ShapeError(f"cannot infer the size to normalise from shape {shape}")
            self.normalized_shape = shape[-1:]
            self._fill(shape[-1:])
        elif shape[-len(wanted) :] != wanted:
            hint = f"; make this layer {type(self).__name__}({shape[-1]})" if shape else ""
            raise ShapeError(f"expected inputs of shape {_listed(wanted)}, got {shape}{hint}")
        return x

    def _sizes(self) -> str:
        sizes = self.normalized_shape
        return "?" if sizes is None else "×".join(map(str, sizes))


class LayerNorm(_OverLastAxes):
    """Standardises each sample over its last axes, by itself, in training and in evaluation.

    (x − mean) / √(var + eps) · weight + bias

    Ba, Kiros & Hinton (2016).

    Parameters
    ----------
    normalized_shape : int, tuple of int, or None
        Lengths of the last axes, over which mean and variance are taken. None takes the last axis
        of the first batch.
    eps : float
        Added to the variance.
    affine : bool
        Whether the entries are scaled and shifted by learnt numbers.
    bias : bool
        Whether they are also shifted.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Attributes
    ----------
    weight, bias : Parameter of shape `normalized_shape`, or None

    Raises
    ------
    ShapeError
        If the input ends with other lengths.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.LayerNorm(3)(np.array([[1.0, 2.0, 3.0]])).data.round(3)
    array([[-1.225,  0.   ,  1.225]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: Any = None,
        eps: float = 1e-5,
        affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(normalized_shape, affine, bias, dtype)
        self.eps = check_eps(eps)

    def forward(self, x: Value) -> Value:
        """Return the standardised values, scaled and shifted, in the shape of `x`."""
        x = self._checked(x)
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        parts = [self._sizes()]
        if self.eps != 1e-5:
            parts.append(f"eps={self.eps:g}")
        if self.weight is None:
            parts.append("affine=False")
        elif self.bias is None:
            parts.append("no bias")
        return ", ".join(parts)


class RMSNorm(_OverLastAxes):
    """Divides each sample by the root mean square over its last axes.

    x / √(mean x² + eps) · weight

    Layer normalisation without the mean and the bias, which is often as good and cheaper. Zhang &
    Sennrich (2019).

    Parameters
    ----------
    normalized_shape : int, tuple of int, or None
        Lengths of the last axes, over which the mean is taken. None takes the last axis of the
        first batch.
    eps : float, optional
        Added to the mean; by default the smallest step from 1 of the type of the input.
    affine : bool
        Whether the entries are scaled by learnt numbers.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Attributes
    ----------
    weight : Parameter of shape `normalized_shape`, or None

    Raises
    ------
    ShapeError
        If the input ends with other lengths.
    """

    def __init__(
        self,
        normalized_shape: Any = None,
        eps: float | None = None,
        affine: bool = True,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(normalized_shape, affine, False, dtype)
        self.eps = None if eps is None else check_eps(eps)

    def forward(self, x: Value) -> Value:
        """Return the values divided by their root mean square, scaled, in the shape of `x`."""
        return rms_norm(self._checked(x), self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        parts = [self._sizes()]
        if self.eps is not None:
            parts.append(f"eps={self.eps:g}")
        if self.weight is None:
            parts.append("affine=False")
        return ", ".join(parts)
