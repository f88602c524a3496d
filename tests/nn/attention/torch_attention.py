"""PyTorch's layers of attention with the parameters of ours, by their paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Parameters = dict[str, Any]


def part(p: Parameters, path: str) -> Parameters:
    """The parameters below a path, without it."""
    return {k.removeprefix(f"{path}."): v for k, v in p.items() if k.startswith(f"{path}.")}


def project(p: Parameters, name: str, x: Any) -> Any:
    """One of the projections."""
    y = x @ p[f"{name}.weight"]
    return y + p[f"{name}.bias"] if f"{name}.bias" in p else y


def as_mask(torch: Any, mask: Any, heads: int) -> Any:
    """A mask as PyTorch's module wants it: True where a query may not attend, samples · heads."""
    if mask is None:
        return None
    found = torch.tensor(~mask if mask.dtype == bool else mask)
    if mask.ndim == 2:
        return found
    if mask.ndim == 3:
        found = found[:, None].expand(-1, heads, -1, -1)
    return found.expand(-1, heads, -1, -1).flatten(0, 1)


def multi_head(
    heads: int,
    *,
    mask: Any = None,
    padding_mask: Any = None,
    causal: bool = False,
    return_weights: bool = False,
) -> Callable[[Any, Parameters], Callable[..., Any]]:
    """`torch.nn.functional.multi_head_attention_forward`."""

    def theirs(torch: Any, p: Parameters) -> Callable[..., Any]:
        names = ("query", "key", "value")
        biases = [p.get(f"{name}.bias") for name in names]

        def attention(query: Any, key: Any = None, value: Any = None) -> Any:
            key = query if key is None else key
            value = key if value is None else value
            hidden = as_mask(torch, mask, heads)
            if causal:
                future = torch.triu(torch.ones(query.shape[1], key.shape[1], dtype=bool), 1)
                hidden = future if hidden is None else _either(torch, hidden, future)
            weights = {f"{name[0]}_proj_weight": p[f"{name}.weight"].T for name in names}
            y, found = torch.nn.functional.multi_head_attention_forward(
                query.transpose(0, 1),
                key.transpose(0, 1),
                value.transpose(0, 1),
                query.shape[2],
                heads,
                None,
                None if biases[0] is None else torch.cat(biases),
                None,
                None,
                False,
                0.0,
                p["out.weight"].T,
                p.get("out.bias"),
                key_padding_mask=_padding(torch, padding_mask, hidden),
                attn_mask=hidden,
                use_separate_proj_weight=True,
                average_attn_weights=False,
                **weights,
            )
            y = y.transpose(0, 1)
            return (y, found) if return_weights else y

        return attention

    return theirs


def _either(torch: Any, hidden: Any, future: Any) -> Any:
    if hidden.dtype == torch.bool:
        return hidden | future
    return hidden.masked_fill(future, -torch.inf)


def _padding(torch: Any, padding_mask: Any, hidden: Any) -> Any:
    """PyTorch wants both masks of one kind."""
    if padding_mask is None:
        return None
    absent = torch.tensor(~np.asarray(padding_mask))
    if hidden is None or hidden.dtype == torch.bool:
        return absent
    return torch.zeros(absent.shape, dtype=hidden.dtype).masked_fill(absent, -torch.inf)


def grouped(
    heads: int, groups: int, *, causal: bool = False
) -> Callable[[Any, Parameters], Callable[..., Any]]:
    """`scaled_dot_product_attention(enable_gqa=True)` between four projections."""

    def theirs(torch: Any, p: Parameters) -> Callable[..., Any]:
        def attention(x: Any) -> Any:
            def split(name: str, count: int) -> Any:
                return project(p, name, x).unflatten(2, (count, -1)).transpose(1, 2)

            mixed = torch.nn.functional.scaled_dot_product_attention(
                split("query", heads),
                split("key", groups),
                split("value", groups),
                is_causal=causal,
                enable_gqa=True,
            )
            return project(p, "out", mixed.transpose(1, 2).flatten(2))

        return attention

    return theirs


def rotated(torch: Any, x: Any, pairs: str, base: float = 10_000.0) -> Any:
    """Rotary positions as products of complex numbers."""
    length, width = x.shape[-2:]
    index = torch.arange(width // 2, dtype=torch.float64)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * base ** (-2 * index / width)
    turns = torch.polar(torch.ones_like(angles), angles)
    if pairs == "adjacent":
        first, second = x[..., 0::2], x[..., 1::2]
    else:
        first, second = x[..., : width // 2], x[..., width // 2 :]
    turned = torch.complex(first, second) * turns
    if pairs == "adjacent":
        return torch.stack([turned.real, turned.imag], -1).flatten(-2)
    return torch.cat([turned.real, turned.imag], -1)


def with_positions(
    heads: int, kind: str, *, causal: bool = True
) -> Callable[[Any, Parameters], Callable[..., Any]]:
    """Self-attention with rotary positions or ALiBi, written out."""

    def theirs(torch: Any, p: Parameters) -> Callable[..., Any]:
        def attention(x: Any) -> Any:
            length = x.shape[1]
            q, k, v = (
                project(p, name, x).unflatten(2, (heads, -1)).transpose(1, 2)
                for name in ("query", "key", "value")
            )
            bias = torch.zeros(heads, length, length, dtype=x.dtype)
            if kind == "alibi":
                for h in range(heads):  # a power of two
                    for i in range(length):
                        for j in range(length):
                            bias[h, i, j] = -abs(i - j) * 2 ** (-8 * (h + 1) / heads)
            else:
                q, k = rotated(torch, q, kind), rotated(torch, k, kind)
            if causal:
                future = torch.triu(torch.ones(length, length, dtype=bool), 1)
                bias = bias.masked_fill(future, -torch.inf)
            mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
            return project(p, "out", mixed.transpose(1, 2).flatten(2))

        return attention

    return theirs


def _attention_state(torch: Any, p: Parameters, ours: str, theirs: str) -> Parameters:
    names = ("query", "key", "value")
    state = {
        f"{theirs}.in_proj_weight": torch.cat([p[f"{ours}.{n}.weight"].T for n in names]),
        f"{theirs}.out_proj.weight": p[f"{ours}.out.weight"].T,
    }
    if f"{ours}.out.bias" in p:
        state[f"{theirs}.in_proj_bias"] = torch.cat([p[f"{ours}.{n}.bias"] for n in names])
        state[f"{theirs}.out_proj.bias"] = p[f"{ours}.out.bias"]
    return state


def layer_state(torch: Any, p: Parameters, decoder: bool = False) -> Parameters:
    """Our parameters under the names of `torch.nn.TransformerEncoderLayer` or DecoderLayer."""
    state = _attention_state(torch, p, "attention", "self_attn")
    norms = {"attention_norm": "norm1", "feed_forward_norm": "norm2"}
    if decoder:
        state |= _attention_state(torch, p, "cross_attention", "multihead_attn")
        norms = {
            "attention_norm": "norm1",
            "cross_attention_norm": "norm2",
            "feed_forward_norm": "norm3",
        }
    dense = {"feed_forward.up": "linear1", "feed_forward.down": "linear2"}
    for ours, name in {**norms, **dense}.items():
        weight = p[f"{ours}.weight"]
        state[f"{name}.weight"] = weight.T if weight.ndim == 2 else weight
        if f"{ours}.bias" in p:
            state[f"{name}.bias"] = p[f"{ours}.bias"]
    return state


def stack_state(torch: Any, p: Parameters, layers: int, decoder: bool = False) -> Parameters:
    """The same for a whole stack."""
    state = {
        f"layers.{i}.{name}": value
        for i in range(layers)
        for name, value in layer_state(torch, part(p, f"layers.{i}"), decoder).items()
    }
    return state | {k: v for k, v in p.items() if k.startswith("norm.")}
