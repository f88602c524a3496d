"""The generators that a training draws from, and their states as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import CheckpointError
from pellucid.random import default_generator

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["generator_states", "restore_generators"]


def _generators(net: Module) -> dict[str, np.random.Generator]:
    """Return the default generator and those that modules keep (as dropout does), by name."""
    default = default_generator()
    found = {"default": default}
    for path, module in net.named_modules():
        for attribute, value in vars(module).items():
            if isinstance(value, np.random.Generator) and value is not default:
                found[f"net.{path}.{attribute}"] = value
    return found


def generator_states(net: Module) -> dict[str, Any]:
    """Return the state of every generator as plain values for JSON."""
    return {
        name: _plain(generator.bit_generator.state) for name, generator in _generators(net).items()
    }


def restore_generators(net: Module, states: Mapping[str, Any]) -> None:
    """Put every generator into its saved state.

    Raises
    ------
    CheckpointError
        If the network has other generators than those saved, or a state is not one of its kind.
    """
    generators = _generators(net)
    if generators.keys() != states.keys():
        raise CheckpointError(
            "the checkpoint's random generators are not those of this network: they differ in "
            f"{sorted(generators.keys() ^ states.keys())}"
        )
    for name, generator in generators.items():
        try:
            generator.bit_generator.state = _numpy(states[name])
        except (TypeError, ValueError, KeyError) as error:
            raise CheckpointError(
                f"the saved state of the random generator '{name}' does not fit: {error}"
            ) from error


def _plain(value: Any) -> Any:
    """Turn the arrays of a state (MT19937 and Philox have some) into plain values."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    return value.item() if isinstance(value, np.generic) else value


def _numpy(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"array", "dtype"}:
        return np.array(value["array"], dtype=value["dtype"])
    return {key: _numpy(inner) for key, inner in value.items()}
