"""Recorded values that a learner's own code may write into, as it writes into arrays.

NumPy code fills arrays: ``h[t] = np.tanh(...)``, ``out[:, i, j] += patch @ w``. A Tensor refuses
that, because a value that changes has no one derivative. Here each write makes a new version of
the value, and each use of the value remembers the version that it saw; so loops record as they
stand. Every call is remembered with the place in the learner's code that made it.
"""

from __future__ import annotations

import functools
import linecache
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import UnsupportedError
from pellucid.ops.operands import plain_index
from pellucid.primitives.declaration import Primitive
from pellucid.tape import Producer
from pellucid.tensor import Tensor

__all__ = ["ASSIGNMENT", "Assignment", "Comparison", "Frame", "Journal", "Writable"]


class Frame(NamedTuple):
    """One level of the learner's code: file, function, line, and the instruction within it.

    `span` is where the expression of the instruction stands: first and last line, first and last
    column (in bytes of UTF-8); empty where Python does not tell.
    """

    file: str
    function: str
    line: int
    instruction: int
    span: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The source of the expression; empty where it is not known."""
        if not self.span:
            return ""
        first, last, start, end = self.span
        lines = [linecache.getline(self.file, n).encode() for n in range(first, last + 1)]
        lines[-1] = lines[-1][:end]
        lines[0] = lines[0][start:]
        return " ".join(part.decode(errors="replace").strip() for part in lines)


@functools.lru_cache(maxsize=256)
def _spans(code: Any) -> list[tuple[int, ...]]:
    """Return where the expression of each instruction of a function stands."""
    return [() if None in span else span for span in code.co_positions()]


def _span(code: Any, instruction: int) -> tuple[int, ...]:
    spans = _spans(code)
    return spans[instruction // 2] if 0 <= instruction // 2 < len(spans) else ()


class Comparison(NamedTuple):
    """A question that the learner's code asked of recorded values, such as ``z > 0``.

    Attributes
    ----------
    name : str
        Of the primitive: "greater", "argmax".
    operands : tuple
        Tensors and plain numbers.
    answer : ndarray
    frames : tuple of Frame
        Where it was asked, the outermost call first.
    """

    name: str
    operands: tuple[Any, ...]
    answer: Any
    frames: tuple[Frame, ...]


_HERE = {str(Path(__file__).resolve().parents[2]), str(Path(np.__file__).resolve().parent)}


class Journal:
    """Where in the learner's code each value was made.

    Parameters
    ----------
    boundary : code object
        The function that calls the learner's: frames from there on outwards are not looked at.
    """

    def __init__(self, boundary: Any) -> None:
        self.boundary = boundary
        self.places: dict[int, tuple[Frame, ...]] = {}
        self.values: list[Tensor] = []  # kept alive, so that no identity is given out twice
        self.comparisons: list[Comparison] = []

    def enter(self, value: Tensor) -> None:
        """Remember that `value` was made by the code that runs now."""
        self.places[id(value)] = self._frames()
        self.values.append(value)

    def compared(self, primitive: Primitive, operands: tuple[Any, ...], answer: Any) -> None:
        """Remember a question that the code that runs now asked."""
        self.comparisons.append(Comparison(primitive.name, operands, answer, self._frames()))

    def _frames(self) -> tuple[Frame, ...]:
        frames: list[Frame] = []
        frame = sys._getframe(3)
        while frame is not None and frame.f_code is not self.boundary:
            code = frame.f_code
            if not any(code.co_filename.startswith(folder) for folder in _HERE):
                span = _span(code, frame.f_lasti)
                frames.append(
                    Frame(code.co_filename, code.co_name, frame.f_lineno, frame.f_lasti, span)
                )
            frame = frame.f_back  # type: ignore[assignment]
        return tuple(reversed(frames))


class Assignment:
    """What ``x[index] = value`` computes: x with some entries replaced.

    It stands where a primitive stands in a :class:`~pellucid.tape.Producer`, but is no entry of the
    library's table: only traces of other people's code contain it.
    """

    name = "assignment"
    formula = "x with x[index] = v"
    broadcasts = False

    def __init__(self) -> None:
        self.vjps = (self._to_the_rest, self._to_the_value)

    @staticmethod
    def forward(x: Array, value: Array, *, index: Any) -> Array:
        """Return a copy of `x` with ``[index]`` replaced."""
        result = x.copy()
        result[index] = value
        return result

    @staticmethod
    def _to_the_rest(g: Array, y: Array, x: Array, value: Array, *, index: Any) -> Array:
        rest = g.copy()
        rest[index] = 0
        return rest

    @staticmethod
    def _to_the_value(g: Array, y: Array, x: Array, value: Array, *, index: Any) -> Array:
        part = g[index]
        shape = np.shape(value)
        extra = part.ndim - len(shape)
        part = part.sum(axis=tuple(range(extra))) if extra > 0 else part
        spread = tuple(a for a, n in enumerate(shape) if n == 1 and part.shape[a] != 1)
        return np.asarray(part.sum(axis=spread, keepdims=True)).reshape(shape)


ASSIGNMENT: Any = Assignment()


class Writable(Tensor):
    """A handle on a recorded value: using it records the present version, writing makes a new one.

    Parameters
    ----------
    version : Tensor
        The value as it is now.
    journal : Journal
    """

    __slots__ = ("_journal", "_version", "_viewed")

    def __init__(self, version: Tensor, journal: Journal) -> None:
        self._journal = journal
        self._viewed: tuple[Writable, Any] | None = None
        self._now(version)

    def _now(self, version: Tensor) -> None:
        self._version = version
        self.data = version.data
        self.requires_grad = version.requires_grad
        self.producer = version.producer
        self.grad = None
        self.name = version.name

    @property
    def version(self) -> Tensor:
        """The value as it is now, which nothing will change."""
        return self._version

    def record(
        self, primitive: Primitive, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """Record a call on the present versions."""
        present = tuple(x._version if isinstance(x, Writable) else x for x in inputs)
        result = Tensor.record(self._version, primitive, present, attributes)
        if not isinstance(result, Tensor):
            self._journal.compared(primitive, present, result)
            return result
        self._journal.enter(result)
        return Writable(result, self._journal)

    # --- writing ----------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        if not self.requires_grad and self.data.dtype.kind != "f":
            return self.data[index]
        part = super().__getitem__(index)
        if _is_basic(index) and isinstance(part, Writable) and part.ndim:
            part._viewed = (self, index)  # a view: what is written into it, is written here
        return part

    def __setitem__(self, index: Any, value: Any) -> None:
        index = plain_index(index)
        value = _version_of(value)
        old = self._version
        numbers = value.data if isinstance(value, Tensor) else np.asarray(value, old.data.dtype)
        new = Tensor(ASSIGNMENT.forward(old.data, numbers, index=index))
        new.name = old.name
        if old.requires_grad or (isinstance(value, Tensor) and value.requires_grad):
            new.requires_grad = True
            new.producer = Producer(ASSIGNMENT, (old, value), {"index": index})
        self._journal.enter(new)
        self._change(new)

    def _change(self, new: Tensor) -> None:
        self._now(new)
        if self._viewed is not None:
            base, index = self._viewed
            base[index] = self

    def _in_place(self, symbol: str, other: Any) -> Tensor:
        methods = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__"}
        result = getattr(self, methods[symbol])(other)
        if not self.ndim:
            return result  # a number: other names keep the old one
        self._change(result._version)
        return self

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Call functions that have no derivative here on arrays that need none, as masks do."""
        try:
            return super().__array_function__(function, types, args, kwargs)
        except UnsupportedError:
            if any(x.requires_grad for x in _tensors((args, kwargs))):
                raise
        made = function(*_plain(args), **_plain(kwargs))
        if isinstance(made, np.ndarray) and made.dtype.kind == "f":
            return Writable(Tensor(made.astype(np.float64)), self._journal)
        return made

    # --- what arrays have and Tensors do without --------------------------------------------------

    def item(self) -> Any:
        """Return the single entry, still recorded: ``loss.item()`` keeps its history."""
        return self.reshape(()) if self.requires_grad else super().item()

    def tolist(self) -> Any:
        """Return the entries as nested lists, still recorded."""
        if not self.requires_grad:
            return super().tolist()
        return [part.tolist() for part in self] if self.ndim else self.item()

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Return the numbers in another type; whole numbers are plain arrays."""
        if np.dtype(dtype).kind == "f":
            return super().astype(np.float64)  # the check is in float64 throughout
        return self.data.astype(dtype)

    def fill(self, value: Any) -> None:
        """Write `value` into every entry."""
        self[...] = value


def _tensors(value: Any) -> list[Tensor]:
    """Return the Tensors among some arguments."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [x for part in value for x in _tensors(part)] if isinstance(value, (list, tuple)) else []


def _plain(value: Any) -> Any:
    """Return arguments with the numbers of Tensors in their place."""
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, dict):
        return {key: _plain(x) for key, x in value.items()}
    return type(value)(_plain(x) for x in value) if type(value) in (list, tuple) else value


def _version_of(value: Any) -> Any:
    if isinstance(value, Writable):
        return value._version
    if isinstance(value, (list, tuple)) and any(isinstance(v, Writable) for v in value):
        from pellucid import ops

        joined = ops.stack([v if isinstance(v, Tensor) else Tensor(np.float64(v)) for v in value])
        return joined._version if isinstance(joined, Writable) else joined
    return value


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is Ellipsis or isinstance(part, (int, np.integer, slice))
        for part in parts
    )
