"""The recurrent layers by name, as the options of models name them."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pellucid.errors import UnknownNameError
from pellucid.nn import GRU, LSTM, RNN
from pellucid.nn.recurrent import RecurrentLayer
from pellucid.random import Seed, generator

__all__ = ["CellName", "make_recurrent", "one_stream"]

CellName: TypeAlias = Literal["rnn", "lstm", "gru"]

_KINDS: dict[str, type[RNN] | type[LSTM] | type[GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


def make_recurrent(
    cell: str, input_size: int | None, hidden: int, layers: int, dropout: float, **options: Any
) -> RecurrentLayer:
    """Return a recurrent layer by the name of its cell; a single one has no dropout inside.

    Raises
    ------
    UnknownNameError
        If there is no cell of that name.
    """
    if cell not in _KINDS:
        raise UnknownNameError("recurrent cell", str(cell), _KINDS)
    inside = dropout if layers > 1 else 0.0
    return _KINDS[cell](input_size, hidden, layers, dropout=inside, **options)


def one_stream(rng: Seed) -> Seed:
    """Return one generator for all parts of a model; None stays the default generator."""
    return None if rng is None else generator(rng)
