"""How a layer of Pellucid is made from PyTorch's constructor arguments and parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.rows.adapters import plain, rank_batched

from pellucid import nn

State = dict[str, Any]
Call = Callable[..., Any]
"""``call(state, training, args, options)`` returns a function of the forward inputs."""

AVERAGES = ("running_mean", "running_var")


def put(layer: nn.Module, weights: State) -> nn.Module:
    """Let a layer compute with the given Tensors in the places of its parameters."""
    for path, value in weights.items():
        owner, _, name = path.rpartition(".")
        object.__setattr__(dict(layer.named_modules())[owner] if owner else layer, name, value)
    return layer


def _same(state: State) -> State:
    return state


def transposed(state: State) -> State:
    return {k: np.transpose(v) if np.ndim(plain(v)) == 2 else v for k, v in state.items()}


def layered(
    name: str,
    names: tuple[str, ...] = (),
    *,
    weights: Callable[[State], State] = _same,
    renamed: dict[str, str] | None = None,
    rank: int | None = None,
    pairs: bool = False,
) -> Call:
    """A layer made from PyTorch's constructor arguments.

    Parameters
    ----------
    name : str
        In `pellucid.nn`.
    names : tuple of str
        Names of arguments that are positional in PyTorch.
    weights : callable
        From PyTorch's parameters and buffers to those of the layer.
    renamed : dict
        Arguments that have another name here.
    rank : int, optional
        Axes of length, where PyTorch also takes a single sample.
    pairs : bool
        Whether the first argument gives widths of a border, the last axis first.
    """

    def call(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
        options = dict(zip(names, args, strict=False)) | options if names else options
        args = () if names else args
        options = {(renamed or {}).get(k, k): v for k, v in options.items()}
        if pairs and not isinstance(args[0], int):
            ends = list(zip(args[0][::2], args[0][1::2], strict=True))
            args = (tuple(ends[::-1]), *args[1:])
        layer = getattr(nn, name)(*args, **options).train(training)
        put(layer, weights(state))

        def forward(*inputs: Any, **more: Any) -> Any:
            run = layer if rank is None else rank_batched(rank, layer)
            found = run(*inputs, *more.values())
            averages = [vars(layer).get(key) for key in AVERAGES]
            return [found, *(x for x in averages if x is not None)]

        return forward

    return call


def function(row: Callable[..., Any]) -> Call:
    """A function that takes the constructor's arguments after the inputs."""

    def call(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
        return lambda *inputs, **more: row(*inputs, *args, **options, **more)

    return call
