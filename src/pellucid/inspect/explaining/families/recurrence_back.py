"""The way back through time: what reaches one unit at one step, and what its gates get of it."""

from __future__ import annotations

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.explaining.elementwise import number
from pellucid.inspect.explaining.expressions import (
    Expression,
    Indicator,
    MatrixProduct,
    Negative,
    Power,
    Product,
    Quantity,
    Sigma,
    Sum,
    Symbol,
    Transposed,
    evaluate,
)
from pellucid.inspect.explaining.families.recurrence import Moment, moment_of
from pellucid.inspect.explaining.families.registry import backward
from pellucid.inspect.explaining.nodes import Block, Equation, Paragraph, Working
from pellucid.inspect.explaining.scene import Scene, compact
from pellucid.program import Instruction, Variable

__all__: list[str] = []

_DH, _DC = Symbol("h", "t", gradient=True), Symbol("c", "t", gradient=True)
_NEXT = Symbol("z", "t+1", gradient=True)


def _q(symbol: Symbol, value: float) -> Quantity:
    return Quantity(symbol, float(value))


def _gate(name: str) -> Symbol:
    return Symbol("z", name, gradient=True)


def _named(q: Quantity, symbol: Symbol) -> Quantity:
    return Quantity(symbol, q.value, q.variable, q.index, ())


def _slope(q: Expression) -> Sum:
    """Return 1 − q."""
    return Sum((number(1), Negative(q)))


def _bend(q: Expression) -> Sum:
    """Return 1 − q², the derivative of tanh where it is q."""
    return Sum((number(1), Negative(Power(q, number(2)))))


def _told(m: Moment, scene: Scene) -> Paragraph:
    sample = f", sample {m.sample}" if scene.reading.batch > 1 else ""
    return Paragraph(
        "Backpropagation through time goes from the last step to the first. What reaches h at step "
        "t comes from the loss there, and from step t + 1, which used h again. "
        f"Step t = {m.step}{sample}, unit {m.unit}:"
    )


def _arriving(
    scene: Scene, g: Variable, place: tuple[int, ...], dz: Array, u: Variable, m: Moment
) -> tuple[Expression, float]:
    """Return ∂L/∂hₜ as what comes from the loss and from the next step, and its value."""
    terms: list[Expression] = [
        Quantity(Symbol("h", "t", gradient=True), float(g.value[place]), g, place, (m.unit,))
    ]
    if m.step + 1 < len(dz):
        later = dz[m.step + 1, m.sample]
        products = [
            Product((Quantity(_NEXT, float(later[k])), scene.names.leaf(u, (m.unit, k))))
            for k in range(len(later))
        ]
        whole = compact(Sum(tuple(products)))
        terms += whole.terms if isinstance(whole, Sum) else [whole]
    expression = Sum(tuple(terms))
    return expression, evaluate(expression)


def _through(scene: Scene, u: Variable) -> Expression:
    """Return the formula of ∂L/∂hₜ."""
    direct = Quantity(Symbol("loss at t", gradient=False))
    return Sum(
        (direct, MatrixProduct(Quantity(_NEXT), Transposed(Quantity(scene.names.symbol(u)))))
    )


def _result(scene: Scene, dz: Variable, m: Moment, column: int) -> Quantity:
    place = (m.step, m.sample, column)
    return Quantity(scene.names.symbol(dz), float(dz.value[place]), dz, place, (column,))


def _weights(scene: Scene, instruction: Instruction) -> list[Block]:
    """Return the gradient by U: a sum over all steps."""
    du = next((v for v in instruction.outputs[1:] if v.gradient_of is not None), None)
    if du is None:
        return []
    before = Quantity(Symbol("h", "t−1"))
    product = MatrixProduct(Transposed(before), Quantity(Symbol("z", "t", gradient=True)))
    blocks: list[Block] = [Equation(scene.whole(du), Sigma(product, "t"), "over all steps")]
    for variable in instruction.outputs:
        if scene.reading.values_of(variable):
            blocks += scene.result(variable)
    return blocks


@backward("_lstm_back")
def lstm_back(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain what the gates of one unit get at one step."""
    g, states, _, u, _, c0, gates = (*instruction.arguments, instruction.keywords["gates"])[:7]
    dz = instruction.outputs[0]
    m = moment_of(scene, states)
    size = u.shape[0]
    j, t, n = m.unit, m.step, m.sample
    i, f, c, o = (
        Quantity(
            Symbol(name), float(gates.value[t, n, k * size + j]), gates, (t, n, k * size + j), ()
        )
        for k, name in enumerate("ifgo")
    )
    bent = _q(Symbol("tanh c"), float(np.tanh(np.float64(states.value[1, t, n, j]))))
    old = (
        _q(Symbol("c", "t−1"), c0.value[n, j])
        if t == 0
        else Quantity(
            Symbol("c", "t−1"), float(states.value[1, t - 1, n, j]), states, (1, t - 1, n, j), ()
        )
    )
    arriving, dh = _arriving(scene, g, (0, t, n, j), dz.value, u, m)
    cells = _cell_gradients(g.value, states.value, gates.value, dz.value, u.value, size)
    h, dc = _q(_DH, dh), _q(_DC, cells[t, n, j])
    later: list[Expression] = []
    if t + 1 < len(dz.value):
        forget = float(gates.value[t + 1, n, size + j])
        later = [
            Product(
                (
                    _q(Symbol("c", "t+1", gradient=True), cells[t + 1, n, j]),
                    Quantity(Symbol("f", "t+1"), forget, gates, (t + 1, n, size + j), ()),
                )
            )
        ]
    own = Quantity(_DC, float(g.value[1, t, n, j]), g, (1, t, n, j), ())
    inner = Product((h, o, _bend(bent)))
    start: tuple[Expression, ...] = (own,) if own.value else ()
    to_cell = Sum((*start, inner, *later))
    rules = {
        "i": Product((dc, c, i, _slope(i))),
        "f": Product((dc, old, f, _slope(f))),
        "g": Product((dc, i, _bend(c))),
        "o": Product((h, bent, o, _slope(o))),
    }
    blocks: list[Block] = [
        Equation(Quantity(_DH), _through(scene, u)),
        _told(m, scene),
        Working(Quantity(_DH), arriving, h),
        Working(Quantity(_DC), to_cell, dc, symbols=True),
    ]
    for k, (name, rule) in enumerate(rules.items()):
        result = _result(scene, dz, m, k * size + j)
        blocks.append(Working(Quantity(_gate(name)), rule, result, symbols=True))
    return [*blocks, *_weights(scene, instruction)]


def _cell_gradients(g: Array, states: Array, gates: Array, dz: Array, u: Array, size: int) -> Array:
    """Return ∂L/∂cₜ of all steps, in float64."""
    steps = len(dz)
    result: Array = np.zeros((steps, *states.shape[2:]))
    wide = [a.astype(np.float64) for a in (g, states, gates, dz, u)]
    g, states, gates, dz, u = wide
    for t in reversed(range(steps)):
        dh = g[0, t] + (dz[t + 1] @ u.T if t + 1 < steps else 0.0)
        bent = np.tanh(states[1, t])
        result[t] = g[1, t] + dh * gates[t, :, 3 * size :] * (1 - bent**2)
        if t + 1 < steps:
            result[t] += result[t + 1] * gates[t + 1, :, size : 2 * size]
    return result


@backward("_rnn_back")
def rnn_back(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain what one unit passes back at one step."""
    g, states, _, u, _ = instruction.arguments
    dz = instruction.outputs[0]
    m = moment_of(scene, states)
    arriving, dh = _arriving(scene, g, (m.step, m.sample, m.unit), dz.value, u, m)
    place = (m.step, m.sample, m.unit)
    now = Quantity(Symbol("h", "t"), float(states.value[place]), states, place, ())
    slope: Expression = _bend(now)
    if instruction.keywords.get("activation", "tanh") != "tanh":
        slope = Indicator(now, ">", number(0))
    return [
        Equation(Quantity(_DH), _through(scene, u)),
        _told(m, scene),
        Working(Quantity(_DH), arriving, _q(_DH, dh)),
        Working(
            Quantity(Symbol("z", "t", gradient=True)),
            Product((_q(_DH, dh), slope)),
            _result(scene, dz, m, m.unit),
            symbols=True,
        ),
        *_weights(scene, instruction),
    ]


@backward("_gru_back")
def gru_back(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain what the gates of one unit get at one step."""
    g, states, _, u, _, h0, gates = (*instruction.arguments, instruction.keywords["gates"])[:7]
    dz = instruction.outputs[0]
    m = moment_of(scene, states)
    size = u.shape[0]
    j, t, n = m.unit, m.step, m.sample
    r, s, new, q = (
        Quantity(
            Symbol(name), float(gates.value[t, n, k * size + j]), gates, (t, n, k * size + j), ()
        )
        for k, name in enumerate("rsnq")
    )
    old = (
        _q(Symbol("h", "t−1"), h0.value[n, j])
        if t == 0
        else Quantity(
            Symbol("h", "t−1"), float(states.value[t - 1, n, j]), states, (t - 1, n, j), ()
        )
    )
    all_h = _gru_states(g.value, gates.value, dz.value, u.value, size)
    h = _q(_DH, all_h[t, n, j])
    rules = {
        "n": Product((h, _slope(s), _bend(new))),
        "s": Product((h, Sum((old, Negative(new))), s, _slope(s))),
        "r": Product((_named(_result(scene, dz, m, 2 * size + j), _gate("n")), q, r, _slope(r))),
    }
    column = {"r": j, "s": size + j, "n": 2 * size + j}
    own = Quantity(_DH, float(g.value[t, n, j]), g, (t, n, j), ())
    blocks: list[Block] = [_told(m, scene)]
    if t + 1 < len(dz.value):
        later = all_h[t, n, j] - float(g.value[t, n, j])
        total = Sum((own, _q(Symbol("from step t+1"), later)))
        blocks.append(Working(Quantity(_DH), total, h, symbols=True))
    else:
        blocks.append(Working(Quantity(_DH), own, h))
    for name, rule in rules.items():
        result = _result(scene, dz, m, column[name])
        blocks.append(Working(Quantity(_gate(name)), rule, result, symbols=True))
    return [*blocks, *_weights(scene, instruction)]


def _gru_states(g: Array, gates: Array, dz: Array, u: Array, size: int) -> Array:
    """Return ∂L/∂hₜ of all steps, in float64."""
    g, gates, dz, u = (a.astype(np.float64) for a in (g, gates, dz, u))
    steps = len(dz)
    result: Array = np.zeros(g.shape)
    for t in reversed(range(steps)):
        result[t] = g[t]
        if t + 1 < steps:
            dp = dz[t + 1].copy()
            dp[:, 2 * size :] *= gates[t + 1, :, :size]  # through r, to the product with U
            result[t] += dp @ u.T + result[t + 1] * gates[t + 1, :, size : 2 * size]
    return result
