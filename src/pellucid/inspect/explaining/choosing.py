"""Finding the layer that was asked for, and the entry of it to work out."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.explaining.focus import RECURRENT, Focus, Unit
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.nn import MultiHeadAttention

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["called", "check_layer", "choose_unit"]

_MOST_LISTED = 12


def check_layer(model: Module, layer: str | None) -> None:
    """Refuse a path that leads to no layer.

    Raises
    ------
    UnknownNameError
        With those that there are, the nearest first.
    """
    paths = [path for path, _ in model.named_modules() if path]
    if layer is None or layer in paths:
        return
    near = [path for path in paths if path.endswith(f".{layer}") or layer.endswith(f".{path}")]
    near += difflib.get_close_matches(layer, paths, n=3, cutoff=0.5)
    listed = list(dict.fromkeys([*near, *paths]))[:_MOST_LISTED]
    raise UnknownNameError("layer", layer, listed)


def called(reading: Reading, layer: str) -> bool:
    """Tell whether a layer is called in the forward pass."""
    return any(call.path == layer for call in reading.root.walk())


def choose_unit(reading: Reading, focus: Focus, layer: str, unit: Unit) -> None:
    """Fix what is worked out of a layer: a unit, a channel, a step and unit, or a head and query.

    Raises
    ------
    DataError
        If the layer has no such unit.
    """
    call = next((call for call in reading.root.walk() if call.path == layer), None)
    if call is None:
        raise DataError(f"layer '{layer}' is not called in the forward pass, so it has no units")
    if isinstance(call.module, MultiHeadAttention) and _attention(call, focus, unit):
        return
    for instruction in call.own:
        if instruction.operation.name in RECURRENT:
            states = instruction.output
            steps, _, size = states.shape[-3:]
            given = _given(layer, unit, {"steps": steps, "units": size})
            step, own = given if len(given) == 2 else (focus.moment(states)[0], given[0])
            focus.set(states, (*(0,) * (states.value.ndim - 3), step, 0, own))
            return
    result = reading.result_of(call)
    if result is not None:
        focus.choose(result, unit, layer)


def _attention(call: LayerCall, focus: Focus, unit: Unit) -> bool:
    """Fix head and query, or the query of the first head."""
    for instruction in call.own:
        if instruction.operation.name == "masked_softmax":
            scores = instruction.inputs[0]
            heads, queries = scores.shape[1:3]
            given = _given(call.path, unit, {"heads": heads, "queries": queries})
            head, query = given if len(given) == 2 else (0, given[0])
            focus.set(scores, (0, head, query, int(np.argmax(scores.value[0, head, query]))))
            return True
    return False


def _given(layer: str, unit: Unit, sizes: dict[str, int]) -> tuple[int, ...]:
    """Return one number of the last axis, or one for each; counted from the front."""
    given = (unit,) if isinstance(unit, (int, np.integer)) else tuple(unit)
    names = list(sizes)[-len(given) :]
    if len(given) > len(sizes):
        raise DataError(
            f"a unit of layer '{layer}' is a number of its {names[-1]}, or two: of its "
            f"{' and '.join(sizes)}; got {given}"
        )
    for name, number in zip(names, given, strict=True):
        count = sizes[name]
        if not -count <= number < count:
            raise DataError(
                f"unit {unit} of layer '{layer}' is out of range: its {name} are numbered 0 to "
                f"{count - 1}"
            )
    return tuple(int(number) % sizes[name] for name, number in zip(names, given, strict=True))
