"""Attention and transformers with PyTorch's parameters, masks and axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.replay import NotCompared
from parity.rows.adapters import plain
from parity.rows.layers import State, put

from pellucid import nn


def _attention_weights(state: State, start: str, path: str) -> State:
    found = {}
    for i, name in enumerate(("query", "key", "value")):
        both = state[f"{start}in_proj_weight"]
        width = plain(both).shape[1]
        found[f"{path}{name}.weight"] = np.transpose(both[i * width : (i + 1) * width])
        if f"{start}in_proj_bias" in state:
            found[f"{path}{name}.bias"] = state[f"{start}in_proj_bias"][i * width : (i + 1) * width]
    found[f"{path}out.weight"] = np.transpose(state[f"{start}out_proj.weight"])
    if f"{start}out_proj.bias" in state:
        found[f"{path}out.bias"] = state[f"{start}out_proj.bias"]
    return found


_BLOCKS = {
    "linear1": "feed_forward.up",
    "linear2": "feed_forward.down",
    "norm1": "attention_norm",
}


def _transformer_weights(state: State, decoder: bool, start: str = "", path: str = "") -> State:
    found = _attention_weights(state, f"{start}self_attn.", f"{path}attention.")
    blocks = {**_BLOCKS, "norm2": "cross_attention_norm" if decoder else "feed_forward_norm"}
    if decoder:
        found |= _attention_weights(state, f"{start}multihead_attn.", f"{path}cross_attention.")
        blocks["norm3"] = "feed_forward_norm"
    for theirs, ours in blocks.items():
        for name in ("weight", "bias"):
            if f"{start}{theirs}.{name}" in state:
                value = state[f"{start}{theirs}.{name}"]
                value = np.transpose(value) if theirs.startswith("linear") else value
                found[f"{path}{ours}.{name}"] = value
    return found


def _seen(mask: Any) -> Any:
    """PyTorch's truth values say what is hidden, Pellucid's what is seen; floats are added."""
    return ~mask if mask is not None and mask.dtype == bool else mask


_LAYER = ("embed_dim", "num_heads", "feedforward", "dropout", "activation", "eps", "batch_first",
          "norm_first", "bias")  # fmt: skip
_LAYER_NAMES = {"d_model": "embed_dim", "nhead": "num_heads", "dim_feedforward": "feedforward",
                "layer_norm_eps": "eps"}  # fmt: skip


def _layer_options(args: Any, options: Any) -> tuple[dict[str, Any], bool]:
    found = dict(zip(_LAYER, args, strict=False))
    found |= {_LAYER_NAMES.get(k, k): v for k, v in options.items()}
    if callable(found.get("activation")):
        found["activation"] = found["activation"].__name__
    first = found.pop("batch_first", False)
    return {"feedforward": 2048, **found}, first


def _batched(layer: Any, first: bool, inputs: Any, **masks: Any) -> Any:
    """Call a layer of transformers with samples first."""
    single = np.ndim(plain(inputs[0])) == 2
    if single:
        inputs = [x[None] for x in inputs]
    elif not first:
        inputs = [np.swapaxes(x, 0, 1) for x in inputs]
    masks = {name: _seen(mask) for name, mask in masks.items() if mask is not None}
    for name in masks:
        if name.endswith("padding_mask") and single:
            masks[name] = masks[name][None]
    y = layer(*inputs, **masks)
    return y[0] if single else (y if first else np.swapaxes(y, 0, 1))


def encoder_layer(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
    """The layer of an encoder."""
    settings, first = _layer_options(args, options)
    layer = nn.TransformerEncoderLayer(**settings).train(training)
    put(layer, _transformer_weights(state, False))
    return lambda x, src_mask=None, src_key_padding_mask=None: _batched(
        layer, first, [x], mask=src_mask, padding_mask=src_key_padding_mask
    )


def decoder_layer(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
    """The layer of a decoder."""
    settings, first = _layer_options(args, options)
    layer = nn.TransformerDecoderLayer(**settings, causal=False).train(training)
    put(layer, _transformer_weights(state, True))

    def forward(
        x: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
    ) -> Any:
        return _batched(
            layer,
            first,
            [x, memory],
            mask=tgt_mask,
            memory_mask=memory_mask,
            padding_mask=tgt_key_padding_mask,
            memory_padding_mask=memory_key_padding_mask,
        )

    return forward


def encoder(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
    """A stack of layers, described by PyTorch's layer."""
    model, layers = args[:2]
    settings = {
        "embed_dim": model.linear1.in_features,
        "num_heads": model.self_attn.num_heads,
        "feedforward": model.linear1.out_features,
        "activation": model.activation.__name__,
        "norm_first": model.norm_first,
        "bias": model.linear1.bias is not None,
        "dropout": model.dropout.p,
        "eps": model.norm1.eps,
    }
    stack = nn.TransformerEncoder(num_layers=layers, final_norm=False, **settings).train(training)
    for i in range(layers):
        put(stack, _transformer_weights(state, False, f"layers.{i}.", f"layers.{i}."))
    first = model.self_attn.batch_first
    return lambda x, mask=None, src_key_padding_mask=None: _batched(
        stack, first, [x], mask=mask, padding_mask=src_key_padding_mask
    )


def multi_head(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
    """Attention, with its weights averaged over the heads."""
    options = dict(options)
    first = options.pop("batch_first", False)
    if options.pop("add_bias_kv", False) or options.pop("add_zero_attn", False):
        raise NotCompared("keys and values that are not in the input")
    layer = nn.MultiHeadAttention(*args, **options).train(training)
    put(layer, _attention_weights(state, "", ""))

    def forward(
        *inputs: Any, key_padding_mask: Any = None, attn_mask: Any = None, need_weights: bool = True
    ) -> Any:
        single = np.ndim(plain(inputs[0])) == 2
        if single:
            inputs = tuple(x[None] for x in inputs)
            key_padding_mask = None if key_padding_mask is None else key_padding_mask[None]
        elif not first:
            inputs = tuple(np.swapaxes(x, 0, 1) for x in inputs)
        if attn_mask is not None and attn_mask.ndim == 3:
            attn_mask = attn_mask.reshape(-1, layer.num_heads, *attn_mask.shape[1:])
        y, weights = layer(
            *inputs,
            mask=_seen(attn_mask),
            padding_mask=_seen(key_padding_mask),
            return_weights=True,
        )
        weights = np.mean(weights, axis=1)
        if single:
            return y[0], weights[0]
        return (y if first else np.swapaxes(y, 0, 1)), weights

    return forward
