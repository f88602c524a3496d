"""PyTorch's functions of networks: activations, windows, norms, attention, dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.replay import NotCompared
from parity.rows.adapters import plain, rank_batched

from pellucid import nn, ops
from pellucid import primitives as p

F = nn.functional


def _own(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the same arguments, but for PyTorch's `inplace`."""
    return lambda x, *args, inplace=False, **options: function(x, *args, **options)


def _shrunk(x: Any, bound: Any, offset: float) -> Any:
    outside = np.abs(plain(x)) > bound
    return np.where(outside, x - np.sign(plain(x)) * offset, x * 0)


def _softplus(x: Any, beta: float = 1, threshold: float = 20) -> Any:
    return np.where(plain(x) * beta > threshold, x, F.softplus(x, beta))


def _prelu(x: Any, weight: Any) -> Any:
    return F.prelu(x, np.reshape(weight, ()) if plain(weight).size == 1 else weight)


def _rrelu(x: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Any:
    if training:
        raise NotCompared("random slopes")
    return F.leaky_relu(x, (lower + upper) / 2)


def _convolution(rank: int) -> Callable[..., Any]:
    return rank_batched(rank, getattr(F, f"conv{rank}d"))


def _transposed(rank: int) -> Callable[..., Any]:
    return rank_batched(rank, getattr(F, f"conv_transpose{rank}d"))


def _per_axis(sizes: Any, rank: int) -> Any:
    """PyTorch takes one number in a tuple for all axes."""
    return tuple(sizes) * rank if isinstance(sizes, (tuple, list)) and len(sizes) == 1 else sizes


def _average(rank: int) -> Callable[..., Any]:
    def pool(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        layer = getattr(nn, f"AvgPool{rank}d")(
            _per_axis(kernel_size, rank),
            _per_axis(stride, rank) or None,
            _per_axis(padding, rank),
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )
        if divisor_override is None:
            return layer(x)
        if ceil_mode:
            raise NotCompared("a divisor of one's own for windows over the border")
        return layer(x) * (np.prod(layer.kernel_size) / divisor_override)

    return rank_batched(rank, pool)


def _maximum(rank: int) -> Callable[..., Any]:
    def pool(
        x: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        layer = getattr(nn, f"MaxPool{rank}d")(
            kernel_size,
            stride or None,
            padding,
            dilation,
            ceil_mode=ceil_mode,
            return_indices=return_indices,
        )
        return layer(x)

    return rank_batched(rank, pool)


def _unpool(rank: int) -> Callable[..., Any]:
    def unpool(
        x: Any,
        indices: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        output_size: Any = None,
    ) -> Any:
        layer = getattr(nn, f"MaxUnpool{rank}d")(kernel_size, stride or None, padding)
        wanted = None if output_size is None else tuple(output_size)[-rank:]
        if np.ndim(plain(x)) == rank + 1:
            return layer(x[None], indices[None], wanted)[0]
        return layer(x, indices, wanted)

    return unpool


def _adaptive(name: str, rank: int) -> Callable[..., Any]:
    def pool(x: Any, output_size: Any, return_indices: bool = False) -> Any:
        if return_indices:
            raise NotCompared("positions of the maxima")
        return getattr(nn, f"{name}{rank}d")(output_size)(x)

    return rank_batched(rank, pool)


def _interpolate(x: Any, size: Any = None, scale_factor: Any = None, **options: Any) -> Any:
    mode = options.get("mode", "nearest")
    align = bool(options.get("align_corners"))
    if options.get("recompute_scale_factor"):
        lengths = plain(x).shape[2:]
        factors = (
            scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * len(lengths)
        )
        size = tuple(int(n * f) for n, f in zip(lengths, factors, strict=True))
        scale_factor = None
    return F.upsample(x, size, scale_factor, mode, align)


def _layer_norm(x: Any, shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    return F.layer_norm(x, tuple(shape), weight, bias, eps)


def _rms_norm(x: Any, shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    return F.rms_norm(x, tuple(shape), weight, eps)


def _local_response_norm(
    x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    return F.local_response_norm(x, size, alpha, beta, k)


def _normalize(x: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    return x / np.maximum(ops.norm(x, p, dim, True), eps)


def _cosine_similarity(x: Any, y: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    shape = np.broadcast_shapes(plain(x).shape, plain(y).shape)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    x, y = (v / np.maximum(ops.norm(v, 2, dim, True), eps) for v in (x, y))
    return np.sum(x * y, axis=dim)


def _pairwise_distance(
    x: Any, y: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    return ops.norm(x - y + eps, p, -1, keepdim)


def _cdist(x: Any, y: Any, p: float = 2.0, compute_mode: Any = None) -> Any:
    return ops.norm(x[..., :, None, :] - y[..., None, :, :], p, -1)


def _pdist(x: Any, p: float = 2.0) -> Any:
    first, second = np.triu_indices(plain(x).shape[0], 1)
    return ops.norm(x[first] - x[second], p, -1)


def _embedding(table: Any, rows: Any, padding_idx: Any = None, *args: Any, **options: Any) -> Any:
    if padding_idx is not None or args or any(options.values()):
        raise NotCompared("padding row, largest norm, scaling by frequency")
    return p.take_rows(table, rows=rows)


def _attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    if dropout_p:
        raise NotCompared("random dropout")
    mask = attn_mask
    if is_causal:
        # PyTorch lets query i see the keys up to i, Pellucid lets the last query see all keys.
        mask = np.tri(plain(query).shape[-2], plain(key).shape[-2], dtype=bool)
    return F.scaled_dot_product_attention(query, key, value, mask=mask, scale=scale)


def _dropped(function: Callable[..., Any]) -> Callable[..., Any]:
    def drop(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        if training and 0 < p < 1:
            raise NotCompared("random dropout")
        return function(x, p, training)

    return drop


ROWS: dict[str, Callable[..., Any]] = {
    "nn.functional.relu": _own(F.relu),
    "nn.functional.relu6": _own(F.relu6),
    "nn.functional.leaky_relu": _own(F.leaky_relu),
    "nn.functional.elu": _own(F.elu),
    "nn.functional.celu": _own(F.celu),
    "nn.functional.selu": _own(F.selu),
    "nn.functional.silu": _own(F.silu),
    "nn.functional.mish": _own(F.mish),
    "nn.functional.hardswish": _own(F.hard_swish),
    "nn.functional.hardsigmoid": _own(F.hard_sigmoid),
    "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
    "nn.functional.softsign": _own(F.softsign),
    "nn.functional.logsigmoid": lambda x: -F.softplus(-x),
    "nn.functional.tanhshrink": lambda x: x - np.tanh(x),
    "nn.functional.softshrink": lambda x, lambd=0.5: _shrunk(x, lambd, lambd),
    "nn.functional.hardshrink": lambda x, lambd=0.5: _shrunk(x, lambd, 0.0),
    "nn.functional.threshold": lambda x, threshold, value: np.where(plain(x) > threshold, x, value),
    "nn.functional.gelu": _own(F.gelu),
    "nn.functional.glu": lambda x, dim=-1: F.glu(x, dim),
    "nn.functional.softplus": _softplus,
    "nn.functional.prelu": _prelu,
    "nn.functional.rrelu": _rrelu,
    "nn.functional.conv1d": _convolution(1),
    "nn.functional.conv2d": _convolution(2),
    "nn.functional.conv3d": _convolution(3),
    "nn.functional.conv_transpose1d": _transposed(1),
    "nn.functional.conv_transpose2d": _transposed(2),
    "nn.functional.avg_pool1d": _average(1),
    "nn.functional.avg_pool2d": _average(2),
    "nn.functional.max_pool1d": _maximum(1),
    "nn.functional.max_pool2d": _maximum(2),
    "nn.functional.max_unpool1d": _unpool(1),
    "nn.functional.max_unpool1d.grad": _unpool(1),
    "nn.functional.max_unpool2d": _unpool(2),
    "nn.functional.max_unpool2d.grad": _unpool(2),
    "nn.functional.adaptive_avg_pool1d": _adaptive("AdaptiveAvgPool", 1),
    "nn.functional.adaptive_avg_pool2d": _adaptive("AdaptiveAvgPool", 2),
    "nn.functional.adaptive_max_pool1d": _adaptive("AdaptiveMaxPool", 1),
    "nn.functional.adaptive_max_pool2d": _adaptive("AdaptiveMaxPool", 2),
    "nn.functional.unfold": rank_batched(2, F.unfold),
    "nn.functional.interpolate.nearest": _interpolate,
    "nn.functional.interpolate.linear": _interpolate,
    "nn.functional.interpolate.bilinear": _interpolate,
    "nn.functional.interpolate.area": lambda x, size=None, scale_factor=None, **options: _area(
        x, size, scale_factor
    ),
    "nn.functional.upsample_bilinear": lambda x, size=None, scale_factor=None: F.upsample(
        x, size, scale_factor, "bilinear", True
    ),
    "nn.functional.upsample_nearest": lambda x, size=None, scale_factor=None: F.upsample(
        x, size, scale_factor
    ),
    "nn.functional.batch_norm": F.batch_norm,
    "nn.functional.instance_norm": F.instance_norm,
    "nn.functional.group_norm": F.group_norm,
    "nn.functional.layer_norm": _layer_norm,
    "nn.functional.rms_norm": _rms_norm,
    "nn.functional.local_response_norm": _local_response_norm,
    "nn.functional.normalize": _normalize,
    "nn.functional.cosine_similarity": _cosine_similarity,
    "nn.functional.pairwise_distance": _pairwise_distance,
    "cdist": _cdist,
    "nn.functional.pdist": _pdist,
    "nn.functional.embedding": _embedding,
    "nn.functional.scaled_dot_product_attention": _attention,
    "nn.functional.dropout": _dropped(F.dropout),
    "nn.functional.dropout2d": _dropped(F.spatial_dropout),
    "nn.functional.dropout3d": _dropped(F.spatial_dropout),
    "nn.functional.alpha_dropout": _dropped(F.alpha_dropout),
    "native_dropout_backward": lambda g, mask, scale: g * mask * scale,
    "_softmax_backward_data": lambda g, y, dim, dtype: (
        y * (g - np.sum(g * y, axis=dim, keepdims=True))
    ),
}


def _area(x: Any, size: Any, scale_factor: Any) -> Any:
    """Interpolation by area is adaptive averaging."""
    lengths = plain(x).shape[2:]
    if size is None:
        size = tuple(int(n * scale_factor) for n in lengths)
    size = tuple(size) if isinstance(size, (tuple, list)) else (size,) * len(lengths)
    if len(lengths) > 2:
        raise NotCompared("three axes of length")
    return getattr(nn, f"AdaptiveAvgPool{len(lengths)}d")(size)(x)
