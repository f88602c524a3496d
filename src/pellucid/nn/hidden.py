"""Parameters kept where a Module does not look for them: found out, so that they are not lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pellucid.errors import DataError
from pellucid.tensor import Parameter, Tensor

if TYPE_CHECKING:
    from pellucid.nn.module import Module

__all__ = ["refuse_hidden_list", "refuse_hidden_parameters"]


def refuse_hidden_parameters(walk: Iterator[tuple[str, Module]]) -> None:
    """Look through the attributes of (path, module) pairs for what would never be trained.

    Raises
    ------
    DataError
        If one is a plain list, tuple or dict of layers or parameters (perhaps filled after it was
        assigned), or a Tensor that wants a gradient and is not a Parameter.
    """
    for path, module in walk:
        for attribute, value in vars(module).items():
            name = f"{path}.{attribute}" if path else attribute
            if isinstance(value, (list, tuple, dict)):
                refuse_hidden_list(name, value)
            elif isinstance(value, Tensor) and _is_loose(value):
                raise DataError(
                    f"'{name}' is a Tensor with requires_grad=True, which would not be found or "
                    "trained; make it pl.Parameter(values), or keep its x.detach() if it is data"
                )


def refuse_hidden_list(name: str, values: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> None:
    """Refuse a plain list of layers or parameters: they would not be found, and never trained."""
    part = next(_parts(values), None)
    if part is None:
        return
    kind = type(values).__name__
    if isinstance(part, Parameter):
        raise DataError(
            f"'{name}' is a plain {kind} of parameters, which would not be found or "
            "trained; give each an attribute of its own"
        )
    container = "nn.ModuleDict" if isinstance(values, dict) else "nn.ModuleList"
    raise DataError(
        f"'{name}' is a plain {kind} of layers, whose parameters would not be found "
        f"or trained; use {container}(...)"
    )


def _parts(values: Any) -> Iterator[Any]:
    """Yield the layers and parameters in nested lists, tuples and dicts."""
    from pellucid.nn.module import Module

    for part in values.values() if isinstance(values, dict) else values:
        if isinstance(part, (Module, Parameter)):
            yield part
        elif isinstance(part, (list, tuple, dict)):
            yield from _parts(part)


def _is_loose(value: Tensor) -> bool:
    return value.requires_grad and value.producer is None and not isinstance(value, Parameter)
