"""The program's step as functions of its parameters: what the checker is given."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward
from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.script.analysis import Analysis
from pellucid.inspect.checking.script.expressions import factors, references, text_of
from pellucid.inspect.checking.script.gradient_part import Proposal
from pellucid.inspect.checking.script.hooks import Hooks
from pellucid.inspect.checking.script.module import drop_statements, number_of
from pellucid.inspect.checking.script.step import Enough, Step
from pellucid.inspect.checking.tracing import trace_loss

__all__ = ["Bench", "ListedLoss", "hooks_of"]

Parameters = dict[str, Array]


@dataclass(frozen=True)
class ListedLoss:
    """A loss that the program does not compute: a formula of its output and target.

    Attributes
    ----------
    number : int
        Of the difference of output and target in the program.
    output_first : bool
        Whether the output is on the left of the minus.
    formula : str
        In NumPy, of ``output`` and ``target``.
    text : str
        The formula for people.
    one_hot : bool
        Whether the target is the entries of an index that 1 is taken from.
    """

    number: int
    output_first: bool
    formula: str
    text: str
    one_hot: bool = False

    @property
    def source(self) -> str:
        """The function that stands in the program in place of the difference."""
        if self.one_hot:
            return (
                "def _one_hot(output, index):\n"
                "    target = np.zeros(output.shape)\n"
                "    target[index] = 1.0\n"
                f"    _step.add_to_loss({self.formula})\n"
            )
        output, target = ("left", "right") if self.output_first else ("right", "left")
        return (
            "def _difference(left, right):\n"
            f"    output, target = {output}, {target}\n"
            f"    _step.add_to_loss({self.formula})\n"
            "    return left - right\n"
        )


_STEPS = 8

Loss = int | ListedLoss
"""The number of an expression of the program; or a formula."""


class _Chooser(Step):
    """A step that may leave out updates, to see what depends on them."""

    frozen: frozenset[str] = frozenset()
    following = False  # whether the updates are made, to look at the second step as it is
    disturbed = False  # whether the steps before have other parameters

    def __init__(self, places: dict[tuple[int, int], str], updates: int) -> None:
        super().__init__(places, updates)
        self.order: list[str] = []
        self.second: dict[str, tuple[Any, Any]] = {}

    def start(self, place: int, made: Any) -> Any:
        value = super().start(place, made)
        if self.disturbed and self.before and value is not made and isinstance(value, np.ndarray):
            value += 0.1
        return value

    def update(self, old: Any, gradient: Callable[[], Any], *key: Any) -> bool:
        if self.following:
            self._follow(old[key[0]] if key else old, gradient)
            return True
        follows = self._update(old, gradient, *key)
        if self.disturbed and self.count == self.before * self.updates:
            for name, value in self.held.items():
                if isinstance(value, np.ndarray):
                    value[...] = self.given[name]
        return follows

    def _follow(self, target: Any, gradient: Callable[[], Any]) -> None:
        """Keep the parameters and gradients of the second step, the first having been made."""
        self.count += 1
        if self.count <= self.updates:
            names = [n for n, value in self.held.items() if value is target]
            if len(names) != 1 or names[0] in self.order:
                raise Enough
            self.order.append(names[0])
            return
        name = self.order[self.count - self.updates - 1]
        self.second[name] = np.array(target, dtype=float), np.array(gradient(), dtype=float)
        if self.count == 2 * self.updates:
            raise Enough

    def _update(self, old: Any, gradient: Callable[[], Any], *key: Any) -> bool:
        follows = super().update(old, gradient, *key)
        target = old[key[0]] if key and not isinstance(old, np.ndarray) else old
        return follows and not any(
            name in self.frozen and (value is target or _share(value, target))
            for name, value in self.held.items()
        )


def _share(one: Any, other: Any) -> bool:
    return (
        isinstance(one, np.ndarray)
        and isinstance(other, np.ndarray)
        and np.may_share_memory(one, other)
    )


def hooks_of(analysis: Analysis, loss: Loss | None, readings: dict[str, Proposal]) -> Hooks:
    """Return what has to be rewritten in a program for its step to be run."""
    places = {place for place, _ in analysis.places}
    values = {n: "start" for n in places if isinstance(analysis.nodes[n], ast.expr)}
    updates: dict[int, Any] = {}
    for name, parameter in analysis.parameters.items():
        number = parameter.event.number
        updates[number] = (parameter.update, [readings[name]])
    hooks = Hooks(
        values=values,
        updates=updates,
        writes={n for n in places if isinstance(analysis.nodes[n], ast.stmt)},
        loops=analysis.training_loops(),
        dropped=drop_statements(analysis.tree) | clipping_statements(analysis.tree),
    )
    if isinstance(loss, int):
        hooks.values[loss] = "loss"
        inside = _statements_around(analysis.tree, analysis.lines_of.get(loss, ()))
        hooks.dropped -= inside
        hooks.logging = analysis.logging_conditions() & inside
    elif loss is not None and loss.one_hot:
        hooks.one_hots = {loss.number: "_one_hot"}
    elif loss is not None:
        hooks.differences = {loss.number: "_difference"}
    return hooks


def _statements_around(tree: ast.AST, lines: tuple[int, ...]) -> set[int]:
    return {
        number_of(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and any(node.lineno <= line <= (node.end_lineno or 0) for line in lines)
    }


def clipping_statements(tree: ast.AST) -> set[int]:
    """Return statements that clip gradients: to bounds that are symmetric, where they stand."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and _clips_by_norm(node):
            found.add(number_of(node))
        if not isinstance(node, (ast.Assign, ast.Expr)) or not isinstance(node.value, ast.Call):
            continue
        call = node.value
        name = call.func.attr if isinstance(call.func, ast.Attribute) else text_of(call.func)
        if name != "clip" or len(call.args) < 3:
            continue
        low, high = (text_of(a) for a in call.args[-2:])
        if len(call.args) > 3:
            low, high = text_of(call.args[1]), text_of(call.args[2])
        if low.replace(" ", "") != f"-{high}".replace(" ", ""):
            continue
        clipped = text_of(call.args[0])
        out = [text_of(k.value) for k in call.keywords if k.arg == "out"]
        if isinstance(node, ast.Assign):
            out += [text_of(t) for t in node.targets]
        if clipped in out:
            found.add(number_of(node))
    return found


def _clips_by_norm(node: ast.If) -> bool:
    """Tell whether a condition only scales what is longer than allowed."""
    return (
        not node.orelse
        and any("norm" in text for text in references(node.test))
        and all(
            (isinstance(one, ast.AugAssign) and isinstance(one.op, (ast.Mult, ast.Div)))
            or (
                isinstance(one, ast.Assign)
                and len(factors(one.value)[1]) > 1
                and text_of(one.targets[0]) in [text_of(f) for f, _ in factors(one.value)[1]]
            )
            for one in node.body
        )
    )


class Bench:
    """The step of a program, ready to be run with any parameters and any of its losses.

    Parameters
    ----------
    analysis : Analysis
    readings : dict, optional
        How each update is read; by default as it was found.
    """

    def __init__(self, analysis: Analysis, readings: dict[str, Proposal] | None = None) -> None:
        self.analysis = analysis
        self.readings = readings or {
            name: p.event.reading
            for name, p in analysis.parameters.items()
            if p.event.reading is not None
        }
        self.step: _Chooser = _Chooser(analysis.places, sum(1 for _ in analysis.parameters))
        self._programs: dict[Any, Callable[[], Any]] = {}
        self.start = self._start()

    def _start(self) -> Parameters:
        found = self.step.run(self._program(None), "parameters")
        start = {name: found[name] for name in self.analysis.parameters if name in found}
        self.step.run(self._program(None), "gradients", start)
        self.step.updates = max(self.step.count, 1)
        self.start = start
        self.choose_step()
        return start

    def _program(self, loss: Loss | None) -> Callable[[], Any]:
        if loss not in self._programs:
            tree = hooks_of(self.analysis, loss, self.readings).applied(self.analysis.tree)
            names: dict[str, Any] = {"_step": self.step, "np": np}
            self._programs[loss] = self.analysis.compiled(tree, names)
            if isinstance(loss, ListedLoss):
                _define(loss.source, self._programs[loss].__globals__)
        return self._programs[loss]

    def choose_step(self) -> None:
        """Take the first step whose gradients have the most entries that are not zero.

        A sample of zeros, the first of XOR, would hide every mistake at the first layer.
        """
        best, most = 0, -1
        for before in range(_STEPS):
            gradients = self.of_step(before)
            if gradients is None:
                break
            count = sum(int(np.count_nonzero(g)) for g in gradients.values())
            if count > most:
                best, most = before, count
            if before == 0 and all(np.all(g) for g in gradients.values()):
                break
        self.step.before = best

    def of_step(self, before: int) -> Parameters | None:
        """Return the gradients of a later step; None if there is none, or not on other data."""
        earlier, self.step.before = self.step.before, before
        try:
            place = self.moved()
            result = self.gradients(place)
            if len(self.step.found) < len(self.start):
                return None
            if before and self._carries(place, result):
                return None
            if before:
                self.step.before = before - 1
                last = self.gradients(place)
                if all(np.array_equal(last[name], result[name]) for name in result):
                    return None
            return result
        finally:
            self.step.before = earlier

    def _carries(self, place: Parameters, expected: Parameters) -> bool:
        """Tell whether a step depends on the steps before it, as a recurrent state does."""
        self.step.disturbed = True
        try:
            other = self.gradients(place)
        finally:
            self.step.disturbed = False
        return any(not np.array_equal(other[name], expected[name]) for name in expected)

    def moved(self, seed: int = 1) -> Parameters:
        """Return parameters near the start, where no zeros hide anything."""
        rng = np.random.default_rng(seed)
        return {
            name: np.asarray(x + (0.1 * np.std(x) + 0.05) * rng.standard_normal(x.shape))
            for name, x in self.start.items()
        }

    def gradients(self, parameters: Any, frozen: frozenset[str] = frozenset()) -> Parameters:
        """Return the gradients that the program updates its parameters by."""
        self.step.frozen = frozen
        result: Parameters = self.step.run(self._program(None), "gradients", parameters)
        return result

    def second_step(self, parameters: Parameters) -> tuple[Parameters, Parameters] | None:
        """Make the first step; return the parameters and gradients of the second, if it has all."""
        self.step.following, self.step.frozen = True, frozenset()
        self.step.order, self.step.second = [], {}
        try:
            self.step.run(self._program(None), "gradients", parameters)
        except Exception:
            return None  # what the program does then is not looked at elsewhere
        finally:
            self.step.following = False
        found = self.step.second
        if set(found) != set(self.start) or any(
            found[n][0].shape != np.shape(x) for n, x in parameters.items()
        ):
            return None
        return {n: found[n][0] for n in self.start}, {n: found[n][1] for n in self.start}

    def loss(self, loss: Loss) -> Callable[[Any], Any]:
        """Return a loss as a function of the parameters."""
        program = self._program(loss)
        module = program.__globals__
        step = self.step
        module["_evaluate"] = lambda parameters: step.run(program, "loss", parameters)
        # The checker finds the code that it follows by the global names of the function
        _define(_ENTRY, module)
        return module["loss"]

    def true_gradients(self, loss: Loss, parameters: Parameters) -> Parameters | None:
        """Return the gradients of a loss by the tape; None where it cannot be recorded."""
        try:
            trace = trace_loss(self.loss(loss), parameters)
            gradients = Backward(Graph(trace)).gradients
        except (Exception, Enough):
            return None
        return {name: np.asarray(gradients[name]) for name in parameters}


_ENTRY = """
def loss(parameters):
    return _evaluate(parameters)
"""


def _define(source: str, names: dict[str, Any]) -> None:
    """Define functions that the checker takes for its own: they are no lines of the program."""
    exec(compile(source, __file__, "exec", dont_inherit=True), names)
