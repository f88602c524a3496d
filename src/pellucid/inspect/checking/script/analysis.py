"""What a program trains: its parameters, where they are made and updated, and by what."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.inspect.checking.script.explorer import Event, Explorer
from pellucid.inspect.checking.script.expressions import (
    factors,
    is_reference,
    last_name,
    text_of,
)
from pellucid.inspect.checking.script.gradient_part import Proposal, proposals
from pellucid.inspect.checking.script.hooks import (
    Hooks,
    Place,
    number_nodes,
    one_hot_key,
    value_places,
)
from pellucid.inspect.checking.script.module import as_module, number_of, prepare
from pellucid.inspect.checking.script.updates import Update, find_updates

__all__ = ["Analysis", "Parameter"]

FUNCTION = "_script"


@dataclass
class Parameter:
    """Something that the program trains.

    Attributes
    ----------
    name : str
    made, updated : int
        Lines.
    event : Event
    update : Update
    """

    name: str
    made: int
    updated: int
    event: Event
    update: Update


class Analysis:
    """A program, explored.

    Parameters
    ----------
    tree : Module
        The program.
    file : str
        Its path, for tracebacks.

    Attributes
    ----------
    parameters : dict
        Name to :class:`Parameter`.
    places : dict
        As :class:`~pellucid.inspect.checking.script.step.Step` wants them.
    late : list of Parameter
        Those that are updated only after others were updated twice.
    lines_of : dict
        Number of a loss to the lines that compute it, those of the callers first.
    error : exception or None
        What ended the program before everything was seen.
    """

    def __init__(self, tree: ast.Module, file: str) -> None:
        prepare(tree)
        number_nodes(tree)
        self.tree = tree
        self.file = file
        self.nodes = {number_of(node): node for node in ast.walk(tree)}
        self.updates = _without_shrinking(find_updates(tree))
        self._sites = {number_of(u.node): (u, proposals(u)) for u in self.updates}
        self.values = value_places(tree)
        for number in self._sites:
            self.values.pop(number, None)
        for update in self.updates:
            if isinstance(update.node, ast.Assign):
                self.values.pop(number_of(update.node.value), None)
        self._loops = _Loops(tree)
        self.explorer = Explorer(self._sites, file, self._loops.around, self._divisors_at)
        self.program = self._program()
        self.error: BaseException | None = None
        try:
            self.explorer.look(self.program)
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            self.error = error
        self.events = list(self.explorer.events.values())
        self._made_at = dict(self.explorer.made_at)
        self._entered_at = dict(self.explorer.entered_at)
        self.parameters: dict[str, Parameter] = {}
        self.late: list[Parameter] = []
        self.places: dict[tuple[int, int], str] = {}
        self.lines_of: dict[int, tuple[int, ...]] = {}
        self._choose()

    def _program(self) -> Callable[[], Any]:
        hooks = Hooks(
            values=dict.fromkeys(self.values, "value"),
            updates=self._sites,
            writes=self._writes(),
            differences=dict.fromkeys(self._differences(), "difference"),
            one_hots=dict.fromkeys(
                (number_of(n) for n in ast.walk(self.tree) if one_hot_key(n) is not None), "one_hot"
            ),
            loops=set(self._loops.numbers),
            logging=self.logging_conditions(),
            looking=True,
        )
        return self.compiled(hooks.applied(self.tree), {"_step": self.explorer})

    def compiled(self, tree: ast.Module, names: dict[str, Any]) -> Callable[[], Any]:
        """Return the program as a function, in a module of its own that has these names."""
        module = types.ModuleType("checked_script")
        module.__file__ = self.file
        vars(module).update(names)
        code = compile(as_module(tree, FUNCTION), self.file, "exec", dont_inherit=True)
        exec(code, vars(module))
        program: Callable[[], Any] = vars(module)[FUNCTION]
        return program

    def _divisors_at(self, line: int) -> list[ast.expr]:
        return [
            n.right for n in ast.walk(self.tree)
            if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)
            and n.lineno <= line <= (n.end_lineno or 0)
        ]  # fmt: skip

    # --- places in the program --------------------------------------------------------------------

    def _writes(self) -> set[int]:
        return {
            number_of(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Subscript)
            and is_reference(node.targets[0].value)
            and number_of(node) not in self._sites
        }

    def _differences(self) -> set[int]:
        inside = {
            number_of(n)
            for number in self._sites
            if not self._sites[number][0].is_statement
            for n in [self.nodes[number]]
        } | {
            number_of(u.node.value) for u in self.updates if isinstance(u.node, ast.Assign)
        }  # fmt: skip
        return {
            number_of(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Sub)
            and not isinstance(node.left, ast.Constant)
            and not isinstance(node.right, ast.Constant)
            and number_of(node) not in inside
        }

    def logging_conditions(self) -> set[int]:
        """Return conditions such as ``epoch % 100 == 0`` over what is only shown."""
        update_lines = {u.line for u in self.updates}
        return {
            number_of(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If)
            and any(isinstance(n, ast.Mod) for n in ast.walk(node.test))
            and not any(
                isinstance(n, (ast.Break, ast.Return, ast.Continue)) for n in ast.walk(node)
            )
            and not any(getattr(n, "lineno", 0) in update_lines for n in ast.walk(node))
        }

    # --- parameters -------------------------------------------------------------------------------

    def _choose(self) -> None:
        events = [
            e for e in self.events
            if e.place is not None and self._is_numeric(e) and self._lasts(e)
        ]  # fmt: skip
        consumed = self._consumed(events)
        kept = [e for e in events if e.place not in consumed and self._is_update(e)]
        rated = [e for e in kept if e.reading is not None and e.reading.named]
        if not rated:
            rated = [e for e in kept if e.reading is None or e.reading.rate is not None]
            rated = self._that_matter(rated)
        if not rated:
            rated = self._that_matter(kept)
        chosen: list[Parameter] = []
        once: dict[Any, Event] = {}
        for event in sorted(rated, key=lambda e: e.order):
            once.setdefault(event.place, event)  # a second update of the same shrinks it, perhaps
        for event in once.values():
            update = self._sites[event.number][0]
            assert event.place is not None
            made = self.nodes[event.place[0]]
            chosen.append(Parameter("", made.lineno, update.line, event, update))  # type: ignore[attr-defined]
        self._name(chosen)
        again = min((p.event.repeated for p in chosen if p.event.repeated), default=None)
        self.late = [p for p in chosen if again is not None and p.event.order > again]
        for one in chosen:
            if one not in self.late:
                assert one.event.place is not None
                self.parameters[one.name] = one
                self.places[one.event.place] = one.name
        self.explorer.counted = {p.event.number for p in self.parameters.values()}

    @staticmethod
    def _is_numeric(event: Event) -> bool:
        old = event.old
        if isinstance(old, np.ndarray):
            return old.dtype.kind == "f" and old.size > 0 and bool(np.all(np.isfinite(old)))
        return isinstance(old, (float, int))

    def _lasts(self, event: Event) -> bool:
        """Tell whether what is updated was made before the loop, and not in each round anew."""
        assert event.place is not None
        made = self._made_at.get(event.place, 0)
        return not event.loops or any(self._entered_at.get(n, made) > made for n in event.loops)

    def _is_update(self, event: Event) -> bool:
        """Leave out sums of losses and counts."""
        label = last_name(self._sites[event.number][0].target).lower()
        sums = ("loss", "cost", "err", "total", "count", "correct", "acc", "sum", "epoch", "grad")
        named = event.reading is not None and event.reading.named
        return named or not any(word in label for word in sums)

    def _consumed(self, events: list[Event]) -> set[tuple[int, int]]:
        """Return what feeds the update of a parameter: velocities, sums of gradients."""
        taken: set[tuple[str, int]] = set()  # text and scope
        for event in events:
            if event.reading is None or not (
                event.reading.named
                or event.reading.kind == "state"
                or (event.reading.rate is None and is_reference(_unsigned(event.reading.gradient)))
            ):
                continue  # `z += w * x` is no update by w
            update, readings = self._sites[event.number]
            shown = [r for r in readings if r.kind != "decay"]
            for reading in shown:
                for text in (*reading.cores, reading.state):
                    if text and text != update.text:
                        taken.add((text, id(update.scope.node)))
        result: set[tuple[int, int]] = set()
        for event in events:
            update = self._sites[event.number][0]
            if (update.text, id(update.scope.node)) in taken:
                assert event.place is not None
                result.add(event.place)
        return result

    def _that_matter(self, events: list[Event]) -> list[Event]:
        """Return those on whose value some update depends, in another way than by adding it."""
        if not events:
            return []
        places = {e.place: f"p{i}" for i, e in enumerate(events) if e.place is not None}
        start = {places[e.place]: np.array(e.old, dtype=float) for e in events if e.place}
        self.explorer.places = {place: name for place, name in places.items() if place}
        self.explorer.updates = len(events)
        self.explorer.counted = {e.number for e in events}
        rng = np.random.default_rng(3)
        result = []
        try:
            self.explorer.measure(self.program, start)
            before = dict(self.explorer.deltas)
            for event in events:
                assert event.place is not None
                name = places[event.place]
                moved = dict(start)
                moved[name] = start[name] + 0.05 + 0.1 * rng.standard_normal(start[name].shape)
                self.explorer.measure(self.program, moved)
                after = self.explorer.deltas
                if any(_differ(before[n], after.get(n)) for n in before):
                    result.append(event)
        except Exception:
            return events
        finally:
            self.explorer.places = {}
        return result

    # --- names ------------------------------------------------------------------------------------

    def _name(self, chosen: list[Parameter]) -> None:
        """Give each parameter the name that the program uses, if it is the only one."""
        ways = [[self._updated_as(p) for p in chosen], [self._made_as(p) for p in chosen]]
        for position, one in enumerate(chosen):
            for names in ways:
                if names[position] and names.count(names[position]) == 1:
                    one.name = names[position]
                    break
        rest = [p for p in chosen if not p.name]
        for one in rest:
            base = self._made_as(one) or self._updated_as(one)
            same = [p for p in rest if (self._made_as(p) or self._updated_as(p)) == base]
            same.sort(key=lambda p: p.event.place or (0, 0))
            one.name = f"{base}[{next(i for i, p in enumerate(same) if p is one)}]"
        taken: dict[str, int] = {}
        for one in chosen:
            taken[one.name] = taken.get(one.name, 0) + 1
            if taken[one.name] > 1:
                one.name = f"{one.name} ({taken[one.name]})"

    def _updated_as(self, parameter: Parameter) -> str:
        target, key = parameter.update.target, parameter.event.key
        if isinstance(target, ast.Subscript):
            if parameter.event.partial:
                return last_name(target.value)
            return key if isinstance(key, str) else f"{last_name(target.value)}[{key}]"
        return last_name(target)

    def _made_as(self, parameter: Parameter) -> str:
        place = parameter.event.place
        node = self.nodes[place[0]] if place else None
        made: Place | None = self.values.get(place[0]) if place else None
        if isinstance(node, ast.Assign):  # filled there
            return last_name(node.targets[0].value)  # type: ignore[attr-defined]
        if made is None:
            return ""
        try:
            return last_name(ast.parse(made.label, mode="eval").body) or made.label
        except SyntaxError:
            return made.label

    # --- loops ------------------------------------------------------------------------------------

    def training_loops(self) -> set[int]:
        """Return the numbers of the loops in which the parameters are updated."""
        return {loop for p in self.parameters.values() for loop in p.event.loops}

    def reading(self, parameter: Parameter) -> Proposal | None:
        """Return how the update of a parameter is read."""
        return parameter.event.reading

    def without_decay(self, parameter: Parameter) -> Proposal | None:
        """Return the reading that leaves out a multiple of the parameter, if there is one."""
        readings = self._sites[parameter.event.number][1]
        return next((r for r in readings if r.kind == "decay"), None)


def _unsigned(node: ast.expr) -> ast.expr:
    return node.operand if isinstance(node, ast.UnaryOp) else node


def _differ(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is not other
    return one.shape != other.shape or not np.allclose(one, other, rtol=1e-9, atol=1e-300)


def _without_shrinking(updates: list[Update]) -> list[Update]:
    """Leave out ``W -= rate * decay * W`` where another update moves W by its gradient."""
    shrinking = [
        u for u in updates
        if all(any(text_of(f) == u.text for f, _ in factors(term)[1]) for _, term in u.terms)
    ]  # fmt: skip
    others = {(u.text, id(u.scope.node)) for u in updates if u not in shrinking}
    return [u for u in updates if u not in shrinking or (u.text, id(u.scope.node)) not in others]


class _Loops:
    """The loops of a program, by their lines."""

    def __init__(self, tree: ast.Module) -> None:
        self.numbers: list[int] = []
        self._spans: list[tuple[int, int, int, int]] = []
        self._functions: list[tuple[int, int, int]] = []
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._functions.append((node.lineno, node.end_lineno or 0, number_of(node)))
        for node in ast.walk(tree):
            if isinstance(node, (ast.For, ast.While)):
                number = number_of(node)
                self.numbers.append(number)
                first = node.body[0].lineno
                self._spans.append(
                    (first, node.end_lineno or 0, self._function_at(node.lineno), number)
                )

    def _function_at(self, line: int) -> int:
        inside = [(a, n) for a, b, n in self._functions if a <= line <= b]
        return max(inside)[1] if inside else -1

    def around(self, line: int) -> list[int]:
        """Return the numbers of the loops around a line of a function, the outermost first."""
        function = self._function_at(line)
        return [n for a, b, f, n in sorted(self._spans) if a <= line <= b and f == function]
