"""Batch normalisation: each feature is standardised over the batch."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError, ShapeError
from pellucid.nn.inputs import floats, input_of
from pellucid.nn.normalization.base import Normalization, check_count, check_eps
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "batch_norm"]


@composite
def batch_norm(
    x: Value,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Value = None,
    bias: Value = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Value:
    """Standardise each channel, then scale and shift it.

    (x − mean) / √(var + eps) · weight + bias

    In training, or where there are no running statistics, mean and variance are those of the batch;
    otherwise the running ones. Ioffe & Szegedy (2015).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, C) or (N, C, ...).
    running_mean, running_var : ndarray of shape (C,), optional
        Updated in place in training: (1 − momentum) · old + momentum · new, the new variance being
        the unbiased one.
    weight, bias : array or Tensor of shape (C,), optional
    training : bool
        Whether the statistics of the batch are used.
    momentum : float
        How much the statistics of this batch count in the running ones.
    eps : float
        Added to the variance.

    Raises
    ------
    ShapeError
        If there is no axis of channels, or the batch has a single value for a channel, which has no
        variance.
    """
    x = floats(x)
    if len(x.shape) < 2:
        raise ShapeError(
            f"batch normalisation takes (samples, channels) or (samples, channels, *lengths), got "
            f"shape {tuple(x.shape)}; values of one channel are x[:, None]"
        )
    if running_mean is None or running_var is None:
        running_mean = running_var = None
        training = True
    if not training:
        return _by_running_statistics(x, running_mean, running_var, weight, bias, eps)
    count = math.prod(x.shape) // max(1, x.shape[1])
    if count == 1:
        raise ShapeError(
            f"batch normalisation in training needs at least two values of each of the "
            f"{x.shape[1]} channels, the batch of shape {x.shape} has one; use larger batches "
            "(Loader(..., drop_last=True) leaves a short last one out), or net.eval()"
        )
    moments: list[Array] = []
    if weight is None and bias is not None:
        weight = np.ones(x.shape[1], x.dtype)
    given = [value for value in (weight, bias) if value is not None]
    y = p.batch_norm(x, *given, eps=eps, moments=moments)
    if running_mean is not None and running_var is not None and count:
        mean, var = moments
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * (count / (count - 1)) - running_var)
    return y


def _by_running_statistics(
    x: Value, mean: Value, var: Value, weight: Value, bias: Value, eps: float
) -> Value:
    """Return x · scale + shift, one number of each for a channel."""
    scale: Value = 1 / np.sqrt(var + var.dtype.type(eps))
    shift: Value = -mean * scale
    if weight is not None:
        shift = p.multiply(weight, shift)
        scale = p.multiply(weight, scale)
    if bias is not None:
        shift = p.add(bias, shift)
    form = (-1, *(1 for _ in x.shape[2:]))
    return p.add(p.multiply(x, p.reshape(scale, shape=form)), p.reshape(shift, shape=form))


class _BatchNorm(Normalization):
    """What batch normalisation of any number of axes shares."""

    layouts: ClassVar[dict[int, str]] = {}

    def __init__(
        self,
        num_features: int | None = None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if num_features is not None:
            num_features = check_count(f"num_features of {type(self).__name__}", num_features)
        if momentum is not None and not 0 <= momentum <= 1:
            raise DataError(
                f"momentum is how much a batch counts in the running statistics, from 0 to 1, or "
                f"None for their plain mean; got {momentum!r}"
            )
        self.num_features = num_features
        self.eps = check_eps(eps)
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self._start((num_features,), affine, dtype=dtype)
        if track_running_stats:
            size = num_features or 0
            self.register_buffer("running_mean", np.zeros(size, self._dtype))
            self.register_buffer("running_var", np.ones(size, self._dtype))
            self.register_buffer("num_batches_tracked", np.zeros((), np.int64))

    def forward(self, x: Value) -> Value:
        """Return the standardised values, scaled and shifted, in the shape of `x`."""
        tracked = self.track_running_stats
        x = self._input(x, self.running_mean if tracked else None)
        if self.weight is not None:
            x = input_of(x, self.weight.dtype)
        if len(x.shape) not in self.layouts or x.shape[1] != self.num_features:
            self._settle(x.shape)
        momentum = self.momentum
        if self.training and tracked:
            self.num_batches_tracked += 1
            if momentum is None:
                momentum = 1 / int(self.num_batches_tracked)
        return batch_norm(
            x,
            self.running_mean if tracked else None,
            self.running_var if tracked else None,
            self.weight,
            self.bias,
            self.training,
            0.0 if momentum is None else momentum,
            self.eps,
        )

    def _settle(self, shape: tuple[int, ...]) -> None:
        """Take the number of channels from a first batch, or say what does not fit."""
        name = type(self).__name__
        if len(shape) not in self.layouts:
            wanted = " or ".join(self.layouts.values())
            raise ShapeError(f"{name} expects inputs of shape {wanted}, got {shape}{_hint(shape)}")
        if self.num_features is not None:
            raise ShapeError(
                f"expected {self.num_features} channels (axis 1), got shape {shape}; "
                f"make this layer {name}({shape[1]})"
            )
        if not shape[1]:
            raise ShapeError(f"cannot infer the number of channels from inputs of shape {shape}")
        self.num_features = shape[1]
        self._fill((shape[1],))
        if self.track_running_stats:
            self.running_mean = np.zeros(shape[1], self.running_mean.dtype)
            self.running_var = np.ones(shape[1], self.running_var.dtype)

    def extra_repr(self) -> str:
        """Return the number of channels, and the options that are not at their defaults."""
        parts = ["?" if self.num_features is None else str(self.num_features)]
        if self.eps != 1e-5:
            parts.append(f"eps={self.eps:g}")
        if self.momentum != 0.1:
            parts.append(f"momentum={self.momentum}")
        if not self.affine:
            parts.append("affine=False")
        if not self.track_running_stats:
            parts.append("track_running_stats=False")
        return ", ".join(parts)

    running_mean: Any
    running_var: Any
    num_batches_tracked: Any


def _hint(shape: tuple[int, ...]) -> str:
    fitting = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}
    return f"; {fitting[len(shape)]} takes those" if len(shape) in fitting else ""


class BatchNorm1d(_BatchNorm):
    """Standardises each feature of (N, F), or each channel of signals (N, C, L), over the batch.

    (x − mean) / √(var + eps) · weight + bias

    In training, mean and variance are those of the batch (the variance divided by the count), over
    all axes but that of the channels; running averages of them are kept, and used in evaluation.
    Ioffe & Szegedy (2015).

    Parameters
    ----------
    num_features : int or None
        C, the number of channels. None takes it from the first batch.
    eps : float
        Added to the variance, so that a channel of equal values is not divided by 0.
    momentum : float or None
        How much the newest batch counts in the running statistics; None: all batches the same.
    affine : bool
        Whether the channels are scaled and shifted by learnt numbers.
    track_running_stats : bool
        Whether running statistics are kept; without, evaluation uses the batch too.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None
    running_mean, running_var : ndarray of shape (C,)
        Buffers; the variance is the unbiased one (divided by the count less one).
    num_batches_tracked : ndarray of shape ()
        How many batches the running statistics have seen.

    Raises
    ------
    ShapeError
        If the input has other axes or another number of channels, or in training a single value
        of each channel.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer = nn.BatchNorm1d(2)
    >>> layer(np.array([[1.0, 10.0], [3.0, 30.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]], dtype=float32)
    >>> layer.running_mean
    array([0.2, 2. ], dtype=float32)
    """

    layouts: ClassVar[dict[int, str]] = {2: "(N, F)", 3: "(N, C, L)"}


class BatchNorm2d(_BatchNorm):
    """Standardises each channel of images (N, C, H, W) over batch and pixels.

    (x − mean) / √(var + eps) · weight + bias

    Parameters, attributes and errors are those of :class:`BatchNorm1d`. Ioffe & Szegedy (2015).
    """

    layouts: ClassVar[dict[int, str]] = {4: "(N, C, H, W)"}


class BatchNorm3d(_BatchNorm):
    """Standardises each channel of volumes (N, C, D, H, W) over batch and voxels.

    (x − mean) / √(var + eps) · weight + bias

    Parameters, attributes and errors are those of :class:`BatchNorm1d`. Ioffe & Szegedy (2015).
    """

    layouts: ClassVar[dict[int, str]] = {5: "(N, C, D, H, W)"}
