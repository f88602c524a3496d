"""Reading all numbers of a network out, and writing them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import CheckpointError, ShapeError
from pellucid.nn.lazy import LazyParameter, is_pending
from pellucid.tensor import Parameter, Tensor

if TYPE_CHECKING:
    from pellucid.nn.module import Module

__all__ = ["LoadReport", "load_state", "read_state"]

Shape = tuple[int | None, ...]


class LoadReport(NamedTuple):
    """What loading a state did, and what it skipped."""

    loaded: list[str]
    """Names that were written."""
    missing: list[str]
    """Names that the network has and the state has not."""
    unexpected: list[str]
    """Names that the state has and the network has not."""
    mismatched: dict[str, tuple[Shape, Shape]]
    """Names whose shapes differ: that in the state, and that in the network (None: not known)."""


def _owned(module: Module) -> dict[str, Parameter | Array]:
    """Return parameters and persistent buffers under all their paths, module by module."""
    parameters = dict(module.named_parameters(shared=True))
    buffers = dict(module.named_buffers(shared=True, persistent_only=True))
    order = {path: i for i, (path, _) in enumerate(module._walk(shared=True))}
    both: dict[str, Parameter | Array] = {**parameters, **buffers}
    return {path: both[path] for path in sorted(both, key=lambda p: order[p.rpartition(".")[0]])}


def read_state(module: Module) -> dict[str, Array]:
    """Return copies of all parameters and persistent buffers by path."""
    state = {}
    for path, value in _owned(module).items():
        if is_pending(value):
            raise ShapeError(
                f"'{path}' has no numbers yet: its input size is inferred at the first call. "
                "Call the network once on a batch, or give the size when making the layer"
            )
        state[path] = (value.data if isinstance(value, Parameter) else value).copy()
    return state


def load_state(module: Module, state: Mapping[str, Any], strict: bool) -> LoadReport:
    """Check a state against the module, then write what fits."""
    if not isinstance(state, Mapping):
        raise CheckpointError(
            f"a state is a mapping of names to arrays, as from state_dict(), got {state!r}; "
            "a file is read with safetensors.numpy.load_file, or pl.training.load_model"
        )
    owned = _owned(module)
    arrays = {
        path: as_array(value.data if isinstance(value, Tensor) else value)
        for path, value in state.items()
    }
    report = LoadReport(
        loaded=[],
        missing=[path for path in owned if path not in arrays],
        unexpected=[path for path in arrays if path not in owned],
        mismatched={
            path: (arrays[path].shape, _wanted_shape(value))
            for path, value in owned.items()
            if path in arrays and not _fits(value, arrays[path])
        },
    )
    untied = _untied(owned, arrays) if strict else []
    if strict and (report.missing or report.unexpected or report.mismatched or untied):
        raise CheckpointError(_explain(type(module).__name__, report, untied))
    for path, value in owned.items():
        if path not in arrays or path in report.mismatched:
            continue
        if isinstance(value, LazyParameter) and is_pending(value):
            value.fill(arrays[path].astype(value.dtype))
        else:
            (value.data if isinstance(value, Parameter) else value)[...] = arrays[path]
        report.loaded.append(path)
    return report


def _fits(value: Parameter | Array, array: Array) -> bool:
    return (
        value.fits(array.shape) if isinstance(value, LazyParameter) else value.shape == array.shape
    )


def _wanted_shape(value: Parameter | Array) -> Shape:
    return (isinstance(value, LazyParameter) and value.open_shape) or value.shape


def _untied(
    owned: Mapping[str, Parameter | Array], arrays: Mapping[str, Array]
) -> list[tuple[str, str]]:
    """Return names of one shared parameter under which the state holds different numbers."""
    first: dict[int, str] = {}
    pairs = [(first.setdefault(id(owned[path]), path), path) for path in owned if path in arrays]
    return [
        (one, other)
        for one, other in pairs
        if one != other and not np.array_equal(arrays[one], arrays[other], equal_nan=True)
    ]


def _explain(name: str, report: LoadReport, untied: list[tuple[str, str]]) -> str:
    lines = [f"the state does not fit this {name} (strict=False loads what fits)"]
    if report.missing:
        lines.append(f"  missing in the state: {', '.join(report.missing)}")
    if report.unexpected:
        lines.append(f"  not in the network: {', '.join(report.unexpected)}")
    lines += [
        f"  {path}: shape {came} in the state, {wanted} in the network"
        for path, (came, wanted) in report.mismatched.items()
    ]
    lines += [
        f"  {one} and {other}: shared in the network, but different in the state"
        for one, other in untied
    ]
    return "\n".join(lines)
