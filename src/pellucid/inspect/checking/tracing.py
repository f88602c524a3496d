"""The tape's opinion: the learner's own forward code, run on recorded values.

NumPy's protocols record its functions on Tensors. What they cannot see is made visible while the
code runs: ``np`` in the learner's modules is replaced by a stand-in whose ``np.zeros`` makes an
array that can be written into with recorded values, and ``float`` keeps the history of a loss.
Afterwards everything is as before.
"""

from __future__ import annotations

import builtins
import functools
import math
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid import ops
from pellucid.dtypes import Array
from pellucid.errors import UnsupportedError
from pellucid.inspect.checking.constants import shown_as_constants
from pellucid.inspect.checking.writable import Frame, Journal, Writable
from pellucid.tensor import Tensor

__all__ = ["Trace", "trace_loss"]


class Trace:
    """A recorded loss.

    Attributes
    ----------
    output : Tensor
        The loss.
    parameters : dict
        Name to the leaf that stands for the parameter.
    places : dict
        Identity of each value to the lines of code that made it.
    comparisons : list of Comparison
        What the code asked of recorded values.
    """

    def __init__(self, output: Tensor, parameters: dict[str, Tensor], journal: Journal) -> None:
        self.output = output
        self.parameters = parameters
        self.places: dict[int, tuple[Frame, ...]] = journal.places
        self.comparisons = journal.comparisons
        self.journal = journal  # keeps the values alive


def trace_loss(loss: Callable[..., Any], parameters: dict[str, Array]) -> Trace:
    """Run ``loss(parameters)`` on recorded values.

    Parameters
    ----------
    loss : callable
        The learner's function.
    parameters : dict
        Name to array.

    Raises
    ------
    UnsupportedError
        If the code does something that cannot be recorded; the message says what.
    Exception
        Whatever else the learner's code raises on recorded values.
    """
    journal = Journal(trace_loss.__code__)
    leaves = {
        name: Tensor(np.array(value, dtype=np.float64), requires_grad=True, name=name)
        for name, value in parameters.items()
    }
    handles = {name: Writable(leaf, journal) for name, leaf in leaves.items()}
    with _stand_ins(loss, journal), np.errstate(all="ignore"):
        result = loss(handles)
    if isinstance(result, Writable):
        result = result.version
    if not isinstance(result, Tensor) or not result.requires_grad:
        raise UnsupportedError(
            "loss(parameters) gave plain numbers: they left the recorded values on the way (global "
            "variables in place of the argument, or a library other than NumPy, perhaps)"
        )
    if result.data.size != 1:
        raise UnsupportedError(f"loss(parameters) has shape {result.shape}, not a single number")
    return Trace(result, leaves, journal)


# --- stand-ins ------------------------------------------------------------------------------------


@contextmanager
def _stand_ins(loss: Callable[..., Any], journal: Journal) -> Iterator[None]:
    """Put stand-ins into the modules of the learner's code for a while."""
    numpy_stand_in = _NumPy(journal)
    changed: list[tuple[Any, Any, Any]] = []
    missing = object()
    namespaces = _namespaces(loss)
    for container in (*namespaces, *_closed_over(loss)):
        changed += shown_as_constants(container)
    for namespace in namespaces:
        replacements: dict[str, Any] = {"float": _Float}
        for name, value in namespace.items():
            if value is np:
                replacements[name] = numpy_stand_in
            elif value is math:
                replacements[name] = _MATH
            elif isinstance(value, types.BuiltinFunctionType) and value.__module__ == "math":
                replacements[name] = getattr(_MATH, value.__name__)
            elif callable(value) and _is_of_numpy(value):
                replacements[name] = getattr(numpy_stand_in, value.__name__)
        for name, value in replacements.items():
            changed.append((namespace, name, namespace.get(name, missing)))
            namespace[name] = value
    try:
        yield
    finally:
        for container, key, value in reversed(changed):
            if value is missing:
                container.pop(key, None)
            else:
                container[key] = value


def _is_of_numpy(value: Any) -> bool:
    return vars(np).get(getattr(value, "__name__", "")) is value


def _namespaces(loss: Callable[..., Any]) -> list[dict[str, Any]]:
    """Return the global names of the learner's function and of the functions that it can call."""
    found: dict[int, dict[str, Any]] = {}
    todo: list[Any] = [loss]
    while todo:
        thing = todo.pop()
        while isinstance(thing, functools.partial):
            thing = thing.func
        if isinstance(thing, types.MethodType):
            todo.append(thing.__self__)
            thing = thing.__func__
        if isinstance(thing, types.FunctionType):
            todo += [c.cell_contents for c in thing.__closure__ or () if _is_filled(c)]
            namespace = thing.__globals__
            if id(namespace) in found or _is_library(namespace):
                continue
            found[id(namespace)] = namespace
            todo += [v for v in namespace.values() if isinstance(v, types.FunctionType)]
        elif isinstance(thing, type):
            todo += [v for v in vars(thing).values() if isinstance(v, types.FunctionType)]
        elif not isinstance(thing, (types.ModuleType, np.ndarray)) and not _is_plain(thing):
            todo += [v for v in vars(type(thing)).values() if isinstance(v, types.FunctionType)]
    return list(found.values())


class _Cells:
    """What a function remembers of the function around it, as a sequence that can be changed."""

    def __init__(self, cells: list[Any]) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, position: int) -> Any:
        return self._cells[position].cell_contents

    def __setitem__(self, position: int, value: Any) -> None:
        self._cells[position].cell_contents = value


def _closed_over(loss: Callable[..., Any]) -> list[_Cells]:
    """Return the variables around the learner's function and the functions it remembers."""
    cells: dict[int, Any] = {}
    todo: list[Any] = [loss]
    while todo:
        thing = todo.pop()
        for cell in getattr(thing, "__closure__", None) or ():
            if id(cell) in cells:
                continue
            try:
                todo.append(cell.cell_contents)
            except ValueError:  # an empty cell
                continue
            cells[id(cell)] = cell
    return [_Cells(list(cells.values()))]


def _is_filled(cell: Any) -> bool:
    try:
        value = cell.cell_contents
    except ValueError:  # an empty cell
        return False
    return not _is_plain(value)


def _is_plain(value: Any) -> bool:
    return type(value).__module__ in ("builtins", "numpy") and not isinstance(
        value, (types.FunctionType, types.MethodType)
    )


def _is_library(namespace: dict[str, Any]) -> bool:
    name = str(namespace.get("__name__", ""))
    file = str(namespace.get("__file__") or "")
    return name.split(".")[0] in ("numpy", "pellucid", "scipy") or "site-packages" in file


class _KeepsRecorded(type):
    """Makes a call of ``float`` keep a recorded number recorded."""

    def __call__(cls, value: Any = 0.0) -> Any:
        return value.item() if isinstance(value, Writable) else builtins.float(value)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, builtins.float)


class _Float(builtins.float, metaclass=_KeepsRecorded):
    """``float``, which is a type too: ``x.astype(float)``."""

    dtype = np.dtype(np.float64)


class _Math:
    """The module ``math``, with functions that record."""

    _SAME = ("exp", "log", "sqrt", "sin", "cos", "tanh", "log1p", "expm1", "log2", "log10")

    def __getattr__(self, name: str) -> Any:
        plain = getattr(math, name)
        if name not in self._SAME:
            return plain

        def function(x: Any, *rest: Any) -> Any:
            return getattr(np, name)(x) if isinstance(x, Tensor) else plain(x, *rest)

        return function


_MATH = _Math()


class _NumPy:
    """The module ``numpy``, with arrays that can be written into with recorded values."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if name in ("r_", "c_"):
            return _Joiner(value, columns=name == "c_")
        if name in _FACTORIES:
            return functools.partial(self._make, value)
        if name in ("array", "asarray", "float64", "float32", "asanyarray", "ascontiguousarray"):
            return _Converter(value)
        if name in ("sum", "mean", "max", "min", "prod", "log", "exp", "dot"):
            return functools.partial(_with_joined_lists, value)
        return value

    def _make(self, factory: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Make an array of floats that can be written into."""
        plain = [a.data if isinstance(a, Tensor) else a for a in arguments]
        made = factory(*plain, **options)
        if made.dtype.kind != "f":
            return made
        return Writable(Tensor(made.astype(np.float64)), self._journal)


_FACTORIES = frozenset(
    ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
)


class _Converter:
    """``np.array`` and its like: a list of recorded values is joined, a recorded value copied.

    The name stands for a type too (``dtype=np.float64``), which NumPy sees in the attribute.
    """

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        if isinstance(plain, type):
            self.dtype = np.dtype(plain)

    def __call__(self, value: Any = 0.0, *arguments: Any, **options: Any) -> Any:
        if isinstance(value, Tensor):
            return value.copy() if value.requires_grad else value
        if _holds_recorded(value):
            return _joined(value)
        return self._plain(value, *arguments, **options)


class _Joiner:
    """``np.r_`` and ``np.c_``, which join what stands in their brackets, recorded or not."""

    def __init__(self, plain: Any, *, columns: bool) -> None:
        self._plain = plain
        self._columns = columns

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not _holds_recorded(parts):
            return self._plain[key]
        if any(isinstance(part, str) for part in parts):
            raise UnsupportedError(
                "np.r_ and np.c_ with a text in their brackets are not followed; write "
                "np.concatenate([...], axis=...)"
            )
        arrays = [self._part(part) for part in parts]
        return np.concatenate(arrays, axis=-1 if self._columns else 0)

    def _part(self, part: Any) -> Any:
        if isinstance(part, slice):
            part = np.r_[part]
        array = _joined(part)
        if not array.ndim:
            array = array.reshape(1)
        return array.reshape(-1, 1) if self._columns and array.ndim == 1 else array


def _with_joined_lists(function: Callable[..., Any], first: Any, *rest: Any, **options: Any) -> Any:
    return function(_joined(first) if _holds_recorded(first) else first, *rest, **options)


def _holds_recorded(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(
        isinstance(v, Tensor) or _holds_recorded(v) for v in value
    )


def _joined(value: Any) -> Any:
    if _holds_recorded(value):
        return ops.stack([_joined(v) for v in value])
    return value if isinstance(value, Tensor) else np.asarray(value, np.float64)
