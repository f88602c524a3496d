"""While a function is differentiated, its own code may fill arrays with recorded values.

``o = np.zeros(2); o[0] = w[0] ** 2`` asks an array of plain numbers to take in a recorded one,
which NumPy's protocols do not see. So a function that writes into arrays is run on values that can
be written into (:mod:`pellucid.writable`), and the names ``np`` and ``math`` of its module stand
for stand-ins meanwhile: ``np.zeros`` makes an array of that kind, ``np.array([x, y])`` joins, and
``math.exp`` is ``np.exp``. In every other thread, and for whoever else uses the module, they do
exactly what NumPy does. Functions that write into nothing are run as they are.
"""

from __future__ import annotations

import dis
import functools
import math
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid import ops, tape
from pellucid.tensor import Tensor
from pellucid.writable import Writable, versions_of

__all__ = ["writable_arrays", "writes_into_arrays"]

# --- which functions ------------------------------------------------------------------------------

_WRITING = frozenset(("STORE_SUBSCR", "STORE_SLICE", "LIST_APPEND"))
_GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME")
_NAMES = frozenset(("append", "array", "asarray", "fill", "fromiter", "full", "full_like", "math"))


@functools.lru_cache(maxsize=1024)
def _writes(code: types.CodeType) -> bool:
    """Tell whether code writes into something, or makes arrays of values one by one."""
    if _NAMES & set(code.co_names):
        return True
    for instruction in dis.get_instructions(code):
        in_place = instruction.opname == "BINARY_OP" and instruction.argrepr.endswith("=")
        listed = instruction.opname == "BUILD_LIST" and instruction.arg
        if instruction.opname in _WRITING or in_place or listed:
            return True
    return any(_writes(c) for c in code.co_consts if isinstance(c, types.CodeType))


def _functions(function: Callable[..., Any]) -> Iterator[types.FunctionType]:
    """Yield a function and those that its code names, as far as they are not a library's."""
    seen: set[int] = set()
    todo: list[Any] = [function]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, functools.partial):
            todo.append(thing.func)
        elif isinstance(thing, types.MethodType):
            todo += [thing.__func__, type(thing.__self__)]
        elif isinstance(thing, types.FunctionType):
            if _is_library(thing.__globals__):
                todo += [c.cell_contents for c in thing.__closure__ or () if _is_filled(c)]
                continue
            yield thing
            todo += [c.cell_contents for c in thing.__closure__ or () if _is_filled(c)]
            todo += [thing.__globals__[n] for n in _names(thing.__code__) if n in thing.__globals__]
        elif isinstance(thing, type):
            if not _is_library(thing.__dict__):
                todo += [v for v in vars(thing).values() if isinstance(v, types.FunctionType)]
                todo += thing.__bases__
        elif not isinstance(thing, types.ModuleType) and not _is_library(vars(type(thing))):
            parts = getattr(thing, "__dict__", None)
            if isinstance(parts, dict):  # an object with methods, and the objects it is made of
                todo.append(type(thing))
                for part in parts.values():
                    todo += part if isinstance(part, list) and len(part) < 100 else [part]


@functools.lru_cache(maxsize=1024)
def _names(code: types.CodeType) -> frozenset[str]:
    """Return the global names that code asks for."""
    inner = [_names(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    own = [i.argval for i in dis.get_instructions(code) if i.opname in _GLOBALS]
    return frozenset(own).union(*inner)


def _is_library(namespace: Any) -> bool:
    name = str(namespace.get("__name__") or namespace.get("__module__") or "")
    file = str(namespace.get("__file__") or "")
    return name.split(".")[0] in ("numpy", "pellucid", "scipy") or "site-packages" in file


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:  # an empty cell
        return False
    return True


def writes_into_arrays(function: Callable[..., Any]) -> bool:
    """Tell whether `function`, or a function that it names, may write into arrays."""
    return any(_writes(f.__code__) or _uses_math(f) for f in _functions(function))


def _uses_math(function: types.FunctionType) -> bool:
    known = function.__globals__
    return any(_is_of_math(known.get(name)) for name in _names(function.__code__))


def _is_of_math(value: Any) -> bool:
    return value is math or (
        isinstance(value, types.BuiltinFunctionType) and value.__module__ == "math"
    )


# --- while they run -------------------------------------------------------------------------------


class _State(threading.local):
    """Whether this thread is running such a function."""

    active = False


_state = _State()
_lock = threading.Lock()
_replaced: dict[int, tuple[int, dict[str, Any], dict[str, Any]]] = {}
"""Identity of a namespace to how many use its stand-ins, the namespace, and what was there."""


@contextmanager
def writable_arrays(function: Callable[..., Any]) -> Iterator[None]:
    """Let the code of `function` fill arrays with recorded values for a while."""
    spaces = {id(f.__globals__): f.__globals__ for f in _functions(function)}
    for space in spaces.values():
        _replace(space)
    before, _state.active = _state.active, True
    try:
        with tape.inputs_taken_by(versions_of):
            yield
    finally:
        _state.active = before
        for space in spaces.values():
            _restore(space)


def _replace(space: dict[str, Any]) -> None:
    with _lock:
        count, _, was = _replaced.get(id(space), (0, space, {}))
        if not count:
            stand_ins = {name: _stand_in(value) for name, value in list(space.items())}
            was = {name: space[name] for name, value in stand_ins.items() if value is not None}
            space.update({name: stand_ins[name] for name in was})
        _replaced[id(space)] = (count + 1, space, was)


def _restore(space: dict[str, Any]) -> None:
    with _lock:
        count, _, was = _replaced.pop(id(space))
        if count > 1:
            _replaced[id(space)] = (count - 1, space, was)
            return
        for name, value in was.items():
            if isinstance(space.get(name), _StandIn):  # not given another meaning meanwhile
                space[name] = value


def _stand_in(value: Any) -> Any:
    if value is np:
        return _NUMPY
    if value is math:
        return _MATH
    if _is_of_math(value):
        return _of_math(value)
    if callable(value) and vars(np).get(getattr(value, "__name__", "")) is value:
        return _of_numpy(value)
    return None


class _StandIn:
    """What stands for something else, and is like it in all that it does not change."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def __repr__(self) -> str:
        return repr(self._plain)


class _NumPy(_StandIn):
    """The module ``numpy``."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        if not _state.active:
            return value
        found = _of_numpy(value)
        return value if found is None else found


class _Math(_StandIn):
    """The module ``math``."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(math, name)
        found = _of_math(value) if _state.active and callable(value) else None
        return value if found is None else found


class _Function(_StandIn):
    """A function, called in another way while arrays can be written into."""

    def __init__(self, plain: Any, call: Callable[..., Any]) -> None:
        super().__init__(plain)
        self._call = call

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if not _state.active:
            return self._plain(*arguments, **options)
        return self._call(self._plain, *arguments, **options)


_NUMPY, _MATH = _NumPy(np), _Math(math)

_FACTORIES = frozenset(
    ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
)
_CONVERTERS = frozenset(("array", "asarray", "asanyarray", "ascontiguousarray", "fromiter"))


@functools.cache
def _of_numpy(value: Any) -> _Function | None:
    """Return what stands for something of NumPy's, or None where it stands for itself."""
    name = getattr(value, "__name__", "")
    if vars(np).get(name) is not value or isinstance(value, (type, types.ModuleType)):
        return None
    if name in _FACTORIES:
        return _Function(value, _make)
    if name in _CONVERTERS:
        return _Function(value, _convert)
    return _Function(value, _join_lists) if callable(value) else None


def _make(factory: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Make an array of floats that can be written into."""
    if any(isinstance(x, Tensor) and x.requires_grad for x in arguments[1:]):
        if factory is np.full:  # the shape of an array like which full_like fills
            empty = np.empty(arguments[0], options.get("dtype", arguments[1].dtype))
            return np.full_like(Tensor(empty), *arguments[1:], **options)
        return factory(*arguments, **options)
    plain = [x.data if isinstance(x, Tensor) else x for x in arguments]
    fill = options.get("fill_value")
    if isinstance(fill, Tensor) and fill.requires_grad:
        return _make(factory, *arguments, options.pop("fill_value"), **options)
    made = factory(*plain, **options)
    return Writable(Tensor(made)) if made.dtype.kind == "f" else made


def _convert(function: Callable[..., Any], value: Any, *arguments: Any, **options: Any) -> Any:
    """Make an array of recorded values by joining them, of a recorded one by copying it."""
    if isinstance(value, types.GeneratorType):
        value = list(value)
    dtype = options.get("dtype", arguments[0] if arguments else None)
    if _holds_recorded(value):
        value = _joined(value)
    if not isinstance(value, Tensor):
        made = function(value, *arguments, **options)
        plain = isinstance(made, np.ndarray) and made.dtype.kind == "f" and made is not value
        return Writable(Tensor(made)) if plain else made
    if dtype is not None:
        return value.astype(dtype)
    return value if function is not np.array else value.copy()


def _join_lists(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function of NumPy with lists of recorded values joined."""
    if function in _TAKES_LISTS:
        return function(*arguments, **options)
    return function(*(_joined(x) if _holds_recorded(x) else x for x in arguments), **options)


_TAKES_LISTS: Sequence[Callable[..., Any]] = (
    np.concatenate,
    np.stack,
    np.hstack,
    np.vstack,
    np.dstack,
    np.column_stack,
    np.block,
)


def _holds_recorded(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(
        isinstance(v, Tensor) or _holds_recorded(v) for v in value
    )


def _joined(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value
    return ops.stack([_joined(v) for v in value]) if _holds_recorded(value) else np.asarray(value)


@functools.cache
def _of_math(value: Any) -> _Function | None:
    """Return what stands for a function of ``math``: NumPy's, for recorded values."""
    name = {"pow": "power", "fsum": "sum"}.get(value.__name__, value.__name__)
    recorded = getattr(np, name, None)
    if recorded is None:
        return None

    def call(plain: Callable[..., Any], *arguments: Any) -> Any:
        if any(isinstance(x, Tensor) or _holds_recorded(x) for x in arguments):
            return _join_lists(recorded, *arguments)
        return plain(*arguments)

    return _Function(value, call)
