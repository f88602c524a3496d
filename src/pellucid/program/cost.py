"""What a program costs: floating-point operations and bytes of each instruction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.primitives.arithmetic import ARITHMETIC, Arithmetic, arithmetic_of
from pellucid.program.instruction import PHASES, Instruction, Variable

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["Cost", "InstructionCost"]

# Calls beside the primitives that move numbers and compute none, and what the others compute.
_MOVING = """
    array.getitem array.setitem array.astype np.transpose np.reshape np.ravel np.squeeze np.swapaxes
    np.ones_like np.zeros_like np.full_like np.empty_like np.broadcast_to np.where np.concatenate
    np.stack np.repeat np.take np.copy spread
"""
_MOVES = frozenset(_MOVING.split())
_PER_RESULT = {
    "batch_norm_slope": 8,  # x − mean, two products, two sums; and the two sums over the batch
    "batch_norm_sums": 4,
    "layer_norm_slope": 10,
    "layer_norm_sums": 4,
}
_GATES = {"_rnn_back": (1, 3), "_lstm_back": (4, 24), "_gru_back": (3, 20)}
"""Of a recurrence backwards: gates, and operations for each unit, step and sample."""


@dataclass(frozen=True)
class InstructionCost:
    """What one instruction costs.

    Attributes
    ----------
    instruction : Instruction
    flops : int
        Floating-point operations; a multiply-add is two.
    bytes_read, bytes_written : int
        The sizes of its inputs and of its results. A view writes nothing.
    """

    instruction: Instruction
    flops: int
    bytes_read: int
    bytes_written: int


@dataclass(frozen=True)
class Cost:
    """The cost of a program, instruction by instruction.

    Attributes
    ----------
    rows : tuple of InstructionCost
        In the order of execution.
    """

    rows: tuple[InstructionCost, ...]

    @classmethod
    def of(cls, program: Program) -> Cost:
        """Count a program."""
        return cls(tuple(_cost_of(instruction) for instruction in program.instructions))

    @property
    def flops(self) -> int:
        """Floating-point operations of the whole step."""
        return sum(row.flops for row in self.rows)

    @property
    def bytes_moved(self) -> int:
        """Bytes read and written by the whole step."""
        return sum(row.bytes_read + row.bytes_written for row in self.rows)

    def by_phase(self) -> dict[str, tuple[int, int]]:
        """Return (FLOPs, bytes moved) of each phase."""
        found = self._grouped(lambda row: row.instruction.phase)
        return {phase: found[phase] for phase in PHASES if phase in found}

    def by_module(self) -> dict[str, tuple[int, int]]:
        """Return (FLOPs, bytes moved) of each module, forward and backward, by path."""
        return self._grouped(lambda row: row.instruction.path)

    def _grouped(self, key: Callable[[InstructionCost], str]) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for row in self.rows:
            flops, moved = found.get(key(row), (0, 0))
            found[key(row)] = flops + row.flops, moved + row.bytes_read + row.bytes_written
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "flops": self.flops,
            "bytes_moved": self.bytes_moved,
            "phases": {
                phase: {"flops": flops, "bytes_moved": moved}
                for phase, (flops, moved) in self.by_phase().items()
            },
            "instructions": [
                {
                    "name": row.instruction.output.name,
                    "operation": row.instruction.operation.name,
                    "phase": row.instruction.phase,
                    "path": row.instruction.path,
                    "flops": row.flops,
                    "bytes_read": row.bytes_read,
                    "bytes_written": row.bytes_written,
                }
                for row in self.rows
            ],
        }

    def __str__(self) -> str:
        lines = [f"{'result':24} {'operation':24} {'FLOPs':>12} {'read':>10} {'written':>10}"]
        for phase, (flops, moved) in self.by_phase().items():
            lines.append(f"{phase}: {flops:,} FLOPs, {_bytes(moved)} moved")
            lines += [
                f"  {row.instruction.output.name[:22]:22} "
                f"{row.instruction.operation.name[:24]:24} {row.flops:>12,} "
                f"{_bytes(row.bytes_read):>10} {_bytes(row.bytes_written):>10}"
                for row in self.rows
                if row.instruction.phase == phase
            ]
        lines.append(f"in all: {self.flops:,} FLOPs, {_bytes(self.bytes_moved)} moved")
        return "\n".join(lines)


def _cost_of(instruction: Instruction) -> InstructionCost:
    inputs = list({id(v): v for v in instruction.inputs}.values())
    views = [v for v in instruction.outputs if _is_view(v, inputs)]
    written = sum(v.value.nbytes for v in instruction.outputs if v not in views)
    read = 0 if views else sum(v.value.nbytes for v in inputs)
    arithmetic = _arithmetic(instruction)
    return InstructionCost(instruction, arithmetic.flops, read, written)


def _is_view(result: Variable, inputs: Iterable[Variable]) -> bool:
    return any(np.may_share_memory(result.value, x.value) for x in inputs)


def _arithmetic(instruction: Instruction) -> Arithmetic:
    name, shape = instruction.operation.name, instruction.output.shape
    primitive = instruction.operation.primitive
    if primitive is not None and primitive.name in ARITHMETIC:
        shapes = [
            np.shape(x.value if isinstance(x, Variable) else x) for x in instruction.arguments
        ]
        return arithmetic_of(primitive.name, shape, shapes, instruction.keywords)
    if name in ("lstm_sequence_and_gates", "gru_sequence_and_gates"):
        shapes = [v.shape for v in instruction.inputs]
        return arithmetic_of(name.removesuffix("_and_gates"), shape, shapes, {})
    if name in _GATES:
        gates, others = _GATES[name]
        steps, samples, wide = instruction.outputs[0].shape
        units = wide // gates
        return Arithmetic(2 * steps * samples * wide * units, steps * samples * units * others)
    if name in _MOVES:
        return Arithmetic()
    if name in ("np.matmul", "np.dot"):
        first = instruction.inputs[0].shape
        return Arithmetic(instruction.output.value.size * first[-1])
    if name in ("np.sum", "np.mean", "np.add.reduce", "np.max", "np.min"):
        return Arithmetic(0, instruction.inputs[0].value.size)
    return Arithmetic(0, instruction.output.value.size * _PER_RESULT.get(name, 1))


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
