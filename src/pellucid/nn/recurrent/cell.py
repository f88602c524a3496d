"""What all recurrent cells share: their weights, their checks, and the loop over steps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike, float_dtype
from pellucid.errors import DataError, ShapeError
from pellucid.nn.drawing import WeightDraw
from pellucid.nn.init import InitLike, make_initializer
from pellucid.nn.inputs import input_of
from pellucid.nn.lazy import LazyParameter, is_pending
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["RecurrentCell", "States", "whole_size"]

States: TypeAlias = tuple[Value, ...]
"""The parts of a state: (h,), or (h, c) of an LSTM."""


def whole_size(size: Any, name: str, owner: str) -> int:
    """Return a size as an int.

    Raises
    ------
    DataError
        If it is not a whole number of at least 1.
    """
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise DataError(f"{name} of {owner} is a whole number ≥ 1, got {size!r}")
    return int(size)


@dataclass(frozen=True)
class PerGate:
    """Draws the weights of each gate by itself, so that its own fans count, not those of all."""

    initializer: Callable[..., Array]
    gates: int

    def __call__(self, shape: tuple[int, ...], rng: Seed, dtype: DTypeLike) -> Array:
        """Return the blocks of all gates side by side."""
        rows, columns = shape
        blocks = [
            self.initializer((rows, columns // self.gates), rng, dtype) for _ in range(self.gates)
        ]
        return np.concatenate(blocks, axis=1)

    def __str__(self) -> str:
        return str(self.initializer)


class RecurrentCell(Module):
    """One step of a recurrence: the new state from an input and the state before.

    Subclasses say in `gates` which products they make, and in :meth:`advance` what follows.
    """

    gates: ClassVar[tuple[str, ...]]
    state_names: ClassVar[tuple[str, ...]] = ("h",)

    weight: Parameter
    recurrent_weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        output_size: int,
        bias: bool,
        weight_init: InitLike | None,
        recurrent_init: InitLike | None,
        dtype: DTypeLike | None,
        rng: Seed,
    ) -> None:
        super().__init__()
        name = f"{'an' if type(self).__name__[0] in 'LR' else 'a'} {type(self).__name__}"
        self.hidden_size = whole_size(hidden_size, "hidden_size", name)
        wanted, wide = float_dtype(dtype), len(self.gates) * self.hidden_size
        rng = None if rng is None else generator(rng)
        self._draw = self._drawing(weight_init, "glorot_normal", rng)
        if input_size is None:
            self.weight = LazyParameter((None, wide), wanted)
        else:
            size = whole_size(input_size, "input_size", name)
            self.weight = Parameter(self._draw((size, wide), wanted))
        recurrent = self._drawing(recurrent_init, "orthogonal", rng)
        self.recurrent_weight = Parameter(recurrent((output_size, wide), wanted))
        self.bias = Parameter(np.zeros(wide, wanted)) if bias else None

    def _drawing(self, init: InitLike | None, default: str, rng: Seed) -> WeightDraw:
        chosen = make_initializer(default if init is None else init)
        return WeightDraw(PerGate(chosen, len(self.gates)), rng)

    @property
    def input_size(self) -> int | None:
        """Number of features of an input; None until it is known."""
        return None if is_pending(self.weight) else self.weight.shape[0]

    @property
    def output_size(self) -> int:
        """Number of features of h."""
        return self.recurrent_weight.shape[0]

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Number of features of each part of the state."""
        return (self.output_size, self.hidden_size)[: len(self.state_names)]

    # --- one step ---------------------------------------------------------------------------------

    def forward(self, x: Value, state: Any = None) -> Any:
        """Return the new state.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, input_size).
        state : array or Tensor (or a pair of them, for an LSTM), optional
            The state before, of shape (N, hidden_size); zeros if it is left out.

        Returns
        -------
        Tensor, or a pair of them
            The new state, of the shapes of the state before.
        """
        x = input_of(x, self.recurrent_weight.data.dtype)
        if len(x.shape) != 2:
            raise ShapeError(
                f"expected inputs of shape (samples, {self.input_size or 'features'}), one step "
                f"of each sequence, got {x.shape}"
            )
        self.settle(x.shape)
        found = self.advance(self.gate_inputs(x), self._start(state, x.shape[0]))
        return found if len(self.state_names) > 1 else found[0]

    def _start(self, state: Any, batch: int) -> States:
        dtype = self.recurrent_weight.data.dtype
        if state is None:
            return tuple(np.zeros((batch, size), dtype) for size in self.state_sizes)
        parts = split_state(state, self.state_names, type(self).__name__)
        found = tuple(input_of(part, dtype) for part in parts)
        for name, part, size in zip(self.state_names, found, self.state_sizes, strict=True):
            if part.shape != (batch, size):
                raise ShapeError(
                    f"expected a state {name} of shape ({batch}, {size}), got {part.shape}"
                )
        return found

    def settle(self, shape: tuple[int, ...]) -> None:
        """Take the input size from a first batch, or say what does not fit."""
        if isinstance(self.weight, LazyParameter) and is_pending(self.weight):
            if not shape[-1]:
                raise ShapeError(f"cannot infer the input size from inputs of shape {shape}")
            wide = self.recurrent_weight.shape[1]
            self.weight.fill(self._draw((shape[-1], wide), self.weight.dtype))
        elif shape[-1] != self.weight.shape[0]:
            raise ShapeError(
                f"expected inputs with {self.weight.shape[0]} features (last axis), got shape "
                f"{shape}; make this layer {shape[-1]} features wide, or the one before it "
                f"{self.weight.shape[0]}"
            )

    # --- what a kind of cell computes -------------------------------------------------------------

    def gate_inputs(self, x: Value) -> Value:
        """Return x W + b, what an input contributes to the gates: (..., F) -> (..., gates·H)."""
        if self.bias is None:
            return p.matmul(x, self.weight)
        return p.linear(x, self.weight, self.bias)

    @abstractmethod
    def advance(self, z: Value, state: States) -> States:
        """Return the new state from z = x W + b of one step, (N, gates·H), and the state before."""

    def unroll(self, z: Value, state: States) -> States:
        """Return the states of all steps, each (T, N, H), from z = x W + b of all, (T, N, gates·H).

        This is the plain loop. Where a primitive does the whole sequence in one call, the subclass
        calls that instead; the numbers are the same.
        """
        steps: list[States] = []
        for t in range(z.shape[0]):
            state = self.advance(p.getitem(z, index=t), state)
            steps.append(state)
        if not steps:
            return tuple(np.zeros((0, *part.shape), part.dtype) for part in state)
        return tuple(ops.stack(parts) for parts in zip(*steps, strict=True))

    def columns(self, z: Value) -> list[Value]:
        """Split (N, gates·H) into the gates, in their order."""
        size = self.hidden_size
        return [
            p.getitem(z, index=(slice(None), slice(k * size, (k + 1) * size)))
            for k in range(len(self.gates))
        ]

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        parts = [f"{self.input_size or '?'} → {self.hidden_size}", *self.options()]
        if self.bias is None:
            parts.append("no bias")
        if self.recurrent_weight.dtype != float_dtype(None):
            parts.append(str(self.recurrent_weight.dtype))
        return ", ".join(parts)

    def options(self) -> list[str]:
        """Return the options of this kind of cell that are not at their defaults."""
        return []


def split_state(state: Any, names: tuple[str, ...], owner: str) -> States:
    """Return the parts of a state that a caller gave."""
    if len(names) == 1:
        if isinstance(state, (tuple, list)) and len(state) and hasattr(state[0], "shape"):
            raise DataError(f"the state of {owner} is one array h, got {len(state)} of them")
        return (state,)
    if not isinstance(state, (tuple, list)) or len(state) != len(names):
        raise DataError(f"the state of {owner} is a pair ({', '.join(names)}), got {_kind(state)}")
    return tuple(state)


def _kind(state: Any) -> str:
    if isinstance(state, (tuple, list)):
        return f"{len(state)} values"
    return f"one array of shape {state.shape}" if hasattr(state, "shape") else repr(state)
