"""What can be given to an optimizer to learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from pellucid.errors import DataError
from pellucid.tensor import Parameter, Tensor

__all__ = ["Params", "as_list", "check_parameter"]

Params: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]]
"""Parameters (or other leaf Tensors that want a gradient), or groups of them with options of their
own: ``{"params": [...], "lr": 0.01}``."""


def as_list(params: Any) -> list[Any]:
    """Return the parameters or groups as a list.

    Raises
    ------
    DataError
        If it is a module, or one thing instead of several.
    """
    if hasattr(params, "parameters"):
        raise DataError(
            f"expected parameters, got the module {type(params).__name__}; "
            "pass its parameters: net.parameters()"
        )
    if isinstance(params, (Tensor, np.ndarray, Mapping, str)) or not isinstance(params, Iterable):
        raise DataError(
            f"expected a list of parameters, got one {type(params).__name__}; put it in a list"
        )
    return list(params)


def check_parameter(owner: str, parameter: object) -> None:
    """Refuse what cannot be learnt.

    Raises
    ------
    DataError
        If it is neither a Parameter nor a leaf Tensor that wants a gradient.
    """
    if isinstance(parameter, tuple):
        raise DataError(
            f"{owner} takes parameters, got a tuple; pass net.parameters(), "
            "not net.named_parameters()"
        )
    if isinstance(parameter, Parameter):  # one that is frozen now may be learnt later
        return
    if not isinstance(parameter, Tensor):
        raise DataError(
            f"{owner} takes parameters, got {type(parameter).__name__}; "
            "wrap an array with Parameter(array)"
        )
    if not (parameter.is_leaf and parameter.requires_grad):
        raise DataError(
            f"{owner} takes parameters, got a Tensor that was computed from others or wants no "
            "gradient; make it with Parameter(array)"
        )
