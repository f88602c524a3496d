"""Recurrent layers: a cell run over sequences, in several layers and in both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError, UnsupportedError
from pellucid.nn.dropout import _check_probability, dropout
from pellucid.nn.inputs import input_of
from pellucid.nn.module import Module
from pellucid.nn.recurrent.cell import RecurrentCell, States, split_state, whole_size
from pellucid.nn.recurrent.spans import Spans, spans_of
from pellucid.primitives.declaration import Recorded, Value
from pellucid.random import Seed, generator

__all__ = ["Recurrence", "RecurrentLayer", "detach_state"]


class Recurrence(NamedTuple):
    """What a recurrent layer returns: all outputs, and the state after the last valid step."""

    output: Any
    state: Any

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        """Refuse: a layer that follows takes either the output or the state."""
        raise UnsupportedError(
            "a recurrent layer returns its output and its state; put nn.LastStep() or "
            "nn.AllSteps() behind it, or unpack them, as in output, state = layer(x)"
        )


def detach_state(state: Any) -> Any:
    """Return a state without its history, so that gradients end there.

    Between chunks of a long sequence this is what truncates backpropagation through time
    (Williams & Peng, 1990).

    Parameters
    ----------
    state : Tensor, array, tuple of them, or None
        As a recurrent layer or cell returns it.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer, state = nn.GRU(3, 4), None
    >>> for chunk in np.split(np.ones((2, 6, 3)), 3, axis=1):
    ...     output, state = layer(chunk, nn.detach_state(state))
    """
    if isinstance(state, (tuple, list)):
        return tuple(detach_state(part) for part in state)
    return state.data if isinstance(state, Recorded) else state


class RecurrentLayer(Module):
    """Cells over sequences (N, T, F): what RNN, LSTM and GRU share.

    The cells are attributes, ``layer0``, ``layer1`` … and ``layer0_backward`` … for the way from
    the end to the start.
    """

    def __init__(
        self,
        cell: Callable[..., RecurrentCell],
        input_size: int | None,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
        rng: Seed,
    ) -> None:
        super().__init__()
        name = f"{'an' if type(self).__name__[0] in 'LR' else 'a'} {type(self).__name__}"
        self.num_layers = whole_size(num_layers, "num_layers", name)
        self.bidirectional = bool(bidirectional)
        self.dropout = _check_probability(dropout)
        if self.dropout and self.num_layers == 1:
            raise DataError(
                "dropout acts between the layers of a recurrent layer, and there is only one; "
                "put nn.Dropout after it, or set num_layers"
            )
        self.rng = None if rng is None else generator(rng)
        size = input_size
        for k in range(self.num_layers):
            for suffix in ("", "_backward")[: self.directions]:
                made = cell(size, rng=self.rng)
                setattr(self, f"layer{k}{suffix}", made)
            size = made.output_size * self.directions

    @property
    def directions(self) -> int:
        """1, or 2 for a bidirectional layer."""
        return 2 if self.bidirectional else 1

    @property
    def cells(self) -> list[RecurrentCell]:
        """The cells, layer by layer, in each the way forwards first."""
        return [cell for cell in self.children() if isinstance(cell, RecurrentCell)]

    @property
    def input_size(self) -> int | None:
        """Number of features of an input; None until it is known."""
        return self.cells[0].input_size

    @property
    def hidden_size(self) -> int:
        """Number of units of each cell."""
        return self.cells[0].hidden_size

    @property
    def output_size(self) -> int:
        """Number of features of an output: those of h, of both directions."""
        return self.cells[0].output_size * self.directions

    # --- whole sequences --------------------------------------------------------------------------

    def forward(
        self, x: Value, state: Any = None, *, lengths: Any = None, mask: Any = None
    ) -> Recurrence:
        """Run over sequences.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, T, input_size).
        state : array or Tensor (or a pair of them, for an LSTM), optional
            The state to start from, each part of shape (num_layers · directions, N, H); zeros if it
            is left out.
        lengths : array of int (N,), optional
            How many steps of each sequence are valid; the rest is padding.
        mask : array of bool (N, T), optional
            The same, said as True on valid steps.

        Returns
        -------
        output : Tensor
            h of the last layer at every step, (N, T, D), both directions next to each other; zeros
            behind the end of a sequence.
        state : Tensor, or a pair of them
            The state after the last valid step of each sequence (of the way backwards: after the
            first), as `state` above.

        Raises
        ------
        ShapeError
            If inputs, states, lengths or the mask do not fit.
        DataError
            If a length is out of range, or a mask has gaps.
        """
        cells = self.cells
        x = input_of(x, cells[0].recurrent_weight.data.dtype)
        self._check(x.shape)
        batch, steps, _ = x.shape
        spans = spans_of(lengths, mask, batch, steps)
        starts = self._starts(state, batch)
        x = p.transpose(x, axes=(1, 0, 2))  # (T, N, F)
        finals: list[States] = []
        for k in range(self.num_layers):
            if k and self.dropout:
                x = dropout(x, self.dropout, self.training, self.rng)
            outputs = []
            for d in range(self.directions):
                i = k * self.directions + d
                output, final = self._run(cells[i], x, starts[i], spans, backwards=d == 1)
                outputs.append(output)
                finals.append(final)
            x = outputs[0] if len(outputs) == 1 else p.concatenate(*outputs, axis=-1)
        output = p.transpose(spans.masked(x), axes=(1, 0, 2))  # (N, T, D)
        return Recurrence(output, self._joined(finals))

    def _run(
        self, cell: RecurrentCell, x: Value, start: States, spans: Spans, *, backwards: bool
    ) -> tuple[Value, States]:
        """Return one cell's outputs (T, N, H), and its state at the end."""
        if backwards:
            x = spans.backwards(x)
        cell.settle(x.shape)
        states = cell.unroll(cell.gate_inputs(x), start)
        final = tuple(spans.last(s, first) for s, first in zip(states, start, strict=True))
        return spans.backwards(states[0]) if backwards else states[0], final

    # --- one step at a time -----------------------------------------------------------------------

    def step(self, x: Value, state: Any = None) -> Recurrence:
        """Run one step of each sequence, as in generating text: the output is an input again.

        Parameters
        ----------
        x : array or Tensor
            Of shape (N, input_size).
        state : optional
            As for :meth:`forward`.

        Returns
        -------
        output : Tensor
            Of shape (N, D).
        state : Tensor, or a pair of them
            The state after the step.

        Raises
        ------
        DataError
            If the layer is bidirectional: it would have to know the future.
        """
        if self.bidirectional:
            raise DataError(
                f"a bidirectional {type(self).__name__} reads sequences from their end too, so "
                "that it cannot go on step by step; call it with whole sequences"
            )
        cells = self.cells
        x = input_of(x, cells[0].recurrent_weight.data.dtype)
        if len(x.shape) != 2:
            raise ShapeError(
                f"expected one step of each sequence, (samples, features), got {x.shape}"
            )
        finals: list[States] = []
        for k, (cell, start) in enumerate(zip(cells, self._starts(state, x.shape[0]), strict=True)):
            if k and self.dropout:
                x = dropout(x, self.dropout, self.training, self.rng)
            cell.settle(x.shape)
            finals.append(cell.advance(cell.gate_inputs(x), start))
            x = finals[-1][0]
        return Recurrence(x, self._joined(finals))

    # --- states -----------------------------------------------------------------------------------

    def zero_state(self, batch: int) -> Any:
        """Return the state that :meth:`forward` starts from if none is given, for N sequences."""
        cells = self.cells
        dtype, sizes = cells[0].recurrent_weight.data.dtype, cells[0].state_sizes
        zeros = tuple(np.zeros((len(cells), batch, size), dtype) for size in sizes)
        return zeros if len(zeros) > 1 else zeros[0]

    def _starts(self, state: Any, batch: int) -> list[States]:
        """Return the state that each cell starts from."""
        cells = self.cells
        dtype, sizes = cells[0].recurrent_weight.data.dtype, cells[0].state_sizes
        if state is None:
            zeros = tuple(np.zeros((batch, size), dtype) for size in sizes)
            return [zeros] * len(cells)
        names = cells[0].state_names
        parts = [input_of(s, dtype) for s in split_state(state, names, type(self).__name__)]
        for name, part, size in zip(names, parts, sizes, strict=True):
            if part.shape != (len(cells), batch, size):
                rows = f"{self.num_layers} layer{'s' * (self.num_layers > 1)}"
                ways = " · 2 directions" if self.bidirectional else ""
                raise ShapeError(
                    f"expected a state {name} of shape ({len(cells)}, {batch}, {size}), which is "
                    f"({rows}{ways}, samples, units), got {part.shape}"
                )
        return [tuple(p.getitem(part, index=i) for part in parts) for i in range(len(cells))]

    def _joined(self, finals: list[States]) -> Value:
        """Return the states of all cells in one array for each part of the state."""
        parts = tuple(ops.stack(part) for part in zip(*finals, strict=True))
        return parts if len(parts) > 1 else parts[0]

    def _check(self, shape: tuple[int, ...]) -> None:
        features = self.input_size
        if len(shape) == 3 and features in (None, shape[-1]):
            return
        wanted = f"expected sequences of shape (samples, steps, {features or 'features'})"
        if len(shape) == 3:
            raise ShapeError(
                f"{wanted}, got {shape}; make this layer {type(self).__name__}({shape[-1]}, "
                f"{self.hidden_size}), or the layer before it {features} wide"
            )
        fix = ""
        if len(shape) == 2:
            fix = "; write x[:, :, None] for series of single numbers, or x[None] for one sequence"
            if features is not None and features > 1:
                fix = f"; write x[None] for one sequence of {features} features"
            fix += ", and put an Embedding before this layer if these are token numbers"
        raise ShapeError(f"{wanted}, got {shape}{fix}")

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        cell = self.cells[0]
        parts = [f"{self.input_size or '?'} → {self.output_size}"]
        if self.num_layers > 1:
            parts.append(f"{self.num_layers} layers")
        if self.bidirectional:
            parts.append("bidirectional")
        if self.dropout:
            parts.append(f"dropout={self.dropout:g}")
        return ", ".join([*parts, *cell.options()])
