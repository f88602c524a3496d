"""A NumPy function of its parameters, in the form of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pellucid.errors import DataError, DTypeError, GradientError
from pellucid.nn import Module
from pellucid.tensor import Parameter, Tensor
from pellucid.writable import Writable, version_of
from pellucid.writing import writable_arrays, writes_into_arrays

__all__ = ["ParameterFunction"]


class ParameterFunction(Module):
    """``loss(parameters)`` with its parameters: a module without an input, whose output is a loss.

    Parameters
    ----------
    function : callable
        Takes the parameters under their names and returns a single number. Plain NumPy.
    parameters : mapping of str to array_like of floats

    Raises
    ------
    DataError
        If the parameters are no dictionary of arrays, or a name is no name of a variable.
    DTypeError
        If they are whole numbers, of which there is no derivative.

    Examples
    --------
    >>> import numpy as np
    >>> net = ParameterFunction(lambda p: np.sum(p["w"] ** 2), {"w": np.array([1.0, 3.0])})
    >>> net().data
    array(10.)
    """

    def __init__(self, function: Callable[[Any], Any], parameters: Mapping[str, Any]) -> None:
        super().__init__()
        if not callable(function):
            raise DataError(
                f"expected a network or a function of parameters, got {type(function).__name__}"
            )
        if not isinstance(parameters, Mapping) or not parameters:
            raise DataError(
                "a function of parameters needs them as a dict of arrays, such as "
                f"{{'W1': W1, 'b1': b1}}; got {type(parameters).__name__}"
            )
        self.function = function
        self._names = tuple(parameters)
        for name, value in parameters.items():
            if not isinstance(name, str) or not name.isidentifier() or hasattr(self, name):
                raise DataError(f"a parameter cannot be called {name!r}; use a name such as 'W1'")
            setattr(self, name, Parameter(_floats(name, value)))

    def forward(self) -> Tensor:
        """Return the loss.

        Raises
        ------
        GradientError
            If the function returns something else than a single number computed from them.
        """
        given: dict[str, Tensor] = {name: getattr(self, name) for name in self._names}
        if writes_into_arrays(self.function):
            with writable_arrays(self.function):
                value = version_of(self.function({n: Writable(x) for n, x in given.items()}))
        else:
            value = self.function(given)
        called = getattr(self.function, "__name__", "the function")
        if value is None:
            raise GradientError(f"{called}(parameters) returned None; is a `return` missing?")
        if not isinstance(value, Tensor):
            raise GradientError(
                f"{called}(parameters) returned a {type(value).__name__} that was not computed "
                "from its argument; does it use global variables in its place, float() or .data?"
            )
        if value.size != 1:
            raise GradientError(
                f"{called}(parameters) must return a single number, got shape {value.shape}; "
                "take np.sum or np.mean of it"
            )
        return value

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {getattr(self, name).shape}" for name in self._names)
        return f"{getattr(self.function, '__name__', 'function')}({shapes})"


def _floats(name: str, value: Any) -> Any:
    try:
        array = np.array(value.data if isinstance(value, Tensor) else value)
    except ValueError as error:
        raise DataError(f"parameters[{name!r}] is no array: {error}") from error
    if array.dtype.kind in "iub":
        raise DTypeError(
            f"parameters[{name!r}] has dtype {array.dtype}: whole numbers have no derivative; make "
            f"it floats, for example {name}.astype(float)"
        )
    if array.dtype.kind != "f":
        raise DTypeError(f"parameters[{name!r}] must hold floats, got dtype {array.dtype}")
    return array
