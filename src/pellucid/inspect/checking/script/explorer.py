"""Running a program to see what it updates, by what, and which numbers depend on it."""

from __future__ import annotations

import ast
import sys
import time
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.inspect.checking.script.gradient_part import Proposal
from pellucid.inspect.checking.script.step import Enough, Step
from pellucid.inspect.checking.script.updates import Update

__all__ = ["Event", "Explorer", "Seen"]

_KEPT = 200_000  # values that are remembered by their identity
_PATIENCE = 4.0  # seconds


class _Number(float):
    """A number that can be told from an equal one."""


class _Whole(int):
    """A whole number that can be told from an equal one."""


@dataclass
class Event:
    """The first update of something.

    Attributes
    ----------
    number : int
        Of the update in the program.
    place : tuple of int or None
        Where what is updated was made: (place, how often it was passed before).
    old : Any
        What is updated, as it was before.
    reading : Proposal or None
        How the update has to be read; None if no reading gives the step.
    rate : float or None
    key : Any
        The key of the entry that is updated, if it is one.
    loops : tuple of int
        Numbers of the loops around it, the outermost first, over all functions on the way.
    order : int
    partial : bool
        Whether entries of an array are updated one by one.
    repeated : int or None
        When it was updated again by the same update.
    """

    number: int
    place: tuple[int, int] | None
    old: Any
    reading: Proposal | None
    rate: float | None
    key: Any
    loops: tuple[int, ...]
    order: int
    partial: bool
    repeated: int | None = None
    delta: Any = None


@dataclass
class Seen:
    """A number, or the two sides of a difference, where they were computed first."""

    value: Any
    loops: tuple[int, ...]
    order: int
    lines: tuple[int, ...]


class Explorer(Step):
    """A step that looks at everything.

    Parameters
    ----------
    updates : dict
        Number of an update to the update and its readings.
    file : str
        The file name that the program was compiled with.
    loops_at : callable
        Gives the numbers of the loops around a line.
    divisors_at : callable
        Gives what is divided by in a line.
    """

    def __init__(
        self,
        updates: dict[int, tuple[Update, list[Proposal]]],
        file: str,
        loops_at: Callable[[int], Iterable[int]],
        divisors_at: Callable[[int], Iterable[ast.expr]] = lambda line: (),
    ) -> None:
        super().__init__({}, sys.maxsize)
        self._sites = updates
        self._file = file
        self._loops_at = loops_at
        self._divisors_at = divisors_at
        self.events: dict[Any, Event] = {}
        self.scalars: dict[int, Seen] = {}
        self.differences: dict[int, Seen] = {}
        self.deltas: dict[int, Any] = {}
        self.counted: set[int] = set()
        self.stopped = False
        self.cut: dict[int, str] = {}
        self.divisions: list[tuple[int, str, str]] = []

    def look(self, program: Callable[[], Any]) -> None:
        """Run the program until everything was updated and something again."""
        self._begin()
        handler = np.geterrcall()
        np.seterrcall(self._divided)
        try:
            with np.errstate(divide="call", invalid="call"):
                self.run(program, "look")
        finally:
            np.seterrcall(handler)

    def _divided(self, kind: str, flag: int) -> None:
        """Keep the line of a division by zero, what it divides by, and why that is 0."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self._file:
            frame = frame.f_back
        if frame is None or len(self.divisions) > 20:
            return
        for divisor in self._divisors_at(frame.f_lineno):
            try:
                code = compile(ast.Expression(divisor), self._file, "eval")
                if not np.any(np.asarray(eval(code, frame.f_globals, frame.f_locals)) == 0):
                    continue
                because = ""
                for power in ast.walk(divisor):
                    if isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow):
                        code = compile(ast.Expression(power.right), self._file, "eval")
                        if np.all(eval(code, frame.f_globals, frame.f_locals) == 0):
                            because = ast.unparse(power.right)
            except Exception:
                continue
            self.divisions.append((frame.f_lineno, ast.unparse(divisor), because))
            return

    def measure(self, program: Callable[[], Any], given: dict[str, Any]) -> None:
        """Run one step with these parameters, which no update changes."""
        self._begin()
        self.run(program, "loss", given)

    def _begin(self) -> None:
        self.events, self.scalars, self.differences, self.deltas = {}, {}, {}, {}
        self._made: dict[int, tuple[int, int]] = {}
        self.made_at: dict[tuple[int, int], int] = {}
        self.entered_at: dict[int, int] = {}
        self._constants: set[int] = set()
        self._alive: list[Any] = []
        self._executed: set[int] = set()
        self._parts: set[Any] = set()
        self._updated: dict[int, Any] = {}
        self._current: dict[int, Any] = {}
        self._order = 0
        self._deadline = time.monotonic() + _PATIENCE
        self.stopped = False

    # --- values -----------------------------------------------------------------------------------

    def value(self, number: int, value: Any) -> Any:
        """Look at the value of an expression."""
        self._order += 1
        passed = self.passed.get(number, 0)
        name = self._parameter_of(number)
        if name is not None:
            self.passed[number] = passed
            return self.start(number, value)
        if passed == 0:
            self._note_scalar(number, value)
        if self.wanted == "look":
            if id(value) not in self._updated:
                value = self._told_apart(value)
            if isinstance(value, (np.ndarray, float, int)) and not isinstance(value, bool):
                self._remember(value, (number, passed))
        self._check_time()
        return value

    def _note_scalar(self, number: int, value: Any) -> None:
        if self.wanted != "loss" or isinstance(value, (bool, str)):
            return
        if not isinstance(value, (float, int, np.ndarray, np.number)) or np.size(value) != 1:
            return
        try:
            single = float(np.asarray(value, dtype=float).reshape(()))
        except (TypeError, ValueError):
            return
        self.scalars[number] = Seen(single, self._loops(), self._order, self._lines())

    @staticmethod
    def _told_apart(value: Any) -> Any:
        if type(value) is float:
            return _Number(value)
        if type(value) is int:
            return _Whole(value)
        return value

    def _remember(self, value: Any, place: tuple[int, int]) -> None:
        if id(value) in self._updated:
            return
        if len(self._alive) < _KEPT and id(value) not in self._made:
            self._made[id(value)] = place
            self.made_at[place] = self._order
            self._alive.append(value)

    def _check_time(self) -> None:
        """Stop some seconds after something new was seen: a script may train for hours."""
        waiting = bool(self.events) if self.wanted == "look" else self.count >= self.updates
        if not waiting:
            self._deadline = time.monotonic() + _PATIENCE
        elif time.monotonic() > self._deadline:
            self.stopped = True
            raise Enough

    def refill(self, place: int, array: Any) -> None:
        """Look at an array that was written into: it is made only now."""
        if self.wanted != "look":
            super().refill(place, array)
            return
        passed = self.passed.get(place, 0)
        self.passed[place] = passed + 1
        if not isinstance(array, np.ndarray):
            return
        root = _root(array)
        made = self._made.get(id(root))
        if made is not None and all(made != of for of, _ in self.events):
            self._made[id(root)] = (place, passed)
            self.made_at[place, passed] = self._order

    def written(self, place: int, array: Any, value: Any) -> Any:
        """Look at what is written into an array: one of integers cuts off the fraction."""
        if self.wanted == "look" and isinstance(array, np.ndarray) and array.dtype.kind in "biu":
            numbers = np.asarray(value)
            if numbers.dtype.kind == "f" and np.any(numbers % 1 != 0):
                self.cut.setdefault(place, str(array.dtype))
        return value

    def round_of(self, loop: int) -> bool:
        """Look at the beginning of a round of a loop; tell whether the loop may end."""
        self._order += 1
        self.entered_at.setdefault(loop, self._order)
        return self.enough()

    # --- updates ----------------------------------------------------------------------------------

    def look_at_update(
        self, number: int, old: Any, change: Callable[[], Any], thunks: list[Any], *key: Any
    ) -> bool:
        """Look at an update before it is made."""
        self._order += 1
        self._executed.add(number)
        if self.wanted == "loss" and number not in self.counted:
            return True
        if self.wanted == "loss":
            self.count += 1
            if number not in self.deltas:
                self.deltas[number] = _attempt(change)
            return False
        self._check_time()
        if isinstance(old, np.ndarray) and key:
            target: Any = old  # some entries of an array
        else:
            target = old[key[0]] if key else old
        earlier = self._updated.get(id(target))
        if earlier is not None:
            self._current[number] = earlier
            return self._again(earlier, number)
        place = self._place_of(target)
        partial = place is not None and (
            (isinstance(old, np.ndarray) and bool(key)) or id(target) not in self._made
        )
        identity = place if place is not None else ("unknown", number)
        self._current[number] = identity
        part = (identity, number, *_address(target), repr(key)) if partial else (identity, number)
        if part in self._parts:
            return self._again(identity, number)
        self._parts.add(part)
        if (identity, number) not in self.events:
            self._deadline = time.monotonic() + _PATIENCE
            event = self._event(number, place, target, change, thunks, key)
            event.partial = isinstance(old, np.ndarray) and bool(key)
            self.events[identity, number] = event
        elif not partial:
            return self._again(identity, number)
        return True

    def updated(self, number: int, value: Any) -> Any:
        """Look at what an update has made."""
        is_view = isinstance(value, np.ndarray) and value.base is not None
        if self.wanted == "look" and _is_numeric(value) and not is_view:
            self._updated[id(value)] = self._current.get(number)
            if len(self._alive) < _KEPT:
                self._alive.append(value)
        return value

    def _again(self, identity: Any, number: int) -> bool:
        """Tell that something was updated twice; enough is seen if every update was."""
        event = self.events.get((identity, number))
        if event is not None:
            if event.repeated is None:
                event.repeated = self._order
            if self._executed >= set(self._sites):
                raise Enough
        return True

    def _place_of(self, value: Any) -> tuple[int, int] | None:
        made = self._made.get(id(value))
        if made is None and isinstance(value, np.ndarray):
            made = self._made.get(id(_root(value)))
        return made

    def _event(
        self,
        number: int,
        place: Any,
        old: Any,
        change: Any,
        thunks: list[Any],
        key: tuple[Any, ...],
    ) -> Event:
        step = _attempt(change)
        reading, rate = self._reading(number, step, thunks)
        return Event(
            number, place, np.array(old, dtype=float) if _is_numeric(old) else old, reading, rate,
            key[0] if key else None, self._loops(), self._order,
            partial=False, delta=step,
        )  # fmt: skip

    def _reading(
        self, number: int, step: Any, thunks: list[Any]
    ) -> tuple[Proposal | None, float | None]:
        """Return the first reading of an update that gives the step that it makes."""
        if step is None:
            return None, None
        for position, one in enumerate(self._sites[number][1]):
            if one.kind == "decay":
                continue
            gradient, rate = _attempt(thunks[2 * position]), _raw(thunks[2 * position + 1])
            if gradient is None or not _is_numeric(rate) or np.size(rate) != 1:
                continue
            size = float(np.asarray(rate, dtype=float).reshape(()))
            fixed = one.named or one.rate is None or self._is_fixed(rate, one)
            if one.kind == "plain" and not (fixed and size > 0):
                continue
            if _gives(step, gradient, size, one.kind):
                return one, None if one.rate is None else size
        return None, None

    def _is_fixed(self, rate: Any, reading: Proposal) -> bool:
        """Tell whether an unnamed rate is a number that the program says, such as 0.1."""
        if isinstance(reading.rate, (ast.Constant, ast.Call)):
            return True
        return type(rate) in (_Number, float) and not float(rate).is_integer()

    # --- differences of output and target ---------------------------------------------------------

    def difference(self, number: int, left: Any, right: Any) -> Any:
        """Look at a difference."""
        self._order += 1
        if self.wanted == "loss" and number not in self.differences:
            self.differences[number] = Seen(
                (_copied(left), _copied(right)), self._loops(), self._order, self._lines()
            )
        return left - right

    def one_hot(self, number: int, array: Any, index: Any) -> None:
        """Look at ``array[index] -= 1``, the difference of probabilities and a one-hot target."""
        self._order += 1
        if (
            self.wanted == "loss"
            and number not in self.differences
            and isinstance(array, np.ndarray)
            and array.dtype.kind == "f"
        ):
            target = np.zeros(array.shape)
            target[index] = 1
            self.differences[number] = Seen(
                (array.copy(), target), self._loops(), self._order, self._lines()
            )

    # --- where the program is ---------------------------------------------------------------------

    def _lines(self) -> tuple[int, ...]:
        found = []
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self._file:
                found.append(frame.f_lineno)
            frame = frame.f_back
        return tuple(found[::-1])

    def _loops(self) -> tuple[int, ...]:
        return tuple(loop for line in self._lines() for loop in self._loops_at(line))


def _attempt(thunk: Callable[[], Any]) -> Any:
    """Return what a function gives as an array of floats; None if it cannot be computed."""
    try:
        with np.errstate(all="ignore"):
            return np.array(thunk(), dtype=float)
    except Exception:
        return None


def _raw(thunk: Callable[[], Any]) -> Any:
    try:
        return thunk()
    except Exception:
        return None


def _gives(step: Any, gradient: Any, rate: float, kind: str) -> bool:
    """Tell whether a gradient read from an update gives its step."""
    try:
        step, gradient = np.broadcast_arrays(step, gradient)
    except ValueError:
        return False
    size = float(np.max(np.abs(step), initial=0.0))
    if kind == "plain":
        return bool(np.allclose(step, -rate * gradient, rtol=1e-7, atol=1e-12 * size + 1e-300))
    if not np.any(gradient):
        return not np.any(step)
    clear = np.abs(gradient) > 1e-9 * np.max(np.abs(gradient))
    return bool(np.all(step[clear] * gradient[clear] <= 0) and np.any(step))


def _root(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _address(value: Any) -> tuple[Any, ...]:
    """Return what tells a view of an array from others."""
    if not isinstance(value, np.ndarray):
        return ()
    return (value.__array_interface__["data"][0], value.shape, value.strides)


def _is_numeric(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.number, float, int))


def _copied(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value
