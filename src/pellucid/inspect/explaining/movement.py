"""Operations that only move entries about: where each entry of the result comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.program import Instruction, Variable
from pellucid.program.instruction import map_leaves

__all__ = ["Movement", "is_moving", "movement_of"]

_MOVING = frozenset(
    {
        "reshape", "transpose", "getitem", "broadcast_to", "flip", "pad", "concatenate",
        "scatter", "take_rows", "np.reshape", "np.transpose", "np.broadcast_to", "np.ravel",
        "np.squeeze", "np.concatenate", "np.repeat", "np.take", "np.swapaxes", "np.stack",
        "array.getitem", "extract_windows", "np.expand_dims", "np.flip", "np.moveaxis", "np.roll",
        "np.pad", "np.tile", "np.split", "np.ascontiguousarray",
    }
)  # fmt: skip


class Movement:
    """For each entry of a result, the variable and the entry that it is a copy of.

    Parameters
    ----------
    sources : list of Variable
        What entries come from.
    ids : ndarray
        Of the shape of the result: the number of the entry, counted through all sources from 1;
        0 for one that comes from none.
    """

    def __init__(self, sources: list[Variable], ids: np.ndarray[Any, Any]) -> None:
        self.sources = sources
        self._ids = ids
        self._starts = np.cumsum([1, *(source.value.size for source in sources)])

    def source(self, index: tuple[int, ...]) -> tuple[Variable, tuple[int, ...]] | None:
        """Return where an entry of the result comes from, None if it is a constant."""
        number = int(self._ids[index])
        if number == 0:
            return None
        which = int(np.searchsorted(self._starts, number, side="right")) - 1
        variable = self.sources[which]
        place = np.unravel_index(number - int(self._starts[which]), variable.shape)
        return variable, tuple(int(i) for i in place)

    def target(self, variable: Variable, index: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the first entry of the result that is a copy of this one, if there is any."""
        for which, source in enumerate(self.sources):
            if source is variable:
                number = int(self._starts[which]) + int(np.ravel_multi_index(index, source.shape))
                found = np.argwhere(self._ids == number)
                if len(found):
                    return tuple(int(i) for i in found[0])
        return None


def is_moving(instruction: Instruction) -> bool:
    """Tell whether an operation is one that moves entries about."""
    return instruction.operation.name in _MOVING


def movement_of(instruction: Instruction) -> Movement | None:
    """Return where the entries of a result come from, None if they are computed.

    It is found by letting the instruction move the numbers of the entries instead of the entries.
    """
    if instruction.operation.name not in _MOVING or len(instruction.outputs) != 1:
        return None
    # Whole numbers beside others are where to look, not what is moved.
    alone = len(instruction.inputs) == 1
    sources = [
        v
        for v in instruction.inputs
        if v.dtype == instruction.output.dtype and (alone or v.dtype.kind == "f")
    ]
    unique = list({id(v): v for v in sources}.values())
    if not unique:
        return None
    numbered: dict[int, Any] = {}
    start = 1
    for source in unique:
        numbered[id(source)] = np.arange(start, start + source.value.size).reshape(source.shape)
        start += source.value.size

    def leaf(value: Any) -> Any:
        if isinstance(value, Variable):
            return numbered.get(id(value), value.value)
        return value

    keywords = {k: v for k, v in instruction.keywords.items() if k not in ("value", "dtype")}
    ids = np.asarray(
        instruction.operation.function(
            *map_leaves(leaf, instruction.arguments), **map_leaves(leaf, keywords)
        )
    )
    if ids.shape != instruction.output.shape or ids.dtype.kind not in "iu":
        return None
    if ids.size and int(ids.max()) >= start:
        return None
    entries = np.concatenate([[np.nan], *(np.ravel(v.value) for v in unique)])[ids]
    same = (entries == instruction.output.value) | (ids == 0) | np.isnan(entries)
    return Movement(unique, ids) if bool(np.all(same)) else None
