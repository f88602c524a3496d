"""The array that tells the recorder what is computed from it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pellucid.program.instruction import Variable
    from pellucid.program.recorder import Recorder

__all__ = ["ARRAY_METHODS", "TracedArray", "TracedGenerator", "astype"]

# They tell something about an array without computing anything from its numbers.
_QUESTIONS = frozenset(
    {
        np.shape,
        np.ndim,
        np.size,
        np.result_type,
        np.can_cast,
        np.iscomplexobj,
        np.isrealobj,
        np.may_share_memory,
        np.shares_memory,
        np.array2string,
        np.array_repr,
        np.array_str,
    }
)


class TracedArray(np.ndarray):
    """A view of a plain array; what NumPy computes from it is written down by the recorder.

    Attributes
    ----------
    variable : Variable or None
        What the program knows it as. None where NumPy derived it in a way that cannot be followed.
    recorder : Recorder
    """

    variable: Variable | None
    recorder: Recorder | None

    def __array_finalize__(self, source: Any) -> None:
        """Start without a variable: the recorder gives it one."""
        self.variable = None
        self.recorder = getattr(source, "recorder", None)

    def _record(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        recorder = self.recorder
        if recorder is None:
            raise RuntimeError("a traced array outlived the recorder that made it")
        return recorder.call(function, args, kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Write the call of a ufunc down; one that writes into an array gives it a new variable."""
        recorder = self.recorder or next(
            x.recorder for x in (*inputs, *kwargs.get("out", ())) if getattr(x, "recorder", None)
        )
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        out = kwargs.pop("out", None)
        if out is None:
            return recorder.call(function, inputs, kwargs)
        return recorder.call_into(out[0], function, inputs, kwargs)

    def __array_function__(
        self, function: Any, types: Any, args: Any, kwargs: Mapping[str, Any]
    ) -> Any:
        """Write the call of one of NumPy's functions down."""
        recorder = self.recorder
        if recorder is None or function in _QUESTIONS:
            plain = recorder.plain if recorder is not None else _as_base
            return function(*plain(tuple(args)), **plain(dict(kwargs)))
        keywords = dict(kwargs)
        out = keywords.pop("out", None)
        if out is not None:
            return recorder.call_into(out, function, args, keywords)
        return recorder.call(function, args, keywords)

    def __getitem__(self, index: Any) -> Any:
        return self._record(_getitem, self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        recorder = self.recorder
        if recorder is None:
            super().__setitem__(index, value)
        else:
            recorder.call_into(self, _setitem, (self, index, value), {})

    def reshape(self, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
        """The same entries in another shape."""
        whole = shape[0] if len(shape) == 1 else shape
        return self._record(np.reshape, self, whole)

    def transpose(self, *axes: Any) -> Any:
        """Axes in another order."""
        whole = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return self._record(np.transpose, self, whole or None)

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """Axes in reverse order."""
        return self._record(np.transpose, self)

    def astype(  # type: ignore[override]
        self, dtype: Any, *args: Any, copy: bool = True, **kwargs: Any
    ) -> Any:
        """The numbers in another type; itself where it has that type already."""
        if np.dtype(dtype) == self.dtype and not copy:
            return self
        return self._record(astype, self, np.dtype(dtype))

    def copy(self, order: Any = "C") -> Any:
        """The same numbers in memory of their own, which the program calls the same."""
        if self.recorder is None or self.variable is None:
            return super().copy(order)
        return self.recorder.wrapped(np.array(self.view(np.ndarray), order="K"), self.variable)

    def flatten(self, order: Any = "C") -> Any:
        """All entries in one axis."""
        return self._record(np.ravel, self)

    def fill(self, value: Any) -> None:
        """Write one number everywhere."""
        self[...] = value


def _getitem(x: Any, index: Any) -> Any:
    return x[index]


def _setitem(x: Any, index: Any, value: Any) -> Any:
    result = x.copy()
    result[index] = value
    return result


def astype(x: Any, dtype: Any) -> Any:
    """Return the numbers of `x` in another type."""
    return x.astype(dtype)


def _as_base(tree: Any) -> Any:
    return tuple(x.view(np.ndarray) if isinstance(x, TracedArray) else x for x in tree)


def _method(name: str) -> Any:
    function = getattr(np, name)

    @functools.wraps(getattr(np.ndarray, name))
    def method(self: TracedArray, *args: Any, **kwargs: Any) -> Any:
        return self._record(function, self, *args, **kwargs)

    return method


_METHODS = """
    all any argmax argmin argsort clip cumprod cumsum dot max mean min nonzero prod ravel repeat
    round squeeze std sum swapaxes take var
"""
for _name in _METHODS.split():
    setattr(TracedArray, _name, _method(_name))


class TracedGenerator(np.random.Generator):
    """Draws the numbers that another generator would draw, and writes the draws down.

    Parameters
    ----------
    recorder : Recorder
    generator : numpy.random.Generator
        Its stream is used, and goes on where this one ends.

    Attributes
    ----------
    start : dict
        The state that the stream began in.
    """

    def __init__(self, recorder: Recorder, generator: np.random.Generator) -> None:
        super().__init__(generator.bit_generator)
        self.recorder = recorder
        self.plain = generator
        self.start = generator.bit_generator.state


def _draw(name: str) -> Any:
    original = getattr(np.random.Generator, name)

    @functools.wraps(original)
    def method(self: TracedGenerator, *args: Any, **kwargs: Any) -> Any:
        recorder = self.recorder
        return recorder.call(original, (self, *args), kwargs, draws=f"Generator.{name}")

    return method


_DRAWS = """
    random uniform normal standard_normal integers choice permutation permuted binomial gamma
    exponential poisson beta laplace
"""
for _name in _DRAWS.split():
    setattr(TracedGenerator, _name, _draw(_name))


ARRAY_METHODS: dict[Callable[..., Any], str] = {
    _getitem: "array.getitem",
    _setitem: "array.setitem",
    astype: "array.astype",
}
"""Functions of this file that stand for the syntax of arrays, and their names."""
