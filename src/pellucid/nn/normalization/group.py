"""Group and instance normalisation: each sample is standardised within groups of its channels."""

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
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "group_norm", "instance_norm"]


@composite
def group_norm(
    x: Value, num_groups: int, weight: Value = None, bias: Value = None, eps: float = 1e-5
) -> Value:
    """Standardise each sample within groups of neighbouring channels, then scale and shift.

    (x − mean) / √(var + eps) · weight + bias

    Wu & He (2018).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, C) or (N, C, ...).
    num_groups : int
        How many groups the C channels are divided into.
    weight, bias : array or Tensor of shape (C,), optional
    eps : float
        Added to the variance.

    Raises
    ------
    ShapeError
        If the channels cannot be divided into that many equal groups.

    Examples
    --------
    >>> group_norm([[1.0, 3.0, 10.0, 30.0]], 2).round(3)
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """
    x = floats(x)
    shape = x.shape
    if len(shape) < 2:
        raise ShapeError(f"group_norm expects inputs of shape (N, C, ...), got {shape}")
    if shape[1] % num_groups:
        raise ShapeError(_indivisible(shape[1], num_groups))
    size = math.prod(shape[1:]) // num_groups
    # (N, C, ...) -> (N, groups, entries of a group)
    y = p.layer_norm(p.reshape(x, shape=(shape[0], num_groups, size)), eps=eps)
    y = p.reshape(y, shape=shape)
    form = (-1, *(1 for _ in shape[2:]))
    if weight is not None:
        y = p.multiply(y, p.reshape(weight, shape=form))
    return y if bias is None else p.add(y, p.reshape(bias, shape=form))


def _indivisible(channels: int, groups: int) -> str:
    fitting = [n for n in range(1, channels + 1) if channels % n == 0]
    nearest = min(fitting, key=lambda n: abs(n - groups), default=1)
    return (
        f"{channels} channels cannot be divided into {groups} equal groups: {channels} = "
        f"{channels // groups} · {groups} + {channels % groups}; {nearest} groups would do"
    )


@composite
def instance_norm(
    x: Value,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Value = None,
    bias: Value = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Value:
    """Standardise each channel of each sample, then scale and shift.

    (x − mean) / √(var + eps) · weight + bias

    Ulyanov, Vedaldi & Lempitsky (2016).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, C, ...).
    running_mean, running_var : ndarray of shape (C,), optional
        Updated in place while the statistics of the inputs are used, with their mean over the
        samples; used themselves otherwise.
    weight, bias : array or Tensor of shape (C,), optional
    use_input_stats : bool
        Whether mean and variance are those of the inputs.
    momentum : float
        How much these inputs count in the running statistics.
    eps : float
        Added to the variance.

    Raises
    ------
    ShapeError
        If a channel has a single value, which has no variance.
    """
    x = floats(x)
    shape = x.shape
    if len(shape) < 3:
        raise ShapeError(f"instance_norm expects inputs of shape (N, C, L, ...), got {shape}")
    form = (-1, *(1 for _ in shape[2:]))
    if use_input_stats:
        count = math.prod(shape[2:])
        if count == 1:
            raise ShapeError(
                f"instance normalisation needs at least two values of each channel, inputs of "
                f"shape {shape} have one; normalise over the batch instead (BatchNorm)"
            )
        if running_mean is not None and running_var is not None and shape[0] and count:
            _follow(x.data if isinstance(x, Recorded) else x, running_mean, running_var, momentum)
        y = p.reshape(p.layer_norm(p.reshape(x, shape=(*shape[:2], count)), eps=eps), shape=shape)
    else:
        if running_mean is None or running_var is None:
            raise DataError("instance_norm without use_input_stats needs running statistics")
        rate = 1 / np.sqrt(running_var + running_var.dtype.type(eps))
        y = p.multiply(p.subtract(x, running_mean.reshape(form)), rate.reshape(form))
    if weight is not None:
        y = p.multiply(y, p.reshape(weight, shape=form))
    return y if bias is None else p.add(y, p.reshape(bias, shape=form))


def _follow(x: Array, mean: Array, var: Array, momentum: float) -> None:
    """Move running statistics towards those of the samples, averaged."""
    flat = x.reshape(*x.shape[:2], -1)
    mean += momentum * (np.mean(flat, axis=2, dtype=mean.dtype).mean(axis=0) - mean)
    var += momentum * (np.var(flat, axis=2, ddof=1, dtype=var.dtype).mean(axis=0) - var)


class GroupNorm(Normalization):
    """Standardises each sample within groups of channels, whatever the batch.

    (x − mean) / √(var + eps) · weight + bias

    With one group all channels share a mean and a variance; with as many groups as channels it is
    instance normalisation. Wu & He (2018).

    Parameters
    ----------
    num_groups : int
        How many groups the channels are divided into.
    num_channels : int or None
        C. None takes it from the first batch.
    eps : float
        Added to the variance.
    affine : bool
        Whether the channels are scaled and shifted by learnt numbers.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None

    Raises
    ------
    DataError, ShapeError
        If the channels cannot be divided into that many equal groups.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.GroupNorm(2, 6)(np.ones((1, 6, 4, 4))).shape
    (1, 6, 4, 4)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int | None = None,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.num_groups = check_count("num_groups of GroupNorm", num_groups)
        if num_channels is not None:
            num_channels = check_count("num_channels of GroupNorm", num_channels)
            if num_channels % self.num_groups:
                raise DataError(_indivisible(num_channels, self.num_groups))
        self.num_channels = num_channels
        self.eps = check_eps(eps)
        self._start((num_channels,), affine, dtype=dtype)

    def forward(self, x: Value) -> Value:
        """Return the standardised values, scaled and shifted, in the shape of `x`."""
        x = self._input(x)
        if self.weight is not None:
            x = input_of(x, self.weight.dtype)
        shape = x.shape
        if len(shape) < 2:
            raise ShapeError(f"GroupNorm expects inputs of shape (N, C, ...), got {shape}")
        if self.num_channels is None:
            if not shape[1] or shape[1] % self.num_groups:
                raise ShapeError(_indivisible(shape[1], self.num_groups))
            self.num_channels = shape[1]
            self._fill((shape[1],))
        if shape[1] != self.num_channels:
            raise ShapeError(
                f"expected {self.num_channels} channels (axis 1), got shape {shape}; "
                f"make this layer GroupNorm({self.num_groups}, {shape[1]})"
            )
        return group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Return groups and channels, and the options that are not at their defaults."""
        channels = "?" if self.num_channels is None else self.num_channels
        parts = [f"{channels} channels in {self.num_groups} groups"]
        if self.eps != 1e-5:
            parts.append(f"eps={self.eps:g}")
        if self.weight is None:
            parts.append("affine=False")
        return ", ".join(parts)


class _InstanceNorm(Normalization):
    """What instance normalisation of any number of axes shares."""

    layout: ClassVar[str] = ""
    rank: ClassVar[int] = 0

    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int | None = None,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if num_features is not None:
            num_features = check_count(f"num_features of {type(self).__name__}", num_features)
        self.num_features = num_features
        self.eps = check_eps(eps)
        self.momentum = momentum
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
        self._settle(x.shape)
        if self.training and tracked:
            self.num_batches_tracked += 1
        return instance_norm(
            x,
            self.running_mean if tracked else None,
            self.running_var if tracked else None,
            self.weight,
            self.bias,
            self.training or not tracked,
            self.momentum,
            self.eps,
        )

    def _settle(self, shape: tuple[int, ...]) -> None:
        name = type(self).__name__
        if len(shape) != self.rank:
            raise ShapeError(f"{name} expects inputs of shape {self.layout}, got {shape}")
        if self.num_features is None:
            self.num_features = shape[1]
            self._fill((shape[1],))
            if self.track_running_stats:
                self.running_mean = np.zeros(shape[1], self.running_mean.dtype)
                self.running_var = np.ones(shape[1], self.running_var.dtype)
        if shape[1] != self.num_features:
            raise ShapeError(
                f"expected {self.num_features} channels (axis 1), got shape {shape}; "
                f"make this layer {name}({shape[1]})"
            )

    def extra_repr(self) -> str:
        """Return the number of channels, and the options that are not at their defaults."""
        parts = ["?" if self.num_features is None else str(self.num_features)]
        if self.eps != 1e-5:
            parts.append(f"eps={self.eps:g}")
        if self.weight is not None:
            parts.append("affine=True")
        if self.track_running_stats:
            parts.append(f"track_running_stats=True, momentum={self.momentum:g}")
        return ", ".join(parts)


class InstanceNorm1d(_InstanceNorm):
    """Standardises each channel of each signal (N, C, L) by itself.

    (x − mean) / √(var + eps) · weight + bias

    Ulyanov, Vedaldi & Lempitsky (2016).

    Parameters
    ----------
    num_features : int or None
        C, the number of channels. None takes it from the first batch.
    eps : float
        Added to the variance.
    momentum : float
        How much the newest batch counts in the running statistics, where they are kept.
    affine : bool
        Whether the channels are scaled and shifted by learnt numbers.
    track_running_stats : bool
        Whether running statistics are kept, and used in evaluation.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None
    running_mean, running_var : ndarray of shape (C,)
        Buffers, where they are kept.

    Raises
    ------
    ShapeError
        If the input has other axes or another number of channels, or one value of each channel.
    """

    layout: ClassVar[str] = "(N, C, L)"
    rank: ClassVar[int] = 3


class InstanceNorm2d(_InstanceNorm):
    """Standardises each channel of each image (N, C, H, W) by itself.

    (x − mean) / √(var + eps) · weight + bias

    Parameters, attributes and errors are those of :class:`InstanceNorm1d`. Ulyanov, Vedaldi &
    Lempitsky (2016).
    """

    layout: ClassVar[str] = "(N, C, H, W)"
    rank: ClassVar[int] = 4
