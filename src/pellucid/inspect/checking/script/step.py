"""One step of a program: its parameters as they are given, its loss, its gradients.

Calls of a `Step` stand in the program's own code, where a parameter is made, where it is updated,
and where the loss is computed. Plain NumPy: the source of the class is copied into the programs
that ``pellucid check --adapt`` writes.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Enough", "Step"]


class Enough(BaseException):
    """What was wanted of the program has been seen."""


class Step:
    """One step of a program, from the making of its parameters to their first update.

    Parameters
    ----------
    places : dict
        (place, how often it was passed before) to the name of the parameter that is made there.
    updates : int
        How many updates the step has.
    before : int
        How many steps come before it; they change nothing.
    """

    def __init__(self, places: dict[tuple[int, int], str], updates: int, before: int = 0) -> None:
        self.places = places
        self.updates = updates
        self.before = before

    def run(self, program: Callable[[], Any], wanted: str, given: Any = None) -> Any:
        """Run the program until it has shown its "parameters", its "loss" or its "gradients"."""
        self.wanted, self.given = wanted, given
        self.passed: dict[Any, int] = {}
        self.held: dict[str, Any] = {}
        self.found: dict[str, Any] = {}
        self.seen: dict[str, Any] = {}
        self.computed: Any = None
        self.count = self.parts = 0
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002 - the generator that programs use
        with contextlib.suppress(Enough):
            program()
        if wanted == "gradients":
            return {name: self.found.get(name, np.zeros(np.shape(x))) for name, x in given.items()}
        return self.computed if wanted == "loss" else self.found

    def start(self, place: int, made: Any) -> Any:
        """Return a parameter as it is given, in place of the value that the program made."""
        name = self._parameter_of(place)
        if name is None:
            return made
        if self.wanted == "parameters":
            self._keep(name, made)
            return made
        value = self.given[name]
        if isinstance(value, np.ndarray):
            value = value.copy() if isinstance(made, np.ndarray) else value[()]
        self.held[name] = value
        return value

    def refill(self, place: int, array: Any) -> None:
        """Do the same for an array that the program fills after it was made."""
        name = self._parameter_of(place)
        if name is None:
            return
        while isinstance(getattr(array, "base", None), np.ndarray):
            array = array.base
        if self.wanted == "parameters":
            self._keep(name, array)
        else:
            array[...] = self.given[name]
            self.held[name] = array

    def update(self, old: Any, gradient: Callable[[], Any], *key: Any) -> bool:
        """Keep the gradient of a parameter; tell whether the program's own update may follow."""
        if self.wanted == "loss" and self.computed is not None:
            raise Enough
        self.count += 1
        if self.wanted != "gradients" or self.count <= self.before * self.updates:
            return False
        target = old[key[0]] if key else old
        for name, value in self.held.items():
            if value is target:
                if name in self.found:
                    raise Enough
                numbers = np.array(gradient(), dtype=float)
                spreads = np.broadcast_shapes(np.shape(value), numbers.shape) == np.shape(value)
                self.found[name] = np.broadcast_to(numbers, np.shape(value)) if spreads else numbers
                self.seen[name] = np.ones(np.shape(value))
                break
            if isinstance(old, np.ndarray) and np.may_share_memory(old, value):
                self._keep_part(name, value, old, key[0] if key else ..., gradient())
                break
        if len(self.found) == len(self.given) and all(np.all(s) for s in self.seen.values()):
            raise Enough
        return True

    def loss(self, value: Any) -> Any:
        """Keep the loss."""
        if self.wanted == "loss" and self._passed_before("loss") == self.before:
            self.computed = value
            raise Enough
        return value

    def add_to_loss(self, value: Any) -> None:
        """Add to the loss, which ends with the first update of the step."""
        if self.wanted == "loss" and self.count >= self.before * self.updates:
            self.computed = value if self.computed is None else self.computed + value
            self.parts += 1

    def enough(self) -> bool:
        """Tell whether a loop may end, because all its updates were seen."""
        return self.wanted == "loss" and self.count >= (self.before + 1) * self.updates

    def logging(self) -> bool:
        """Tell whether to compute what the program computes only now and then."""
        return self.wanted == "loss"

    def _parameter_of(self, place: int) -> str | None:
        return self.places.get((place, self._passed_before(place)))

    def _passed_before(self, place: Any) -> int:
        passed = self.passed.get(place, 0)
        self.passed[place] = passed + 1
        return passed

    def _keep(self, name: str, value: Any) -> None:
        self.found[name] = np.array(value, dtype=float)
        if len(self.found) == len(set(self.places.values())):
            raise Enough

    def _keep_part(self, name: str, whole: Any, part: Any, key: Any, gradient: Any) -> None:
        """Keep the gradient of some entries: those of part[key], where part is a view of whole."""
        if name not in self.found:
            self.found[name], self.seen[name] = np.zeros_like(whole), np.zeros_like(whole)
        offset = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
        found, seen = (
            np.ndarray(part.shape, part.dtype, array.data, offset, part.strides)
            for array in (self.found[name], self.seen[name])
        )
        if np.any(seen[key]):
            raise Enough
        found[key] = gradient
        seen[key] = 1
