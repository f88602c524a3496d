"""Cases of the recurrent layers: kinds × layers × directions × lengths × states, by PyTorch."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from helpers.layers import LayerCase

from pellucid import nn

N, T, F, H = 3, 3, 2, 3
LENGTHS = np.array([3, 1, 2])
MASK = np.arange(T) < LENGTHS[:, None]

KINDS: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "RNN tanh": (nn.RNN, {}, {}),
    "RNN relu": (nn.RNN, {"activation": "relu"}, {"nonlinearity": "relu"}),
    "LSTM": (nn.LSTM, {}, {}),
    "LSTM projected": (nn.LSTM, {"projection": 2}, {"proj_size": 2}),
    "GRU": (nn.GRU, {}, {}),
}
"""Class here, its options, and the options of PyTorch's class of the same name."""


class Called(nn.Module):
    """A recurrent layer with its states as plain arguments, and with lengths or a mask."""

    def __init__(self, layer: nn.Module, **options: Any) -> None:
        super().__init__()
        self.layer = layer
        self.__dict__["options"] = options

    def forward(self, x: Any, *state: Any) -> Any:
        """Return the outputs and the state."""
        given: Any = state if len(state) > 1 else (state[0] if state else None)
        return self.layer(x, given, **self.options)


def torch_weights(torch: Any, p: dict[str, Any], start: str = "") -> dict[str, Any]:
    """Our parameters under PyTorch's names, transposed as PyTorch has them."""
    found: dict[str, Any] = {}
    paths = dict.fromkeys(name.rsplit(".", 1)[0] for name in p if name.startswith(start))
    for path in paths:
        layer = path.removeprefix(f"{start}layer")
        end = f"_l{layer.removesuffix('_backward')}" + "_reverse" * layer.endswith("_backward")
        found[f"weight_ih{end}"] = p[f"{path}.weight"].T
        found[f"weight_hh{end}"] = p[f"{path}.recurrent_weight"].T
        if f"{path}.projection" in p:
            found[f"weight_hr{end}"] = p[f"{path}.projection"].T
        if f"{path}.bias" in p:
            bias = p[f"{path}.bias"]
            second = torch.zeros_like(bias)
            if f"{path}.recurrent_bias" in p:
                last = p[f"{path}.recurrent_bias"]
                second = torch.cat([torch.zeros(2 * len(last), dtype=last.dtype), last])
            found[f"bias_ih{end}"], found[f"bias_hh{end}"] = bias, second
    return found


def by_torch(
    kind: str, layers: int, both: bool, bias: bool, lengths: bool
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    """PyTorch's layer with our weights; sequences of different lengths are packed."""

    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        module = getattr(torch.nn, kind.split()[0])(
            F, H, layers, bidirectional=both, bias=bias, batch_first=True, **KINDS[kind][2]
        ).double()
        weights = torch_weights(torch, p, "layer.")

        def run(x: Any, *state: Any) -> Any:
            given: Any = state if len(state) > 1 else (state[0] if state else None)
            rnn = torch.nn.utils.rnn
            if lengths:
                x = rnn.pack_padded_sequence(
                    x, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False
                )
            output, final = torch.func.functional_call(module, weights, (x, given))
            if lengths:
                output, _ = rnn.pad_packed_sequence(output, batch_first=True, total_length=T)
            return output, final

        return run

    return theirs


def states(kind: str, cells: int) -> tuple[tuple[int, ...], ...]:
    """Shapes of the parts of a state."""
    if not kind.startswith("LSTM"):
        return ((cells, N, H),)
    return ((cells, N, 2 if kind == "LSTM projected" else H), (cells, N, H))


def sequence_case(
    kind: str, layers: int, both: bool, bias: bool, ends: str, state: bool
) -> LayerCase:
    """One setting of a recurrent layer."""
    layer, options, _ = KINDS[kind]
    given: dict[str, Any] = {"lengths": LENGTHS} if ends == "lengths" else {}
    if ends == "mask":
        given = {"mask": MASK}
    words = [kind, f"{layers} layers", "both ways" * both, "no bias" * (not bias), ends]
    words.append("state" * state)
    return LayerCase(
        layer.__name__,
        ", ".join(word for word in words if word),
        lambda: Called(
            layer(F, H, layers, bidirectional=both, bias=bias, rng=0, **options), **given
        ),
        ((N, T, F), *(states(kind, layers * (1 + both)) if state else ())),
        by_torch(kind, layers, both, bias, bool(ends)),
        smooth="relu" not in kind,
    )


# --- the variants that PyTorch does not have, written out in it -----------------------------------


def _loop(step: Callable[..., Any]) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    """A layer as a loop over steps in PyTorch: step(torch, p, x, *state) -> state."""

    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        p = {name.removeprefix("layer."): value for name, value in p.items()}
        p = {name.removeprefix("layer0."): value for name, value in p.items()}

        def run(x: Any, *state: Any) -> Any:
            found = []
            state = tuple(part[0] for part in state)
            for t in range(x.shape[1]):
                state = step(torch, p, x[:, t], *state)
                found.append(state[0])
            return torch.stack(found, dim=1), [part[None] for part in state]

        return run

    return theirs


def _peepholes(torch: Any, p: dict[str, Any], x: Any, h: Any, c: Any) -> Any:
    a = x @ p["weight"] + h @ p["recurrent_weight"] + p["bias"]
    i, f, g, o = a.split(c.shape[1], dim=1)
    before, forget, after = p["peepholes"]
    c = torch.sigmoid(f + forget * c) * c + torch.sigmoid(i + before * c) * torch.tanh(g)
    h = torch.sigmoid(o + after * c) * torch.tanh(c)
    return (h @ p["projection"] if "projection" in p else h), c


def _cho(torch: Any, p: dict[str, Any], x: Any, h: Any) -> Any:
    r, z, n = (x @ p["weight"] + p["bias"]).split(h.shape[1], dim=1)
    ur, uz, un = p["recurrent_weight"].split(h.shape[1], dim=1)
    r, z = torch.sigmoid(r + h @ ur), torch.sigmoid(z + h @ uz)
    return ((1 - z) * torch.tanh(n + (r * h) @ un) + z * h,)


VARIANTS = [
    LayerCase(
        "LSTM",
        "peepholes",
        lambda: Called(nn.LSTM(F, H, peepholes=True, rng=0)),
        ((N, T, F), (1, N, H), (1, N, H)),
        _loop(_peepholes),
    ),
    LayerCase(
        "LSTM",
        "peepholes and projection",
        lambda: Called(nn.LSTM(F, H, peepholes=True, projection=2, rng=0)),
        ((N, T, F), (1, N, 2), (1, N, H)),
        _loop(_peepholes),
    ),
    LayerCase(
        "GRU",
        "reset before the product",
        lambda: Called(nn.GRU(F, H, reset_after=False, rng=0)),
        ((N, T, F), (1, N, H)),
        _loop(_cho),
    ),
]

# --- cells ----------------------------------------------------------------------------------------


def _cell(
    kind: str, options: dict[str, Any]
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        bias = any("bias" in name for name in p)
        module = getattr(torch.nn, kind)(F, H, bias=bias, **options).double()
        p = {f"layer.layer0.{name.removeprefix('layer.')}": value for name, value in p.items()}
        weights = {
            name.removesuffix("_l0"): value
            for name, value in torch_weights(torch, p, "layer.").items()
        }

        def run(x: Any, *state: Any) -> Any:
            given: Any = state if len(state) > 1 else (state[0] if state else None)
            return torch.func.functional_call(module, weights, (x, given))

        return run

    return theirs


CELLS = [
    LayerCase(
        kind,
        f"{setting}{', no bias' * (not bias)}{', state' * state}",
        partial(
            lambda kind, mine, bias: Called(getattr(nn, kind)(F, H, bias=bias, rng=0, **mine)),
            kind,
            mine,
            bias,
        ),
        ((N, F), *((((N, H),) * (1 + (kind == "LSTMCell"))) if state else ())),
        _cell(kind, options),
        smooth="relu" not in setting,
    )
    for kind, setting, mine, options in (
        ("RNNCell", "tanh", {}, {}),
        ("RNNCell", "relu", {"activation": "relu"}, {"nonlinearity": "relu"}),
        ("LSTMCell", "plain", {}, {}),
        ("GRUCell", "plain", {}, {}),
    )
    for bias, state in itertools.product((True, False), (True, False))
]

# --- what follows ---------------------------------------------------------------------------------


class Followed(nn.Module):
    """A selecting layer after a recurrent one."""

    def __init__(self, select: nn.Module, both: bool, **options: Any) -> None:
        super().__init__()
        self.layer = nn.GRU(F, H, 2, bidirectional=both, rng=0)
        self.select = select
        self.__dict__["options"] = options

    def forward(self, x: Any) -> Any:
        """Return what the selecting layer passes on."""
        return self.select(self.layer(x, **self.options))


def _selected(
    both: bool, lengths: bool, select: Callable[[Any, Any, Any], Any]
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        run = by_torch("GRU", 2, both, True, lengths)(torch, p)
        return lambda x: select(torch, *run(x))

    return theirs


def _last(torch: Any, output: Any, state: Any) -> Any:
    return torch.cat(list(state[2:]), dim=-1) if len(state) == 4 else state[-1]


SELECTIONS = [
    *[
        LayerCase(
            "LastStep",
            f"{'both ways' if both else 'one way'}{', lengths' * lengths}",
            partial(
                lambda both, given: Followed(nn.LastStep(), both, **given),
                both,
                {"lengths": LENGTHS} if lengths else {},
            ),
            ((N, T, F),),
            _selected(both, lengths, _last),
        )
        for both, lengths in itertools.product((False, True), (False, True))
    ],
    LayerCase(
        "LastStep",
        "of plain sequences",
        nn.LastStep,
        ((N, T, F),),
        lambda torch, p: lambda x: x[:, -1],
    ),
    LayerCase(
        "AllSteps",
        "after a layer",
        lambda: Followed(nn.AllSteps(), False),
        ((N, T, F),),
        _selected(False, False, lambda torch, output, state: output),
    ),
    LayerCase(
        "AllSteps",
        "of plain sequences",
        nn.AllSteps,
        ((N, T, F),),
        lambda torch, p: lambda x: x,
    ),
]

GRID = [
    *itertools.product((1, 2), (False, True), (("", True), ("mask", True))),
    *itertools.product((1,), (False, True), (("", False), ("lengths", False))),
]
"""Layers, both ways, how lengths are given, and whether there is a state to start from."""

CASES: list[LayerCase] = [
    *[
        sequence_case(kind, layers, both, True, ends, state)
        for kind in KINDS
        for layers, both, (ends, state) in GRID
    ],
    *[sequence_case(kind, 1, both, False, "", True) for kind in KINDS for both in (False, True)],
    *VARIANTS,
    *CELLS,
    *SELECTIONS,
]
