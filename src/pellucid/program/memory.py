"""Which results of a program are written into buffers, and which of them can share one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pellucid.dtypes import Array
from pellucid.program.instruction import Instruction, Variable

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["Storage"]

_OF_THEIR_OWN = ("linear", "matmul", "relu", "sigmoid", "sum")
"""Primitives that are no single ufunc, but are computed into a buffer all the same."""


class Storage:
    """Hands out buffers in the order of the instructions.

    A buffer is free again when nothing reads the result in it any more, nor a view of that result.
    Views are found in the numbers of the trace: there a view shares memory with what it shows.

    Parameters
    ----------
    program : Program
    """

    def __init__(self, program: Program) -> None:
        self._kept = {id(v) for v in program.results.values()}
        self._kept |= {id(v) for v in program.variables if v.replaces is not None}
        self._kept |= {
            id(v)
            for v in program.variables
            if v.gradient_of is not None and v.gradient_of.path and v.gradient_of.role != "value"
        }
        self._kept |= {id(gradient) for _, gradient in program.aliases}
        self._last_use: dict[int, int] = {}
        self._root: dict[int, int] = {}
        self._buffers: dict[int, Array] = {}
        self._free: dict[tuple[int, str], list[Array]] = {}
        for instruction in program.instructions:
            for variable in instruction.outputs:
                self._root[id(variable)] = self._source(instruction, variable)
        for instruction in program.instructions:
            for variable in instruction.inputs:
                self._last_use[self._root_of(variable)] = instruction.index
        for variable in program.variables:
            if id(variable) in self._kept:
                self._last_use[self._root_of(variable)] = len(program) + 1
        self.total = 0
        """Bytes of all buffers."""

    def _root_of(self, variable: Variable) -> int:
        return self._root.get(id(variable), id(variable))

    def _source(self, instruction: Instruction, variable: Variable) -> int:
        """Return the variable whose memory a result lies in: an input's if it is a view."""
        for x in instruction.inputs:
            if x.value.size and np.may_share_memory(x.value, variable.value):
                return self._root_of(x)
        return id(variable)

    def before(self, instruction: Instruction) -> None:
        """Free what an elementwise instruction is the last to read: it may overwrite it."""
        if _elementwise(instruction):
            self._release(instruction)

    def after(self, instruction: Instruction) -> None:
        """Free what the instruction was the last to read."""
        self._release(instruction)

    def _release(self, instruction: Instruction) -> None:
        for variable in instruction.inputs:
            root = self._root_of(variable)
            if self._last_use.get(root) == instruction.index and root in self._buffers:
                buffer = self._buffers.pop(root)
                self._free.setdefault((buffer.size, buffer.dtype.str), []).append(buffer)

    def buffer(self, instruction: Instruction) -> Array | None:
        """Return an array to compute an instruction into; None if its function makes its own."""
        result = instruction.output
        if not _writes_into_buffers(instruction) or not result.value.flags.c_contiguous:
            return None
        free = self._free.get((result.value.size, result.dtype.str))
        if free:
            flat = free.pop()
        else:
            flat = np.empty(result.value.size, result.dtype)
            self.total += flat.nbytes
        self._buffers[id(result)] = flat
        return flat.reshape(result.shape)


def _elementwise(instruction: Instruction) -> bool:
    return instruction.operation.name not in ("linear", "matmul", "sum")


def _writes_into_buffers(instruction: Instruction) -> bool:
    """Tell whether a call gives the same bits when its result is written into a given array."""
    operation, arguments = instruction.operation, instruction.arguments
    result = instruction.output.value
    if len(instruction.outputs) > 1 or not result.ndim or not result.size:
        return False
    values = [x.value for x in instruction.inputs]
    if operation.name in ("linear", "matmul"):
        flat = all(x.ndim == 2 for x in values[:2]) and len(values) == len(arguments)
        dense = not any(0 in x.strides for x in values)
        same = all(x.dtype == result.dtype for x in values)
        return flat and dense and same
    if operation.name in _OF_THEIR_OWN:
        return values[0].dtype == result.dtype and values[0].dtype.kind == "f"
    function = operation.function
    return (
        isinstance(function, np.ufunc)
        and function.nout == 1
        and not instruction.keywords
        and len(arguments) == function.nin
    )
