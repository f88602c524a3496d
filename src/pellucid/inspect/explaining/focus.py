"""Which entry of a large array is worked out in full."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.inspect.explaining.elementwise import is_elementwise
from pellucid.inspect.explaining.expressions import Index
from pellucid.inspect.explaining.reading import Reading
from pellucid.program import Instruction, Variable

__all__ = ["RECURRENT", "Focus", "Unit"]

RECURRENT = ("lstm_sequence_and_gates", "gru_sequence_and_gates", "rnn_sequence")
"""Operations over whole sequences."""

Unit = int | tuple[int, ...]


class Focus:
    """Chooses entries: the one asked for, the one that belongs to it, or the largest.

    Parameters
    ----------
    reading : Reading
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._chosen: dict[int, Index] = {}
        self._asked = False

    def choose(self, variable: Variable, unit: Unit, layer: str) -> None:
        """Fix the entry of the result of a layer.

        Raises
        ------
        DataError
            If it has no such entry.
        """
        self._asked = True
        given = (unit,) if isinstance(unit, (int, np.integer)) else tuple(unit)
        shape = variable.shape[1:]
        sizes = shape[:1] if len(shape) in (1, 3) else shape[-1:]
        if len(given) == 1 and len(shape) != 1:
            sizes = shape[:1] if len(shape) == 3 else shape[-1:]
        elif len(given) == len(shape):
            sizes = shape
        else:
            raise DataError(
                f"a unit of layer '{layer}' is a number, or {len(shape)} of them, one for each "
                f"axis of its result {shape} of a sample; got {given}"
            )
        for i, n in zip(given, sizes, strict=True):
            if not -n <= i < n:
                which = "units" if len(shape) == 1 else "entries"
                raise DataError(
                    f"unit {unit} of layer '{layer}' is out of range: its result has the shape "
                    f"{shape} for a sample, so that {which} are numbered 0 to {n - 1}"
                )
        positive = tuple(i % n for i, n in zip(given, sizes, strict=True))
        if len(given) == len(shape):
            self._chosen[id(variable)] = (0, *positive)
        elif len(shape) == 3:  # a channel: its largest pixel
            inner = variable.value[0, positive[0]]
            self._chosen[id(variable)] = (0, *positive, *_largest(inner))
        else:  # a feature of a sequence: its largest step
            inner = variable.value[0][..., positive[0]]
            self._chosen[id(variable)] = (0, *_largest(inner), *positive)

    def chosen(self, variable: Variable) -> Index | None:
        """Return the entry that was fixed, None if none was."""
        return self._chosen.get(id(variable))

    def moment(self, states: Variable) -> tuple[int, int, int]:
        """Return step, sample and unit of a recurrence: the last step that another follows."""
        index = self.chosen(states)
        if index is not None:
            return index[-3], index[-2], index[-1]
        hidden = states.value if states.value.ndim == 3 else states.value[0]
        step = max(0, self._last_step(states, len(hidden) - 1) - 1)
        return step, 0, int(np.argmax(np.abs(hidden[step, 0])))

    def _last_step(self, states: Variable, last: int) -> int:
        """Return the step that a sequence shorter than the others ends with."""
        for user in self._reading.users(states):
            made = user.operation.name
            if made in ("reshape", "np.reshape") and user.phase == "forward":
                return self._last_step(user.output, last)
            rows = user.keywords.get("rows")
            if made == "take_rows" and isinstance(rows, Variable) and self._reading.batch == 1:
                return min(last, int(rows.value.flat[0]))
        return last

    def set(self, variable: Variable, index: Index) -> None:
        """Fix the entry of a variable."""
        self._asked = True
        self._chosen[id(variable)] = index

    def of(self, variable: Variable) -> Index:
        """Return the entry of a variable that is worked out."""
        key = id(variable)
        if key not in self._chosen:
            self._chosen[key] = self._found(variable)
        return self._chosen[key]

    def _found(self, variable: Variable) -> Index:
        of = variable.gradient_of
        if of is None and key_of(self._reading, variable) is not None:
            of = key_of(self._reading, variable)
        if of is not None:
            index = self._of_parameter(of, variable) if of.role == "parameter" else self.of(of)
            # Factors that are all zero show little: where nobody asked for it, look elsewhere.
            dull = not self._asked and variable.value.size and variable.value[index] == 0
            return _largest(variable.value) if dull else index
        if variable.replaces is not None:
            return self.of(variable.replaces)
        if variable.role == "parameter":
            gradient = self._reading.gradient(variable)
            if gradient is not None:
                return self.of(gradient)
        found = self._of_attention(variable) or self._of_recurrence(variable)
        if found is not None:
            return found
        made = variable.made_by
        if made is not None:
            found = self._through(made, variable)
            if found is not None:
                return found
        return self._largest(variable)

    def _through(self, made: Instruction, variable: Variable) -> Index | None:
        """Return the entry that belongs to the one chosen before an operation."""
        sources = [v for v in made.inputs if v.role in ("value", "input") and v.shape]
        if is_elementwise(made):
            for source in sources:
                if source.shape == variable.shape and source.made_by is not None:
                    return self.of(source)
        movement = self._reading.movement(made)
        if movement is not None:
            for source in movement.sources:
                if source.role == "value":
                    return movement.target(source, self.of(source))
        return None

    def _of_attention(self, variable: Variable) -> Index | None:
        """Return the last query of the first head, which may look at most keys."""
        made, value = variable.made_by, variable.value
        if made is None or value.ndim < 3 or not value.size:
            return None
        users = {u.operation.name for u in self._reading.users(variable)}
        if made.operation.name == "masked_softmax":
            return self.of(made.inputs[0])
        if "masked_softmax" in users:
            lead = (0,) * (value.ndim - 2)
            return (*lead, value.shape[-2] - 1, int(np.argmax(value[lead][-1])))
        for source in made.inputs:
            maker = source.made_by
            weights = maker is not None and maker.operation.name == "masked_softmax"
            if weights and made.operation.name == "matmul":
                query = self.of(source)[:-1]
                return (*query, int(np.argmax(value[query])))
        return None

    def _of_recurrence(self, variable: Variable) -> Index | None:
        """Return the first gate of the unit and step of a recurrence that are worked out."""
        for user in self._reading.users(variable):
            if user.operation.name in RECURRENT and user.arguments[0] is variable:
                return self.moment(user.outputs[0])
        return None

    def _largest(self, variable: Variable) -> Index:
        if variable.value.size == 0:
            return ()
        if variable.value.ndim > 1 and variable.role == "value":
            # The largest, not the one of largest magnitude: what a rectifier lets through.
            top = int(np.argmax(np.nan_to_num(variable.value[0], nan=-np.inf)))
            return (0, *(int(i) for i in np.unravel_index(top, variable.shape[1:])))
        return _largest(variable.value)

    def _of_parameter(self, parameter: Variable, gradient: Variable) -> Index:
        """Return the weight of the chosen unit whose gradient is largest."""
        for user in self._reading.users(parameter):
            if user.phase != "forward" or len(user.outputs) != 1:
                continue
            unit = self.of(user.output)
            value = np.abs(gradient.value)
            name = user.operation.name
            if name == "linear" and unit:
                column = unit[-1]
                if value.ndim == 1:
                    return (column,)
                return (*_largest(value[:, column]), column)
            if name == "convolution_transpose" and len(unit) > 1:
                first, *rest = _largest(value[:, unit[1]])
                return (first, unit[1], *rest)
            if name in ("convolution", "convolution_bias") and len(unit) > 1:
                return (unit[1],) if value.ndim == 1 else (unit[1], *_largest(value[unit[1]]))
        return self._largest(gradient)


def key_of(reading: Reading, variable: Variable) -> Variable | None:
    """Return what a part of a gradient is the gradient by."""
    found = reading.contributions.get(id(variable))
    return None if found is None else found[0]


def _largest(value: Array) -> Index:
    finite = np.where(np.isnan(value), -1.0, np.abs(value))
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(finite)), value.shape))
