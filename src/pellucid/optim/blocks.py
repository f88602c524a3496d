"""How parameters are cut and packed for fast elementwise updates.

NumPy pays twice for an update written as plain equations: about half a microsecond for each call,
which is all the time that a tiny layer takes; and the way to memory and back for each temporary,
which is most of the time that a big layer takes. A block answers both. Small parameters share one
block, so that a whole small network is one flat array; a large parameter is cut into several, so
that the temporaries of one block stay in the processor's cache. An elementwise update gives the
same bits either way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from pellucid.dtypes import Array
    from pellucid.tensor import Tensor

__all__ = ["BLOCK_SIZE", "PACK_SIZE", "Block", "Flats", "Slot", "State", "join", "partition"]

State: TypeAlias = dict[str, Any]
"""What an optimizer remembers: arrays, and Python floats where one number serves a parameter."""

Flats: TypeAlias = "list[Array | None]"
"""One flat array for each parameter, by its index; None for one without a gradient."""

BLOCK_SIZE = 32_768
"""Most elements in a block: its float32 parameter, gradient, two moments and the temporaries of an
Adam step fit in 1 MB of cache. Measured: 16k to 128k are within 10 %, 8k and no cut are far off."""

PACK_SIZE = 4_096
"""Parameters up to this size are packed; above it the copies cost more than the calls saved."""


@dataclass(slots=True)
class Slot:
    """One parameter: its number over all groups, its group, and how many steps it has taken."""

    index: int
    group: int
    parameter: Tensor
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float32))
    step: int = 0

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(slots=True)
class Block:
    """Elements that are updated by one call.

    Either several whole parameters, or the elements `start` to `stop` of one. The state is as flat
    as the block or, where an update is not elementwise (`whole`), shaped as the optimizer made it.
    """

    slots: list[Slot]
    start: int = 0
    stop: int | None = None
    whole: bool = False
    state: State | None = field(default=None, repr=False)

    def gather(self, flats: Flats) -> Array:
        """Return the block's elements, taken from one flat array for each parameter."""
        if len(self.slots) > 1:
            return np.concatenate([flats[slot.index] for slot in self.slots])
        slot = self.slots[0]
        flat = flats[slot.index]
        assert flat is not None
        return flat.reshape(slot.shape) if self.whole else flat[self.start : self.stop]

    def scatter(self, new: Array, flats: Flats) -> None:
        """Write the block's elements back, in place."""
        if len(self.slots) > 1:
            start = 0
            for slot in self.slots:
                flat = flats[slot.index]
                assert flat is not None
                stop = start + flat.size
                flat[...] = new[start:stop]
                start = stop
            return
        flat = flats[self.slots[0].index]
        assert flat is not None
        flat[self.start : self.stop] = new.reshape(-1) if self.whole else new

    def states(self) -> list[State]:
        """Return the state of each slot, cut from the common one."""
        if self.state is None:
            return [{} for _ in self.slots]
        if len(self.slots) == 1:
            return [dict(self.state)]
        ends = np.cumsum([slot.size for slot in self.slots])
        return [
            {
                name: value[end - slot.size : end] if isinstance(value, np.ndarray) else value
                for name, value in self.state.items()
            }
            for slot, end in zip(self.slots, ends.tolist(), strict=True)
        ]

    def split(self, active: Flats) -> list[Block]:
        """Part the parameters that have a gradient from those that have none.

        From then on they have taken different numbers of steps, so they stay apart.
        """
        moving = [active[slot.index] is not None for slot in self.slots]
        if all(moving) or not any(moving):
            return [self]
        parts = []
        states = self.states()
        for side in (True, False):
            mine = [i for i, moves in enumerate(moving) if moves is side]
            state = None if self.state is None else join([states[i] for i in mine])
            parts.append(Block([self.slots[i] for i in mine], state=state))
        return parts


def join(states: Sequence[State]) -> State:
    """Put flat states one after the other; a number in them is common to all."""
    return {
        name: np.concatenate([state[name] for state in states])
        if isinstance(value, np.ndarray)
        else value
        for name, value in states[0].items()
    }


def partition(
    slots: Sequence[Slot], *, elementwise: bool, apart: Mapping[int, object] | None = None
) -> list[Block]:
    """Cut and pack parameters into blocks.

    Parameters
    ----------
    slots : sequence of Slot
        The parameters, in order. Only those of one group, one dtype and one step count are packed
        together.
    elementwise : bool
        Whether the update treats each element by itself. If not, each parameter stays whole.
    apart : mapping, optional
        Something for each parameter that must also be equal for two to be packed together.
    """
    if not elementwise:
        return [Block([slot], whole=True) for slot in slots]
    blocks: list[Block] = []
    filling: dict[object, Block] = {}
    room: dict[object, int] = {}
    for slot in slots:
        size = slot.size
        if size > PACK_SIZE:
            pieces = -(-size // BLOCK_SIZE)
            ends = [size * i // pieces for i in range(pieces + 1)]
            blocks += [Block([slot], a, b) for a, b in pairwise(ends)]
            continue
        kind = (slot.group, slot.dtype, slot.step, apart[slot.index] if apart else None)
        if kind not in filling or room[kind] < size:
            filling[kind] = Block([])
            room[kind] = BLOCK_SIZE
            blocks.append(filling[kind])
        filling[kind].slots.append(slot)
        room[kind] -= size
    return blocks
