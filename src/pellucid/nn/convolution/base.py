"""What convolutions and transposed ones share: kernels, their first numbers, lazy channels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.dtypes import Array, DTypeLike, float_dtype
from pellucid.nn.activations.registry import activation_of, recommended_init
from pellucid.nn.convolution.sizes import Size, check_groups, check_input, count, per_axis, show
from pellucid.nn.drawing import WeightDraw
from pellucid.nn.init import InitLike, make_initializer
from pellucid.nn.inputs import input_of
from pellucid.nn.lazy import LazyParameter, is_pending
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["KernelLayer"]


@dataclass(frozen=True)
class _KernelInit:
    """An initialiser for matrices, made fit for kernels: each fan counts the taps."""

    initializer: Any
    groups: int
    transposed: bool

    def __call__(self, shape: tuple[int, ...], rng: Seed, dtype: DTypeLike) -> Array:
        variance = getattr(self.initializer, "variance", None)
        if variance is None:
            return np.asarray(self.initializer(shape, rng, dtype))
        taps = math.prod(shape[2:])
        first, second = shape[0] // self.groups, shape[1]
        sources, targets = (first, second) if self.transposed else (second, first)
        rows, columns = sources * taps, math.prod(shape) // (sources * taps)
        drawn = self.initializer((rows, columns), rng, dtype)
        drawn *= math.sqrt(variance((rows, targets * taps)) / variance((rows, columns)))
        return np.asarray(drawn.reshape(shape))

    def __str__(self) -> str:
        return getattr(self.initializer, "__name__", None) or str(self.initializer)


class KernelLayer(Module):
    """A layer whose weights are kernels.

    Parameters
    ----------
    in_channels : int or None
        Channels of the inputs; None takes them from the first batch.
    out_channels : int
        Channels of the outputs.
    kernel_size, stride, dilation : int or sequence of int
        One number for all axes, or one for each.
    groups : int
        Into how many groups of channels the layer falls.
    bias : bool
        Whether each output channel has a number added.
    weight_init, bias_init : Initializer, str or callable, optional
        First numbers: by default what suits the activation that follows, and zeros.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    rank: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int | None,
        out_channels: int,
        kernel_size: Size,
        stride: Size,
        dilation: Size,
        groups: int,
        bias: bool,
        weight_init: InitLike | None,
        bias_init: InitLike | None,
        dtype: DTypeLike | None,
        rng: Seed,
    ) -> None:
        super().__init__()
        self.in_channels = None if in_channels is None else count(in_channels, "in_channels")
        self.out_channels = count(out_channels, "out_channels")
        self.groups = count(groups, "groups")
        check_groups(self.groups, in_channels=self.in_channels, out_channels=self.out_channels)
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size")
        self.stride = per_axis(stride, self.rank, "stride")
        self.dilation = per_axis(dilation, self.rank, "dilation")
        wanted = float_dtype(dtype)
        rng = None if rng is None else generator(rng)  # one stream for weights and bias
        self._follows_default = weight_init is None
        self._reason = ""
        init = recommended_init(None) if weight_init is None else make_initializer(weight_init)
        self._draw = WeightDraw(self._kernel_init(init), rng)
        if self.in_channels is None:
            lacking: tuple[int | None, int | None] = (self.out_channels, None)
            if self.transposed:
                lacking = (None, self.out_channels // self.groups)
            self.weight = LazyParameter((*lacking, *self.kernel_size), wanted)
        else:
            self.weight = Parameter(self._draw(self._shape(self.in_channels), wanted))
        start = make_initializer("zeros" if bias_init is None else bias_init)
        self.bias = Parameter(start((self.out_channels,), generator(rng), wanted)) if bias else None

    def _kernel_init(self, initializer: Any) -> _KernelInit:
        return _KernelInit(initializer, self.groups, self.transposed)

    def _shape(self, channels: int) -> tuple[int, ...]:
        first, second = self.out_channels, channels
        if self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel_size)

    def _settled(self, x: Value) -> Value:
        """Return the input as this layer takes it; a first batch says how many channels it has."""
        x = input_of(x, self.weight.data.dtype)
        if self.in_channels is None:
            check_input(tuple(x.shape), self.rank, None)
            self._settle(x.shape[1])
        check_input(tuple(x.shape), self.rank, self.in_channels)
        return x

    def _settle(self, channels: int) -> None:
        weight = self.weight
        if isinstance(weight, LazyParameter) and is_pending(weight):
            channels = count(channels, "the number of channels of the inputs")
            check_groups(self.groups, in_channels=channels)
            weight.fill(self._draw(self._shape(channels), weight.dtype))
            self.in_channels = channels
        else:  # the weights were loaded
            axis = 0 if self.transposed else 1
            self.in_channels = weight.shape[axis] * (1 if self.transposed else self.groups)

    def followed_by(self, layer: Module | None) -> None:
        """Fit weights that were left to the default, and are still as drawn, to an activation."""
        if not self._follows_default:
            return
        reason = "no activation follows"
        if activation_of(layer) is not None:
            reason = f"followed by {type(layer).__name__}"
        init = self._kernel_init(recommended_init(layer))
        if is_pending(self.weight):
            self._draw.initializer = init
        elif not self._draw.repeat(self.weight.data, init):
            return
        self._reason = reason

    def _options(self) -> list[str]:
        """What is not usual about the padding."""
        return []

    def extra_repr(self) -> str:
        """Return channels, kernel, what is not usual, and what the weights started as."""
        parts = [f"{self.in_channels or '?'} → {self.out_channels}, {show(self.kernel_size)}"]
        if any(s != 1 for s in self.stride):
            parts.append(f"stride {show(self.stride)}")
        parts += self._options()
        if any(d != 1 for d in self.dilation):
            parts.append(f"dilation {show(self.dilation)}")
        if self.groups != 1:
            parts.append(f"groups {self.groups}")
        if self.bias is None:
            parts.append("no bias")
        parts.append(f"{self._draw}: {self._reason}" if self._reason else str(self._draw))
        if self.weight.dtype != float_dtype(None):
            parts.append(str(self.weight.dtype))
        return ", ".join(parts)
