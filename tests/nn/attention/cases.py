"""Cases of attention, positions and the layers of transformers, over a grid of settings."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from helpers.layers import LayerCase
from nn.attention import torch_attention as theirs

from pellucid import nn

N, T, S, D = 2, 3, 4, 6
_RNG = np.random.default_rng(0)


def _some(*shape: int) -> np.ndarray:
    """Truth values of which at least one is True in every row."""
    mask = _RNG.random(shape) < 0.5
    mask[..., 0] = True
    return mask


def bound(kind: type[nn.Module], *sizes: int, given: dict[str, Any], **options: Any) -> nn.Module:
    """A layer that is called with some keyword arguments each time."""

    class Bound(kind):  # type: ignore[misc, valid-type]
        def forward(self, *inputs: Any) -> Any:
            """Add the keyword arguments."""
            return super().forward(*inputs, **given)

    Bound.__name__ = kind.__name__
    layer: nn.Module = Bound(*sizes, rng=0, **options)
    return layer


# --- attention ------------------------------------------------------------------------------------

MASKS: dict[str, dict[str, Any]] = {
    "no mask": {},
    "mask (T, S)": {"mask": _some(T, T)},
    "mask (N, T, S)": {"mask": _some(N, T, T)},
    "mask (N, 1, T, S)": {"mask": _some(N, 1, T, T)},
    "bias (T, S)": {"mask": _RNG.normal(size=(T, T))},
    "bias (N, T, S)": {"mask": _RNG.normal(size=(N, T, T))},
    "bias (N, H, T, S)": {"mask": _RNG.normal(size=(N, 2, T, T))},
    "bias of −∞": {"mask": np.where(_some(T, T), 0.0, -np.inf)},
    "padding": {"padding_mask": np.array([[True, True, False], [True, True, True]])},
    "padding and mask": {
        "padding_mask": np.array([[True, True, False], [True, True, True]]),
        "mask": _some(N, T, T),
    },
    "padding and bias": {
        "padding_mask": np.array([[True, False, True], [True, True, True]]),
        "mask": _RNG.normal(size=(T, T)),
    },
}


def _self(name: str, heads: int, causal: bool, bias: bool) -> LayerCase:
    given = MASKS[name]
    setting = [name, f"{heads} heads", *["causal"] * causal, *["no bias"] * (not bias)]
    return LayerCase(
        "MultiHeadAttention",
        ", ".join(setting),
        lambda: bound(nn.MultiHeadAttention, D, heads, given=given, causal=causal, bias=bias),
        ((N, T, D),),
        theirs.multi_head(heads, causal=causal, **given),
    )


SELF = [
    _self(name, heads, causal, bias)
    for name, heads, causal, bias in itertools.product(MASKS, (1, 2), (False, True), (True, False))
    if (bias or name in ("no mask", "padding")) and (heads == 2 or "H, T" not in name)
]

CROSS_MASKS: dict[str, dict[str, Any]] = {
    "no mask": {},
    "mask": {"mask": _some(T, S)},
    "bias": {"mask": _RNG.normal(size=(N, T, S))},
    "padding": {"padding_mask": _some(N, S)},
    "weights": {"return_weights": True},
    "weights and padding": {"return_weights": True, "padding_mask": _some(N, S)},
}


def _cross(name: str, kdim: int | None, vdim: int | None, bias: bool) -> LayerCase:
    given = CROSS_MASKS[name]
    options = {"kdim": kdim, "vdim": vdim, "bias": bias}
    inputs = [(N, T, D), (N, S, kdim or D), (N, S, vdim or kdim or D)]
    setting = [f"cross, {name}"]
    setting += [f"{key} {value}" for key, value in options.items() if value is not None]
    return LayerCase(
        "MultiHeadAttention",
        ", ".join(setting),
        lambda: bound(nn.MultiHeadAttention, D, 2, given=given, **options),
        tuple(inputs if vdim else inputs[:2]),
        theirs.multi_head(2, **given),
    )


CROSS = [
    _cross(name, kdim, vdim, bias)
    for name, (kdim, vdim), bias in itertools.product(
        CROSS_MASKS, ((None, None), (5, 3)), (True, False)
    )
    if bias or name == "no mask"
]

GROUPED = [
    LayerCase(
        "MultiHeadAttention",
        f"{heads} heads share {groups}" + (", causal" if causal else ""),
        lambda heads=heads, groups=groups, causal=causal: nn.MultiHeadAttention(
            8, heads, num_kv_heads=groups, causal=causal, rng=0
        ),
        ((N, T, 8),),
        theirs.grouped(heads, groups, causal=causal),
    )
    for (heads, groups), causal in itertools.product(
        ((4, 4), (4, 2), (4, 1), (2, 1)), (False, True)
    )
]

POSITIONED = [
    LayerCase(
        "MultiHeadAttention",
        f"{name}" + (", causal" if causal else ""),
        lambda positions=positions, causal=causal: nn.MultiHeadAttention(
            8, 2, positions=positions, causal=causal, rng=0
        ),
        ((N, 4, 8),),
        theirs.with_positions(2, kind, causal=causal),
    )
    for (name, positions, kind), causal in itertools.product(
        (
            ("rotary", "rotary", "adjacent"),
            ("rotary by halves", nn.RotaryPositions(4, pairs="halves"), "halves"),
            ("ALiBi", "alibi", "alibi"),
        ),
        (False, True),
    )
]

# --- positions ------------------------------------------------------------------------------------


def _waves(scale: float, base: float) -> Callable[[Any, Any], Callable[..., Any]]:
    def formula(torch: Any, p: Any) -> Callable[..., Any]:
        def add(x: Any) -> Any:
            waves = torch.zeros(x.shape[-2:], dtype=x.dtype)
            width = x.shape[-1]
            for t in range(x.shape[-2]):
                for i in range(width):
                    angle = torch.tensor(t / base ** (2 * (i // 2) / width), dtype=x.dtype)
                    waves[t, i] = torch.cos(angle) if i % 2 else torch.sin(angle)
            return scale * x + waves

        return add

    return formula


POSITIONS = [
    *(
        LayerCase(
            "SinusoidalPositions",
            f"width {shape[-1]} of {len(shape)} axes, scale {scale:g}, base {base:g}",
            lambda width=shape[-1], scale=scale, base=base: nn.SinusoidalPositions(
                width, scale=scale, base=base
            ),
            (shape,),
            _waves(scale, base),
        )
        for shape, scale, base in itertools.product(
            ((2, 5, 6), (4, 3), (1, 0, 2), (2, 2, 3, 1)), (1.0, 2.5), (10_000.0, 100.0)
        )
    ),
    *(
        LayerCase(
            "LearnedPositions",
            f"{length} of {most}, width {width}",
            lambda most=most, width=width: nn.LearnedPositions(most, width, rng=0),
            ((2, length, width),),
            lambda torch, p: lambda x: x + p["weight"][: x.shape[1]],
        )
        for (length, most), width in itertools.product(((1, 1), (3, 5), (5, 5), (0, 2)), (1, 4))
    ),
    *(
        LayerCase(
            "RotaryPositions",
            f"{pairs}, {'×'.join(map(str, shape))}, base {base:g}",
            lambda pairs=pairs, width=shape[-1], base=base: nn.RotaryPositions(
                width, pairs=pairs, base=base
            ),
            (shape,),
            lambda torch, p, pairs=pairs, base=base: (
                lambda x: theirs.rotated(torch, x, pairs, base)
            ),
        )
        for pairs, shape, base in itertools.product(
            ("adjacent", "halves"), ((2, 3, 5, 6), (4, 2), (2, 0, 4)), (10_000.0, 100.0)
        )
    ),
]

# --- layers ---------------------------------------------------------------------------------------

# Where a row hardly varies, its normalisation is curved too much for finite differences: a larger
# eps and smaller weights than usual keep them exact.
_EPS = 0.1
_INIT = nn.init.Normal(std=0.2)
_PADDING = np.array([[True, True, False], [True, True, True]])
_CAUSAL = ~np.tril(np.ones((T, T), bool))


def _final_norm(torch: Any, bias: bool) -> Any:
    return torch.nn.LayerNorm(D, _EPS, bias=bias, dtype=torch.float64)


def _encoder_call(
    norm_first: bool, activation: str, bias: bool, given: dict[str, Any], layers: int = 0
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def build(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        layer = torch.nn.TransformerEncoderLayer(
            D, 2, 5, 0.0, activation, _EPS, True, norm_first, bias, dtype=torch.float64
        )
        module, state = layer, None
        if layers:
            norm = (
                torch.nn.LayerNorm(D, _EPS, bias=bias, dtype=torch.float64) if norm_first else None
            )
            module = torch.nn.TransformerEncoder(layer, layers, norm, enable_nested_tensor=False)
            state = theirs.stack_state(torch, p, layers)
        else:
            state = theirs.layer_state(torch, p)
        hidden = {}
        if "mask" in given:
            hidden["mask" if layers else "src_mask"] = torch.tensor(~given["mask"])
        if "padding_mask" in given:
            hidden["src_key_padding_mask"] = torch.tensor(~given["padding_mask"])
        return lambda x: torch.func.functional_call(module, state, (x,), hidden)

    return build


ENCODER_MASKS: dict[str, dict[str, Any]] = {
    "no mask": {},
    "causal": {"mask": ~_CAUSAL},
    "padding": {"padding_mask": _PADDING},
}


def _encoder_layer(norm_first: bool, activation: str, bias: bool, name: str) -> LayerCase:
    given = ENCODER_MASKS[name]
    order = "norm first" if norm_first else "norm last"
    return LayerCase(
        "TransformerEncoderLayer",
        f"{order}, {activation}, {name}" + ("" if bias else ", no bias"),
        lambda: bound(
            nn.TransformerEncoderLayer,
            D,
            2,
            5,
            given=given,
            norm_first=norm_first,
            activation=activation,
            bias=bias,
            dropout=0.0,
            eps=_EPS,
            weight_init=_INIT,
        ),
        ((N, T, D),),
        _encoder_call(norm_first, activation, bias, given),
        smooth=activation != "relu",
    )


def _decoder_call(
    norm_first: bool, activation: str, bias: bool, padding: bool, layers: int = 0
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def build(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        layer = torch.nn.TransformerDecoderLayer(
            D, 2, 5, 0.0, activation, _EPS, True, norm_first, bias, dtype=torch.float64
        )
        module, state = layer, None
        if layers:
            norm = (
                torch.nn.LayerNorm(D, _EPS, bias=bias, dtype=torch.float64) if norm_first else None
            )
            module = torch.nn.TransformerDecoder(layer, layers, norm)
            state = theirs.stack_state(torch, p, layers, decoder=True)
        else:
            state = theirs.layer_state(torch, p, decoder=True)
        hidden = {"tgt_mask": torch.tensor(_CAUSAL)}
        if padding:
            hidden["tgt_key_padding_mask"] = torch.tensor(~_PADDING)
            hidden["memory_key_padding_mask"] = torch.tensor(~_MEMORY_PADDING)
        return lambda x, memory: torch.func.functional_call(module, state, (x, memory), hidden)

    return build


_MEMORY_PADDING = _some(N, S)


def _decoder_given(padding: bool) -> dict[str, Any]:
    if not padding:
        return {}
    return {"padding_mask": _PADDING, "memory_padding_mask": _MEMORY_PADDING}


def _decoder_layer(norm_first: bool, activation: str, bias: bool, padding: bool) -> LayerCase:
    order = "norm first" if norm_first else "norm last"
    masks = ", padding" if padding else ""
    return LayerCase(
        "TransformerDecoderLayer",
        f"{order}, {activation}{masks}" + ("" if bias else ", no bias"),
        lambda: bound(
            nn.TransformerDecoderLayer,
            D,
            2,
            5,
            given=_decoder_given(padding),
            norm_first=norm_first,
            activation=activation,
            bias=bias,
            dropout=0.0,
            eps=_EPS,
            weight_init=_INIT,
        ),
        ((N, T, D), (N, S, D)),
        _decoder_call(norm_first, activation, bias, padding),
        smooth=activation != "relu",
    )


_STACK: dict[str, Any] = {
    "feedforward": 5,
    "dropout": 0.0,
    "eps": _EPS,
    "weight_init": _INIT,
    "activation": "gelu",
}

STACKS = [
    case
    for norm_first in (False, True)
    for case in (
        LayerCase(
            "TransformerEncoder",
            "norm first" if norm_first else "norm last",
            lambda norm_first=norm_first: nn.TransformerEncoder(
                D, 2, 2, norm_first=norm_first, rng=0, **_STACK
            ),
            ((N, T, D),),
            _encoder_call(norm_first, "gelu", True, {}, layers=2),
        ),
        LayerCase(
            "TransformerDecoder",
            "norm first" if norm_first else "norm last",
            lambda norm_first=norm_first: nn.TransformerDecoder(
                D, 2, 2, norm_first=norm_first, rng=0, **_STACK
            ),
            ((N, T, D), (N, S, D)),
            _decoder_call(norm_first, "gelu", True, False, layers=2),
        ),
    )
]

LAYERS = [
    *itertools.starmap(
        _encoder_layer,
        itertools.product((False, True), ("gelu", "relu"), (True, False), ENCODER_MASKS),
    ),
    *itertools.starmap(
        _decoder_layer,
        itertools.product((False, True), ("gelu", "relu"), (True, False), (False, True)),
    ),
    *STACKS,
]

CASES: list[LayerCase] = [*SELF, *CROSS, *GROUPED, *POSITIONED, *POSITIONS, *LAYERS]
