"""A predictor for any number of samples, from a program that was traced with some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.program.instruction import Instruction, Variable, map_leaves
from pellucid.program.traced_array import TracedGenerator

__all__ = ["freed_of_batch"]


def freed_of_batch(
    instructions: tuple[Instruction, ...], x: Variable, output: Variable
) -> tuple[tuple[Instruction, ...], dict[int, str]] | None:
    """Return a predictor's instructions for any number of samples, None if they are for one.

    With them comes how constants that have a row for each sample are written, by their ids.
    """
    samples = len(x.value) if x.value.ndim else 0
    freed = _for_any_batch(instructions, samples)
    if not _takes_any_batch(freed, x, output):
        return None
    written = {}
    for zeros in _states_of_zeros(freed, samples):
        sizes = ", ".join(map(str, zeros.shape[1:]))
        written[id(zeros)] = f"np.zeros((len({x.name}), {sizes}), np.{zeros.dtype.name})"
    return freed, written


def _for_any_batch(instructions: Sequence[Instruction], samples: int) -> tuple[Instruction, ...]:
    """Return the instructions with −1 for the number of samples in shapes that have it."""
    return tuple(_freed(instruction, samples) for instruction in instructions)


def _states_of_zeros(instructions: Sequence[Instruction], samples: int) -> list[Variable]:
    """Return the constants that are a row of zeros for each sample: where a recurrence starts."""
    found = {id(v): v for i in instructions for v in i.inputs if v.role == "constant"}
    return [
        v
        for v in found.values()
        if v.value.ndim > 1 and len(v.value) == samples and not v.value.any()
    ]


def _freed(instruction: Instruction, samples: int) -> Instruction:
    shape = instruction.keywords.get("shape")
    if (
        instruction.operation.name != "reshape"
        or not isinstance(shape, tuple)
        or samples not in shape
        or -1 in shape
        or samples not in instruction.inputs[0].shape
    ):
        return instruction
    at = shape.index(samples)
    freed = (*shape[:at], -1, *shape[at + 1 :])
    return replace(instruction, keywords={**instruction.keywords, "shape": freed})


def _takes_any_batch(instructions: Sequence[Instruction], x: Variable, output: Variable) -> bool:
    """Tell by trying whether instructions give each sample its result, be they one or many."""
    samples = len(x.value) if x.value.ndim else 0
    if not samples or output.shape[:1] != (samples,):
        return False
    twice = np.concatenate([x.value, x.value])
    for batch, expected in (
        (twice, np.concatenate([output.value, output.value])),
        (x.value[:1], output.value[:1]),
    ):
        try:
            found = _run(instructions, x, batch, output)
        except (ValueError, IndexError, TypeError):
            return False
        if found is None or found.shape != expected.shape:
            return False
        if not np.allclose(found, expected, rtol=1e-3, atol=1e-5, equal_nan=True):
            return False
    return True


def _run(
    instructions: Sequence[Instruction], x: Variable, batch: Array, output: Variable
) -> Array | None:
    """Return the output for another batch, None where random numbers are drawn."""
    values: dict[int, Any] = {
        id(v): np.zeros((len(batch), *v.shape[1:]), v.dtype)
        for v in _states_of_zeros(instructions, len(x.value))
    }
    values[id(x)] = batch

    def value(leaf: Any) -> Any:
        return values.get(id(leaf), leaf.value) if isinstance(leaf, Variable) else leaf

    with np.errstate(all="ignore"):
        for instruction in instructions:
            if any(isinstance(leaf, TracedGenerator) for leaf in instruction.arguments):
                return None
            found = instruction.operation.function(
                *map_leaves(value, instruction.arguments),
                **map_leaves(value, dict(instruction.keywords)),
            )
            results = found if len(instruction.outputs) > 1 else (found,)
            for variable, result in zip(instruction.outputs, results, strict=True):
                values[id(variable)] = np.asarray(result)
    return values.get(id(output))
