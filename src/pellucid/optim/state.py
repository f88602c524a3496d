"""An optimizer's state as plain arrays and JSON values, per parameter, and back into blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import CheckpointError, PellucidError
from pellucid.optim.blocks import Block, Slot, State, join, partition
from pellucid.optim.options import check_options

if TYPE_CHECKING:
    from pellucid.optim.optimizer import Optimizer

__all__ = ["group_values", "pack", "place", "restored_groups", "unpack"]


def group_values(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the options of each group as JSON values; parameters become their numbers."""
    values = []
    start = 0
    for group in groups:
        count = len(group["params"])
        plain: dict[str, Any] = {"params": list(range(start, start + count))}
        for name, value in group.items():
            if name != "params":
                plain[name] = list(value) if isinstance(value, tuple) else value
        values.append(plain)
        start += count
    return values


def pack(
    optimizer: Optimizer, slots: Sequence[Slot], states: Mapping[int, Sequence[State]]
) -> dict[str, Any]:
    """Put the state together, each parameter's from the pieces it was cut into."""
    arrays: dict[str, Any] = {}
    numbers: dict[str, dict[str, float]] = {}
    for slot in slots:
        pieces = states.get(slot.index, [{}])
        for name, value in pieces[0].items():
            if not isinstance(value, np.ndarray):
                numbers.setdefault(str(slot.index), {})[name] = value
            elif optimizer.elementwise:
                flat = np.concatenate([piece[name] for piece in pieces])
                arrays[f"{slot.index}.{name}"] = flat.reshape(slot.shape)
            else:
                arrays[f"{slot.index}.{name}"] = value.copy()
    values = {
        "optimizer": type(optimizer).__name__,
        "groups": group_values(optimizer.groups),
        "steps": [slot.step for slot in slots],
        "numbers": numbers,
    }
    return {"arrays": arrays, "values": values}


def unpack(
    optimizer: Optimizer, slots: Sequence[Slot], state: Mapping[str, Any]
) -> tuple[list[int], dict[int, State], list[dict[str, Any]]]:
    """Check a state as a whole and return the step counts, states and group options in it.

    Raises
    ------
    CheckpointError
        If anything is missing, too much, or of another shape.
    """
    name = type(optimizer).__name__
    groups = restored_groups(optimizer, state)
    try:
        steps, numbers = list(state["values"]["steps"]), state["values"]["numbers"]
        states = _states(name, slots, state["arrays"], numbers)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the state of {name} is damaged: {error!r} is missing") from error
    if len(steps) != len(slots):
        raise CheckpointError(f"the state of {name} is damaged: {len(steps)} step counts")
    for slot, step in zip(slots, steps, strict=True):
        if isinstance(step, bool) or not isinstance(step, int) or step < 0:
            raise CheckpointError(f"the state of {name} is damaged: a step count is {step!r}")
        if step:
            hyper = optimizer.defaults | groups[slot.group] | {"step": step}
            empty = np.zeros(slot.shape, slot.dtype)
            _check(name, slot, states[slot.index], optimizer.make_state(empty, hyper))
    return steps, states, groups


def restored_groups(optimizer: Optimizer, state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Check that a state belongs to this optimizer, and return its groups' options.

    Raises
    ------
    CheckpointError
        If it is of another optimizer, other parameters, or has options that cannot be.
    """
    name = type(optimizer).__name__
    try:
        values = state["values"]
        saved_name, saved_groups = values["optimizer"], values["groups"]
        saved_params = [group["params"] for group in saved_groups]
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the state of {name} is damaged: {error!r} is missing") from error
    if saved_name != name:
        raise CheckpointError(f"the state is that of {saved_name}, the optimizer is {name}")
    expected = [group["params"] for group in group_values(optimizer.groups)]
    if saved_params != expected:
        raise CheckpointError(
            f"the state of {name} is for groups of {[len(p) for p in saved_params]} parameters, "
            f"this optimizer has {[len(p) for p in expected]}; it belongs to another network"
        )
    groups = []
    for saved in saved_groups:
        options = {option: value for option, value in saved.items() if option != "params"}
        try:
            groups.append(check_options(name, options, [*optimizer.option_names, "initial_lr"]))
        except PellucidError as error:
            raise CheckpointError(f"the state of {name} is damaged: {error}") from error
    return groups


def _states(
    name: str, slots: Sequence[Slot], arrays: Mapping[str, Any], numbers: Mapping[str, Any]
) -> dict[int, State]:
    states: dict[int, State] = {slot.index: {} for slot in slots}
    for key, array in arrays.items():
        number, _, quantity = key.partition(".")
        if not number.isdigit() or int(number) not in states or not quantity:
            raise CheckpointError(f"the state of {name} has '{key}', which no parameter answers to")
        index = int(number)
        states[index][quantity] = np.array(array, dtype=slots[index].dtype)
    for number, quantities in numbers.items():
        if not number.isdigit() or int(number) not in states:
            raise CheckpointError(f"the state of {name} has numbers for unknown '{number}'")
        states[int(number)].update(quantities)
    return states


def _check(name: str, slot: Slot, state: State, template: State) -> None:
    """Compare a parameter's saved state with the one it would start with."""
    missing = [quantity for quantity in template if quantity not in state]
    if missing:
        raise CheckpointError(
            f"the state of {name} lacks '{slot.index}.{missing[0]}'; it is incomplete"
        )
    for quantity, value in state.items():
        if not isinstance(value, np.ndarray):
            continue
        start = template.get(quantity)
        shape = start.shape if isinstance(start, np.ndarray) else slot.shape
        if value.shape != shape:
            raise CheckpointError(
                f"'{slot.index}.{quantity}' in the state of {name} has shape {value.shape}, "
                f"expected {shape}; it belongs to another network"
            )


def place(slots: Sequence[Slot], states: Mapping[int, State], *, elementwise: bool) -> list[Block]:
    """Lay the states of parameters out in new blocks."""
    if not elementwise:
        blocks = partition(slots, elementwise=False)
        for block in blocks:
            block.state = states[block.slots[0].index] if block.slots[0].step else None
        return blocks
    # What only arrays can differ in may share a block; what differs in a number may not.
    apart = {
        index: tuple(
            (name, None if isinstance(value, np.ndarray) else value)
            for name, value in sorted(state.items())
        )
        for index, state in states.items()
    }
    blocks = partition(slots, elementwise=True, apart=apart)
    for block in blocks:
        if block.slots[0].step:
            flat = [
                {
                    name: value.reshape(-1)[block.start : block.stop]
                    if isinstance(value, np.ndarray)
                    else value
                    for name, value in states[slot.index].items()
                }
                for slot in block.slots
            ]
            block.state = join(flat)
    return blocks
