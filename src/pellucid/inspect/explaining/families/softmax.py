"""Softmax: the probabilities of a classifier with their loss, and the weights of attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.explaining.elementwise import times
from pellucid.inspect.explaining.expressions import (
    Call,
    Expression,
    Index,
    Negative,
    Product,
    Quantity,
    Quotient,
    Sigma,
    Sum,
    Symbol,
    without_index,
)
from pellucid.inspect.explaining.families.registry import backward, forward
from pellucid.inspect.explaining.fractions import (
    COUNT,
    TOTAL_WEIGHT,
    root_scale,
    share_of,
    what_is_counted,
)
from pellucid.inspect.explaining.nodes import Block, Cell, Equation, Paragraph, Table, Working
from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.explaining.opening import class_name
from pellucid.inspect.explaining.scene import Scene
from pellucid.program import Instruction, Variable
from pellucid.program.named_number import Share

__all__: list[str] = []

_MOST_ROWS = 10  # classes, keys or samples in a table
_FEW_CLASSES = 6

_P = Symbol("p")


def probabilities(z: Array) -> Array:
    """Return the softmax over the last axis, in float64."""
    wide = z.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    result: Array = powers / powers.sum(axis=-1, keepdims=True)
    return result


def _p(value: float, *index: int) -> Quantity:
    return Quantity(_P, float(value), None, tuple(index), tuple(index))


def _weights(argument: Any, row: int) -> float:
    if isinstance(argument, Variable):
        return float(np.broadcast_to(argument.value, argument.shape).reshape(-1)[row])
    return float(np.asarray(argument).reshape(-1)[row if np.size(argument) > 1 else 0])


def _row(scene: Scene, z: Variable, labels: Array, weights: Any) -> int:
    """Return the row that is worked out: the first one that counts."""
    for row in range(len(labels)):
        if _weights(weights, row if np.size(_values(weights)) > 1 else 0) > 0:
            return row
    return 0


def _values(argument: Any) -> Any:
    return argument.value if isinstance(argument, Variable) else argument


@forward("softmax_cross_entropy")
def cross_entropy(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the loss of a classifier: softmax, then minus the logarithm of the true class."""
    z, labels, weights = instruction.arguments
    truth = _values(labels)
    if not scene.names.numbered:
        scene.names.call_it(z, Symbol("z"))
    p = probabilities(z.value)
    row = _row(scene, z, truth, weights)
    exponent = Quantity(scene.names.symbol(z), None, z, None)
    blocks: list[Block] = [
        Equation(
            Quantity(_P),
            Quotient(Call("exp", (exponent,), np.exp), Sigma(_e_to(exponent))),
            "" if scene.names.numbered else "z is what the network returned",
        )
    ]
    if len(truth) > 1:
        blocks.append(Paragraph(f"Worked out for row {row} of {len(truth)}:"))
    blocks.append(_probability_table(scene, z, p, row, int(truth[row])))
    loss = instruction.output
    left = scene.whole(loss)
    result = scene.names.leaf(loss, ())
    cost = Negative(Call("ln", (Quantity(Symbol("p", "y")),), np.log))
    blocks.append(Equation(left, _whole_loss(scene, weights, cost), _note(scene, instruction)))
    if len(truth) == 1:
        chosen = _p(p[row, truth[row]], int(truth[row]))
        own = Negative(Call("ln", (chosen,), np.log))
        worked = times(*_factors(scene, weights, 0), own)
        blocks.append(Working(left, worked, result, symbols=True))
        return blocks
    return [*blocks, _loss_table(scene, p, truth, weights, left, result)]


def _factors(scene: Scene, weights: Any, row: int) -> list[Expression]:
    """Return what the loss of a row is multiplied with: 1/n of a mean, its weight, or both."""
    if isinstance(weights, Variable):
        place = (row,) if weights.value.size > 1 else (0,) * weights.value.ndim
        return [scene.builder.operand(weights, place)]
    if isinstance(weights, Share):
        return [share_of(weights)]
    return [] if float(weights) == 1.0 else [Quantity(value=float(weights))]


def _whole_loss(scene: Scene, weights: Any, cost: Expression) -> Expression:
    """Return the formula of the loss over all rows."""
    if not isinstance(weights, Variable):
        return times(*_factors(scene, weights, 0), Sigma(cost))
    share = _share(weights)
    body = times(Quantity(Symbol("w")), cost)
    return Sigma(body) if share is None else times(share_of(share), Sigma(body))


def _share(weights: Any) -> Share | None:
    """Return the factor of the mean that is in the weights of rows."""
    if isinstance(weights, Share):
        return weights
    made = weights.made_by if isinstance(weights, Variable) else None
    found = [a for a in made.arguments if isinstance(a, Share)] if made is not None else []
    return found[0] if found else None


def _note(scene: Scene, instruction: Instruction) -> str:
    """Return what the letters of the loss stand for."""
    labels, weights = instruction.arguments[1:3]
    share = _share(weights)
    shape = np.shape(_values(labels))
    told = [] if share is None else [what_is_counted(share, shape, scene.reading.batch)]
    return "; ".join([*told, "y is the true class"])


def _e_to(x: Expression) -> Expression:
    return Call("exp", (x,), np.exp)


def _shown_classes(p: Array, label: int) -> list[int]:
    order = [int(k) for k in np.argsort(-p, kind="stable")]
    if len(order) <= _MOST_ROWS:
        return sorted(order)
    shown = order[: _MOST_ROWS - 1]
    return shown if label in shown else [*shown, label]


def _probability_table(scene: Scene, z: Variable, p: Array, row: int, label: int) -> Table:
    largest = float(z.value[row].max())
    rows: list[tuple[Cell, ...]] = []
    shown = _shown_classes(p[row], label)
    for k in shown:
        leaf = scene.names.leaf(z, (row, k))
        power = float(np.exp(np.float64(z.value[row, k]) - largest))
        rows.append(
            (
                class_name(k, scene.class_names),
                leaf,
                Quantity(value=power),
                _p(p[row, k], k),
                "← true" if k == label else "",
            )
        )
    if len(shown) < len(p[row]):
        rest = float(p[row].sum() - p[row, shown].sum())
        rows.append((f"{len(p[row]) - len(shown)} more", "", "", Quantity(value=rest), ""))
    caption = "taking the largest z off each first leaves p as it is, and no power grows too large"
    return Table(("class", "z", "exp(z − max z)", "p", ""), tuple(rows), caption)


def _loss_table(
    scene: Scene,
    p: Array,
    truth: Array,
    weights: Any,
    left: Quantity,
    result: Quantity,
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    single = np.size(_values(weights)) == 1
    share = _share(weights)
    each = isinstance(weights, Variable)
    total = 1.0 if share is None else share.total
    costs = [
        _weights(weights, 0 if single else n) * -np.log(max(p[n, truth[n]], 1e-300))
        for n in range(len(truth))
    ]
    for n in range(min(len(truth), _MOST_ROWS)):
        chosen = p[n, truth[n]]
        rows.append(
            (
                str(n),
                class_name(int(truth[n]), scene.class_names),
                _p(chosen, n, int(truth[n])),
                *([Quantity(value=float(-np.log(max(chosen, 1e-300))))] if each or share else []),
                *([Quantity(value=_weights(weights, 0 if single else n) * total)] if each else []),
                Quantity(value=float(costs[n])),
            )
        )
    below = "" if share is None else f" / {written(share.total, 6)}"
    headers = ("row", "true class", "p", *(["−ln p"] if each or share else []))
    headers += (*(["w"] if each else []), f"w·(−ln p){below}" if each else f"−ln p{below}")
    blanks = [""] * (len(headers) - 2)
    if len(truth) > _MOST_ROWS:
        rest = float(sum(costs[_MOST_ROWS:]))
        rows.append((f"{len(truth) - _MOST_ROWS} more", *blanks, Quantity(value=rest)))
    rows.append(("L", *blanks, result))
    return Table(headers, tuple(rows), total=True)


@backward("softmax_cross_entropy_gradient")
def cross_entropy_back(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain p − 1 for the true class, p for the others."""
    g, z, labels, weights = instruction.arguments
    truth = _values(labels)
    if not scene.names.numbered:
        scene.names.call_it(z, Symbol("z"))
    variable = instruction.output
    p = probabilities(z.value)
    row = _row(scene, z, truth, weights)
    label = int(truth[row])
    arrived = float(np.asarray(_values(g)).reshape(-1)[0])
    factors: list[Expression] = []
    if arrived != 1.0 and isinstance(g, Variable):
        factors.append(scene.names.leaf(g, (0,) * g.value.ndim))
    factors += _factors(scene, weights, row)
    difference = Sum(
        (Quantity(_P), Negative(Call("one_hot", (Quantity(Symbol("y")),), _row_function)))
    )
    whole = times(*(without_index(f) for f in factors), difference)
    share = _share(weights)
    note = ""
    if share is not None:
        name = (TOTAL_WEIGHT if share.weighted else COUNT).name
        note = f"{name} = {written(share.total, 6)}, as in the loss"
    blocks: list[Block] = [Equation(scene.whole(variable), whole, note)]
    if len(truth) > 1:
        blocks.append(Paragraph(f"Row {row}, whose true class is {label}:"))

    def entry(k: int) -> Expression:
        inside: Expression = _p(p[row, k], k)
        if k == label:
            inside = Sum((inside, Negative(Quantity(value=1.0))))
        return times(*factors, inside)

    classes = _shown_classes(p[row], label)
    if z.shape[1] <= _FEW_CLASSES:
        for k in classes:
            result = scene.names.leaf(variable, (row, k))
            left = Quantity(result.symbol, None, variable, (row, k), result.shown)
            blocks.append(Working(left, entry(k), result, symbols=k == classes[0]))
        return blocks
    rows: list[tuple[Cell, ...]] = [
        (class_name(k, scene.class_names), entry(k), scene.names.leaf(variable, (row, k)))
        for k in classes
    ]
    blocks.append(Table(("class", "with its numbers", "∂L/∂z"), tuple(rows)))
    return blocks


@forward("masked_softmax")
def attention_weights(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain how scores of one query become weights that add up to one."""
    x, y = instruction.arguments[0], instruction.output
    scale = float(instruction.keywords.get("scale", 1.0))
    index = scene.focus.of(y)
    keys = y.shape[-1]
    allowed = _allowed(instruction, y, index)
    score = scene.whole(x)
    inside: Expression = score if scale == 1.0 else Product((root_scale(scale), score))
    blocks: list[Block] = [
        Equation(scene.whole(y), Call("softmax", (inside,), _row_function)),
        Paragraph(_which_query(scene, y, index, allowed)),
    ]
    row = x.value[index[:-1]].astype(np.float64) * scale
    top = float(np.max(row[allowed])) if allowed.any() else 0.0
    order = np.argsort(-y.value[index[:-1]], kind="stable")
    shown = sorted(int(k) for k in order[: _MOST_ROWS if keys > _MOST_ROWS + 2 else keys])
    rows: list[tuple[Cell, ...]] = []
    for k in shown:
        place = (*index[:-1], k)
        hidden = not allowed[k]
        rows.append(
            (
                str(k),
                scene.names.leaf(x, place),
                Quantity(value=float(row[k])),
                "hidden" if hidden else Quantity(value=float(np.exp(row[k] - top))),
                scene.names.leaf(y, place),
            )
        )
    if len(shown) < keys:
        rest = float(np.delete(y.value[index[:-1]].astype(np.float64), shown).sum())
        rows.append((f"{keys - len(shown)} more", "", "", "", Quantity(value=rest)))
    blocks.append(Table(("key", "score", "scaled", "exp(scaled − max)", "weight"), tuple(rows)))
    return [*blocks, *scene.result(y)]


def _row_function(*_: Any) -> Any:
    raise TypeError("a softmax of a whole row has no one number")


def _allowed(instruction: Instruction, y: Variable, index: Index) -> Array:
    mask = instruction.keywords.get("allowed")
    if mask is None:
        return np.ones(y.shape[-1], bool)
    result: Array = np.broadcast_to(_values(mask), y.shape)[index[:-1]]
    return result


def _which_query(scene: Scene, y: Variable, index: Index, allowed: Array) -> str:
    text = "query " + str(index[-2]) if len(index) > 1 else "one row"
    if len(index) > 2:
        text = f"head {index[-3]}, {text}"
    if scene.reading.batch > 1:
        text = f"sample {index[0]}, {text}"
    hidden = int((~allowed.astype(bool)).sum())
    what = f"Worked out for {text}"
    return (
        f"{what}, from which {hidden} of {len(allowed)} keys are hidden:" if hidden else f"{what}:"
    )


@backward("masked_softmax_gradient")
def attention_weights_back(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain y·(g − Σ g·y): what a softmax passes back."""
    g, y = instruction.arguments
    arrived, weight = scene.whole(g), scene.whole(y)
    inside = Sum((arrived, Negative(Sigma(Product((arrived, weight))))))
    scale = float(instruction.keywords.get("scale", 1.0))
    factors: tuple[Expression, ...] = (weight, inside)
    if scale != 1.0:
        factors = (root_scale(scale), *factors)
    variable = instruction.output
    return [
        Equation(scene.whole(variable), Product(factors)),
        *scene.workings(variable),
        *scene.result(variable),
    ]
