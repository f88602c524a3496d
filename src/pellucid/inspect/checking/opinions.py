"""Asking the learner's functions, and differencing them.

The functions are called with copies, so that nothing of the learner's changes; with the same state
of NumPy's global generator before every call, so that a loss that draws from it is one function;
and the loss before the gradients, as programs do that keep what they computed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, DTypeError, GradientError, NonFiniteError, ShapeError

__all__ = ["Learner", "checked_parameters", "copies", "numbers", "same_draws"]


def checked_parameters(parameters: Any) -> dict[str, Array]:
    """Return the parameters as arrays of floats.

    Raises
    ------
    DataError
        If they are no dictionary of numbers.
    DTypeError
        If they are whole numbers, of which there is no derivative.
    NonFiniteError
        If there are NaNs or infinities.
    """
    if not isinstance(parameters, Mapping) or not parameters:
        raise DataError(
            f"parameters must be a dict of arrays, such as {{'W1': W1, 'b1': b1}}; "
            f"got {_kind(parameters)}"
        )
    result: dict[str, Array] = {}
    for name, value in parameters.items():
        if not isinstance(name, str):
            raise DataError(f"the names of parameters are strings, got {name!r}")
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise DataError(f"parameters[{name!r}] is no array: {error}") from error
        if array.dtype.kind in "iub":
            raise DTypeError(
                f"parameters[{name!r}] has dtype {array.dtype}: whole numbers have no derivative, "
                "and an update would be rounded; make it floats, for example np.zeros(3) or "
                f"{name}.astype(float)"
            )
        if array.dtype.kind != "f":
            raise DTypeError(f"parameters[{name!r}] must hold floats, got {_kind(value)}")
        if not array.size:
            raise ShapeError(f"parameters[{name!r}] is empty: its shape is {array.shape}")
        if not np.all(np.isfinite(array)):
            raise NonFiniteError(f"parameters[{name!r}] contains NaN or infinity")
        result[name] = array.astype(np.float64)
    return result


def copies(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return the parameters once more, to be given away."""
    return {name: np.array(value) for name, value in parameters.items()}


@contextmanager
def same_draws(seed: int) -> Iterator[None]:
    """Set NumPy's global generator for a call; afterwards it is as before."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002 - the generator that the learner's code uses
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


@dataclass
class Learner:
    """The learner's functions.

    Attributes
    ----------
    loss : callable
    gradients : callable or mapping
    seed : int
        For NumPy's global generator before each call.
    precision : float
        The relative rounding error of the coarsest numbers that came back.
    changed : dict
        After :meth:`ask`: parameters that ``gradients`` changed in place, and by how much.
    """

    loss: Callable[..., Any]
    gradients: Any
    seed: int = 0

    def __post_init__(self) -> None:
        _takes_parameters("loss", self.loss)
        if callable(self.gradients):
            _takes_parameters("gradients", self.gradients)
        self.changed: dict[str, Array] = {}
        self.precision = float(np.finfo(np.float64).eps)

    def variables(self) -> dict[str, Any]:
        """Return the variables that the loss can see: of its module, and around it."""
        function = inspect.unwrap(self.loss)
        found = dict(getattr(function, "__globals__", {}))
        code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
        for name, cell in zip(getattr(code, "co_freevars", ()), cells or (), strict=False):
            try:
                found[name] = cell.cell_contents
            except ValueError:  # an empty cell
                continue
        return found

    def evaluate(self, parameters: Mapping[str, Array]) -> float:
        """Return the loss, as a float.

        Raises
        ------
        GradientError
            If it is not a single number.
        """
        with same_draws(self.seed), np.errstate(all="ignore"):
            value = self.loss(copies(parameters))
        if value is None:
            raise GradientError("loss(parameters) returned None; is a `return` missing?")
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise GradientError(
                f"loss(parameters) must return a single number, got {_kind(value)}"
            ) from error
        if array.size != 1:
            raise GradientError(
                f"loss(parameters) must return a single number, got shape {array.shape}; "
                "take np.sum or np.mean of it"
            )
        given = np.asarray(value).dtype
        if given in (np.float32, np.float16):
            self.precision = max(self.precision, float(np.finfo(given).eps))
        return float(array.reshape(()))

    def ask(self, parameters: Mapping[str, Array]) -> dict[str, Array]:
        """Return the learner's gradients, checked for what they must be.

        Raises
        ------
        DataError, GradientError, DTypeError, NonFiniteError
            If they are no dictionary of numbers with the names of the parameters.
        """
        self.changed = {}
        if not callable(self.gradients):
            given = self.gradients
        else:
            handed = copies(parameters)
            with same_draws(self.seed), np.errstate(all="ignore"):
                given = self.gradients(handed)
            for name, before in parameters.items():
                after = handed.get(name)
                if isinstance(after, np.ndarray) and not np.array_equal(after, before):
                    self.changed[name] = np.asarray(after) - before if (
                        after.shape == before.shape) else np.zeros(0)  # fmt: skip
        result = numbers(given, parameters)
        for value in given.values():
            if getattr(value, "dtype", None) in (np.float32, np.float16):
                self.precision = max(self.precision, float(np.finfo(value.dtype).eps))
        return result


def _takes_parameters(name: str, function: Any) -> None:
    """Refuse a function that cannot be called with the parameters alone."""
    if not callable(function):
        raise DataError(f"{name} must be a function of the parameters, got {_kind(function)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a builtin, which tells nothing
        return
    try:
        signature.bind({})
    except TypeError as error:
        raise DataError(
            f"{name} must take one argument, the dict of parameters: def {name}(parameters); it is "
            f"written {name}{signature}"
        ) from error


def numbers(given: Any, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """Return gradients as arrays of float64, under the names of the parameters."""
    if given is None:
        raise GradientError("gradients(parameters) returned None; is a `return` missing?")
    if not isinstance(given, Mapping):
        names = ", ".join(f"{name!r}: d{name}" for name in list(parameters)[:3])
        raise GradientError(
            f"gradients must be a dict with the names of the parameters, {{{names}}}; "
            f"got {_kind(given)}"
        )
    given = _renamed(given, parameters)
    missing = [name for name in parameters if name not in given]
    extra = [name for name in given if name not in parameters]
    if missing:
        more = f"; there is {_listed(extra)}, which is no parameter" if extra else ""
        raise GradientError(
            f"gradients has no entry for {_listed(missing)}{more}; it needs one for every parameter"
        )
    if extra:
        raise GradientError(
            f"gradients has {_listed(extra)}, which is no parameter; the parameters are "
            f"{_listed(list(parameters))}"
        )
    result: dict[str, Array] = {}
    for name in parameters:
        if given[name] is None:
            raise GradientError(f"the gradient of {name!r} is None")
        try:
            array = np.asarray(given[name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DTypeError(
                f"the gradient of {name!r} holds no numbers: {_kind(given[name])}"
            ) from error
        if not np.all(np.isfinite(array)):
            bad = int(np.sum(~np.isfinite(array)))
            raise NonFiniteError(
                f"the gradient of {name!r} has {bad} of {array.size} entries NaN or infinite; look "
                "for a division by zero, log(0), or exp of a large number"
            )
        result[name] = array.copy()
    return result


def _renamed(given: Mapping[str, Any], parameters: Mapping[str, Array]) -> Mapping[str, Any]:
    """Accept ``dW1`` for the gradient of W1 where that is unmistakable."""
    if any(name in given for name in parameters):
        return given
    for pattern in ("d{}", "d_{}", "grad_{}", "{}_grad"):
        if all(pattern.format(name) in given for name in parameters):
            return {name: given[pattern.format(name)] for name in parameters}
    return given


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return f"{type(value).__name__}"
