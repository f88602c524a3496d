"""Recurrent cells and layers with PyTorch's parameters and axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import plain
from parity.rows.layers import Call, State, put

from pellucid import nn


def _cell(state: State, end: str = "", projected: bool = False) -> State:
    found = {
        "weight": np.transpose(state[f"weight_ih{end}"]),
        "recurrent_weight": np.transpose(state[f"weight_hh{end}"]),
    }
    if f"weight_hr{end}" in state:
        found["projection"] = np.transpose(state[f"weight_hr{end}"])
    if f"bias_ih{end}" in state:
        first, second = state[f"bias_ih{end}"], state[f"bias_hh{end}"]
        width, gates = plain(second).shape[0], plain(second).shape[0]
        hidden = plain(found["recurrent_weight"]).shape[0]
        if width == 3 * hidden:  # a GRU, whose last gate has a bias inside
            gates = 2 * hidden
            found["recurrent_bias"] = second[gates:]
            second = np.pad(second[:gates], (0, hidden))
        found["bias"] = first + second
    return found


def _cells(state: State) -> State:
    found = {}
    for key in state:
        if key.startswith("weight_ih"):
            end = key.removeprefix("weight_ih")
            back = end.endswith("_reverse")
            layer = end.removeprefix("_l").removesuffix("_reverse")
            for name, value in _cell(state, end).items():
                found[f"layer{layer}{'_backward' * back}.{name}"] = value
    return found


def _each(function: Callable[[Any], Any], tree: Any) -> Any:
    if isinstance(tree, (tuple, list)):
        return tuple(_each(function, part) for part in tree)
    return None if tree is None else function(tree)


def recurrent_cell(name: str) -> Call:
    """A cell, also for one sample."""

    def call(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
        options = dict(options)
        if "nonlinearity" in options:
            options["activation"] = options.pop("nonlinearity")
        layer = put(getattr(nn, name)(*args, **options), _cell(state))

        def forward(x: Any, state: Any = None) -> Any:
            if np.ndim(plain(x)) > 1:
                return layer(x, state)
            found = layer(x[None], _each(lambda h: h[None], state))
            return _each(lambda h: h[0], found)

        return forward

    return call


def recurrent(name: str) -> Call:
    """A recurrent layer, with the axis of time where PyTorch has it."""

    def call(
        state: State, training: bool, args: Any, options: dict[str, Any]
    ) -> Callable[..., Any]:
        options = dict(options)
        first = options.pop("batch_first", False)
        names = {"nonlinearity": "activation", "proj_size": "projection"}
        options = {names.get(k, k): v for k, v in options.items()}
        if not options.get("projection", 1):
            del options["projection"]
        layer = put(getattr(nn, name)(*args, **options).train(training), _cells(state))

        def forward(x: Any, state: Any = None) -> Any:
            single = np.ndim(plain(x)) == 2
            if single:
                x, state = x[None], _each(lambda h: h[:, None], state)
            elif not first:
                x = np.swapaxes(x, 0, 1)
            y, state = layer(x, state)
            if single:
                return y[0], _each(lambda h: h[:, 0], state)
            return (y if first else np.swapaxes(y, 0, 1)), state

        return forward

    return call
