"""Recurrent layers: the gates of one unit at one step, and the way back through time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.inspect.explaining.elementwise import number, rectified, sigmoid
from pellucid.inspect.explaining.expressions import (
    Call,
    Expression,
    Index,
    MatrixProduct,
    Negative,
    Product,
    Quantity,
    Sum,
    Symbol,
)
from pellucid.inspect.explaining.families.registry import forward
from pellucid.inspect.explaining.nodes import Block, Cell, Equation, Paragraph, Table, Working
from pellucid.inspect.explaining.scene import Scene, compact
from pellucid.program import Instruction, Variable

__all__ = ["Moment", "moment_of"]

_MOST_STEPS = 12

_BEFORE = Symbol("h", "t−1")
_NOW = Symbol("h", "t")


@dataclass(frozen=True)
class Moment:
    """One unit of one sample at one step.

    Attributes
    ----------
    step, sample, unit : int
    """

    step: int
    sample: int
    unit: int


def moment_of(scene: Scene, states: Variable) -> Moment:
    """Return what is worked out: the last step that another follows, unless one was chosen."""
    return Moment(*scene.focus.moment(states))


def _state(
    scene: Scene, states: Variable, part: int | None, m: Moment, first: Variable
) -> list[Quantity]:
    """Return the state of all units before the step."""
    lead = () if part is None else (part,)
    symbol = Symbol("h" if part in (None, 0) else "c", "t−1")
    size = states.shape[-1]
    if m.step == 0:
        return [_entry(first, (m.sample, k), symbol) for k in range(size)]
    return [_entry(states, (*lead, m.step - 1, m.sample, k), symbol) for k in range(size)]


def _entry(variable: Variable, index: Index, symbol: Symbol) -> Quantity:
    return Quantity(symbol, float(variable.value[index]), variable, index, (index[-1],))


def _gate_sum(
    z: Variable, u: Variable, before: list[Quantity], m: Moment, column: int, scene: Scene
) -> Expression:
    """Return zₜ + hₜ₋₁ U for one column."""
    own = Quantity(
        Symbol("z", "t"),
        float(z.value[m.step, m.sample, column]),
        z,
        (m.step, m.sample, column),
        (column,),
    )
    products = [Product((h, scene.names.leaf(u, (k, column)))) for k, h in enumerate(before)]
    return Sum((own, *_short(products)))


def _short(products: list[Product]) -> tuple[Expression, ...]:
    whole = compact(Sum(tuple(products)))
    return whole.terms if isinstance(whole, Sum) else (whole,)


def _gate_formula(scene: Scene, u: Variable, name: str) -> Expression:
    product = MatrixProduct(Quantity(_BEFORE), Quantity(Symbol("U", name)))
    return Sum((Quantity(Symbol("z", name)), product))


def _where(m: Moment, scene: Scene) -> Paragraph:
    sample = f", sample {m.sample}" if scene.reading.batch > 1 else ""
    return Paragraph(
        f"Step t = {m.step}{sample}, unit {m.unit}. z is what the input contributes to the gates, "
        "computed for all steps at once; h before the first step is 0."
    )


def _over_time(
    columns: Sequence[tuple[str, Variable, tuple[int, ...], int]], m: Moment, steps: int
) -> Table:
    """Return the values of one unit at the steps up to the one that is worked out."""
    start = max(0, min(m.step + 1, steps) - _MOST_STEPS)
    rows: list[tuple[Cell, ...]] = []
    for t in range(start, m.step + 1):
        cells = [
            Quantity(None, float(v.value[(*lead, t, m.sample, k)]), v, (*lead, t, m.sample, k))
            for _, v, lead, k in columns
        ]
        rows.append((str(t), *cells))
    return Table(("t", *(name for name, *_ in columns)), tuple(rows), f"unit {m.unit} over time")


@forward("lstm_sequence_and_gates")
def lstm(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the four gates, the cell and the output of one unit at one step."""
    z, u, h0, c0 = instruction.arguments
    states, gates = instruction.outputs
    m = moment_of(scene, states)
    size = u.shape[0]
    names = ("i", "f", "g", "o")
    before = _state(scene, states, 0, m, h0)
    cell_before = _state(scene, states, 1, m, c0)[m.unit]
    blocks: list[Block] = [
        Equation(Quantity(Symbol(n)), _bent(n, _gate_formula(scene, u, n))) for n in names
    ]
    i, f, g, o = (Quantity(Symbol(n)) for n in names)
    cell, cell_old = Quantity(Symbol("c", "t")), Quantity(Symbol("c", "t−1"))
    blocks += [
        Equation(cell, Sum((Product((f, cell_old)), Product((i, g))))),
        Equation(Quantity(_NOW), Product((o, Call("tanh", (cell,), np.tanh)))),
        _where(m, scene),
    ]
    values = {}
    for k, name in enumerate(names):
        column = k * size + m.unit
        place = (m.step, m.sample, column)
        values[name] = _entry(gates, place, Symbol(name))
        values[name] = Quantity(Symbol(name), values[name].value, gates, place, ())
        blocks.append(
            Working(
                Quantity(Symbol(name)),
                _bent(name, _gate_sum(z, u, before, m, column, scene)),
                values[name],
            )
        )
    c_now = _entry(states, (1, m.step, m.sample, m.unit), Symbol("c", "t"))
    h_now = _entry(states, (0, m.step, m.sample, m.unit), _NOW)
    total = Sum((Product((values["f"], cell_before)), Product((values["i"], values["g"]))))
    blocks.append(Working(_bare(c_now), total, c_now, symbols=True))
    out = Product((values["o"], Call("tanh", (c_now,), np.tanh)))
    blocks.append(Working(_bare(h_now), out, h_now, symbols=True))
    columns: list[tuple[str, Variable, tuple[int, ...], int]] = [
        (n, gates, (), k * size + m.unit) for k, n in enumerate(names)
    ]
    columns += [("c", states, (1,), m.unit), ("h", states, (0,), m.unit)]
    return [*blocks, _over_time(columns, m, len(gates.value)), scene.summary(states)]


def _bare(q: Quantity) -> Quantity:
    return Quantity(q.symbol, None, q.variable, q.index, q.shown)


def _bent(name: str, inside: Expression) -> Expression:
    if name in ("g", "n"):
        return Call("tanh", (inside,), np.tanh)
    return Call("σ", (inside,), sigmoid)


@forward("gru_sequence_and_gates")
def gru(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the gates and the new state of one unit at one step."""
    z, u, b, h0 = instruction.arguments
    states, gates = instruction.outputs
    m = moment_of(scene, states)
    size = u.shape[0]
    before = _state(scene, states, None, m, h0)
    r, s, n, q = (Quantity(Symbol(name)) for name in ("r", "s", "n", "q"))
    old = Quantity(_BEFORE)
    product = MatrixProduct(old, Quantity(Symbol("U", "n")))
    inside = Sum((Quantity(Symbol("z", "n")), Product((r, q))))
    blocks: list[Block] = [
        *(Equation(Quantity(Symbol(k)), _bent(k, _gate_formula(scene, u, k))) for k in "rs"),
        Equation(q, Sum((product, Quantity(Symbol("c"))))),
        Equation(n, Call("tanh", (inside,), np.tanh)),
        Equation(
            Quantity(_NOW), Sum((Product((Sum((number(1), Negative(s))), n)), Product((s, old))))
        ),
        _where(m, scene),
    ]
    found = {}
    for k, name in enumerate(("r", "s", "n", "q")):
        place = (m.step, m.sample, k * size + m.unit)
        found[name] = Quantity(Symbol(name), float(gates.value[place]), gates, place, ())
    for k, name in enumerate("rs"):
        total = _gate_sum(z, u, before, m, k * size + m.unit, scene)
        blocks.append(Working(Quantity(Symbol(name)), _bent(name, total), found[name]))
    column = 2 * size + m.unit
    products = [Product((h, scene.names.leaf(u, (k, column)))) for k, h in enumerate(before)]
    bias = scene.names.leaf(b, (m.unit,))
    blocks.append(Working(q, Sum((*_short(products), bias)), found["q"]))
    own = Quantity(
        Symbol("z", "n"),
        float(z.value[m.step, m.sample, column]),
        z,
        (m.step, m.sample, column),
        (column,),
    )
    inner = Sum((own, Product((found["r"], found["q"]))))
    blocks.append(Working(n, Call("tanh", (inner,), np.tanh), found["n"], symbols=True))
    now = _entry(states, (m.step, m.sample, m.unit), _NOW)
    mixed = Sum(
        (
            Product((Sum((number(1), Negative(found["s"]))), found["n"])),
            Product((found["s"], before[m.unit])),
        )
    )
    blocks.append(Working(_bare(now), mixed, now, symbols=True))
    columns: list[tuple[str, Variable, tuple[int, ...], int]] = [
        (name, gates, (), k * size + m.unit) for k, name in enumerate("rsn")
    ]
    columns += [("h", states, (), m.unit)]
    return [*blocks, _over_time(columns, m, len(states.value)), scene.summary(states)]


@forward("rnn_sequence")
def rnn(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the new state of one unit at one step."""
    z, u, h0 = instruction.arguments
    states = instruction.output
    m = moment_of(scene, states)
    before = _state(scene, states, None, m, h0)
    bend = instruction.keywords.get("activation", "tanh")

    def bent(inside: Expression) -> Expression:
        if bend == "tanh":
            return Call("tanh", (inside,), np.tanh)
        return Call("max", (number(0), inside), rectified)

    now = _entry(states, (m.step, m.sample, m.unit), _NOW)
    whole = Sum((Quantity(Symbol("z", "t")), MatrixProduct(Quantity(_BEFORE), scene.whole(u))))
    return [
        Equation(Quantity(_NOW), bent(whole)),
        _where(m, scene),
        Working(_bare(now), bent(_gate_sum(z, u, before, m, m.unit, scene)), now),
        _over_time([("z", z, (), m.unit), ("h", states, (), m.unit)], m, len(states.value)),
        scene.summary(states),
    ]
