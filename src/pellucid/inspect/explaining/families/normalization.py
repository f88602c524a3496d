"""Batch and layer normalisation: mean, variance, the standardised value, scale and shift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.inspect.explaining.elementwise import number
from pellucid.inspect.explaining.expressions import (
    Call,
    Expression,
    Index,
    Negative,
    Power,
    Product,
    Quantity,
    Quotient,
    Root,
    Sigma,
    Sum,
    Symbol,
    evaluate,
)
from pellucid.inspect.explaining.families.registry import backward, forward
from pellucid.inspect.explaining.nodes import Block, Equation, Paragraph, Working
from pellucid.inspect.explaining.scene import Scene, compact
from pellucid.program import Instruction, Variable

__all__: list[str] = []

_MEAN, _VAR, _HAT, _EPS = Symbol("μ"), Symbol("var"), Symbol("x̂"), Symbol("ε")


@dataclass
class Standard:
    """The numbers that one entry is standardised with.

    Attributes
    ----------
    places : list of tuple of int
        The entries that mean and variance are taken over.
    mean, var, rate : float
    """

    x: Variable
    places: list[Index]
    mean: float
    var: float
    eps: float

    @property
    def deviation(self) -> float:
        """√(var + eps)."""
        return float(np.sqrt(self.var + self.eps))

    def hat(self, index: Index) -> float:
        """Return the standardised entry."""
        return (float(self.x.value[index]) - self.mean) / self.deviation


def _standard(x: Variable, index: Index, eps: float, *, by_channel: bool) -> Standard:
    if by_channel:
        rest = [range(n) for n in x.shape]
        rest[1] = range(index[1], index[1] + 1)
        places = [
            tuple(int(i) for i in p)
            for p in np.array(np.meshgrid(*rest, indexing="ij")).reshape(len(rest), -1).T
        ]
    else:
        places = [(*index[:-1], k) for k in range(x.shape[-1])]
    values = np.array([x.value[p] for p in places], np.float64)
    return Standard(x, places, float(values.mean()), float(values.var()), eps)


@forward("batch_norm")
def batch_norm(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain one entry, standardised with the mean and variance of its channel."""
    return _explain(scene, instruction, by_channel=True)


@forward("layer_norm")
def layer_norm(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain one entry, standardised with the mean and variance of its row."""
    return _explain(scene, instruction, by_channel=False)


def _explain(scene: Scene, instruction: Instruction, *, by_channel: bool) -> list[Block]:
    x, *affine = instruction.arguments
    y = instruction.output
    index = scene.focus.of(y)
    eps = float(instruction.keywords.get("eps", 1e-5))
    standard = _standard(x, index, eps, by_channel=by_channel)
    moments = instruction.outputs[1:]
    own: Index = (index[1],) if by_channel else ()
    mean: Quantity = Quantity(_MEAN, standard.mean)
    var: Quantity = Quantity(_VAR, standard.var)
    if by_channel and len(moments) == 2:
        mean, var = (scene.names.leaf(v, own) for v in moments)
    over = f"the {len(standard.places):,} entries of channel {own[0]}" if by_channel else "its row"
    hat = Quantity(_HAT)
    whole_x = scene.whole(x)
    blocks: list[Block] = [
        Equation(
            hat,
            Quotient(
                Sum((whole_x, Negative(Quantity(_MEAN)))),
                Root(Sum((Quantity(_VAR), Quantity(_EPS)))),
            ),
        ),
        Equation(scene.whole(y), _scaled(hat, [scene.whole(v) for v in affine])),
        Paragraph(
            f"Mean and variance are over {over}; ε = {eps:g} keeps the root away from 0. "
            f"Entry [{', '.join(map(str, scene.names.shown(y, index)))}]:"
        ),
    ]
    leaves = [scene.names.leaf(x, p) for p in standard.places]
    count = number(len(leaves))
    squares: list[Expression] = [
        Power(Sum((leaf, Negative(Quantity(_MEAN, standard.mean)))), number(2)) for leaf in leaves
    ]
    here = (index[-1],) if not by_channel else (index[1],)
    blocks.append(Working(Quantity(_MEAN), Quotient(compact(Sum(tuple(leaves))), count), mean))
    blocks.append(Working(Quantity(_VAR), Quotient(compact(Sum(tuple(squares))), count), var))
    value = Quantity(_HAT, standard.hat(index), None, index, scene.names.shown(y, index))
    above = Sum((scene.names.leaf(x, index), Negative(mean)))
    below = Root(Sum((var, Quantity(_EPS, eps))))
    left = Quantity(_HAT, None, None, index, scene.names.shown(y, index))
    blocks.append(Working(left, Quotient(above, below), value, symbols=True))
    result = scene.names.leaf(y, index)
    scaled = _scaled(value, [scene.names.leaf(v, here) for v in affine])
    blocks.append(
        Working(Quantity(result.symbol, None, y, index, result.shown), scaled, result, symbols=True)
    )
    return [*blocks, *scene.result(y)]


def _scaled(hat: Expression, affine: list[Quantity]) -> Expression:
    if not affine:
        return hat
    scaled: Expression = Product((hat, affine[0]))
    return Sum((scaled, *affine[1:])) if len(affine) > 1 else scaled


# --- the way back ---------------------------------------------------------------------------------


@backward("batch_norm_slope", "layer_norm_slope")
def slope(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the gradient by x: it comes directly, through the mean, and through the variance."""
    by_channel = instruction.operation.name.startswith("batch")
    g, x, *rest = instruction.arguments
    weight = rest[0] if rest and isinstance(rest[0], Variable) else None
    dx = instruction.output
    index = scene.focus.of(dx)
    eps = float(instruction.keywords.get("eps", 1e-5))
    standard = _standard(x, index, eps, by_channel=by_channel)

    def arrived(place: Index) -> Expression:
        leaf = scene.names.leaf(g, place)
        if weight is None:
            return leaf
        at = (place[1],) if by_channel else (place[-1],)
        return Product((leaf, scene.names.leaf(weight, at)))

    terms = [arrived(place) for place in standard.places]
    values = np.array([evaluate(term) for term in terms])
    hats = np.array([standard.hat(place) for place in standard.places])
    h, mean_h, mean_hx = Symbol("h"), Symbol("m", "1"), Symbol("m", "2")
    whole = scene.whole(g)
    first: Expression = whole if weight is None else Product((whole, scene.whole(weight)))
    formula = Quotient(
        Sum(
            (
                Quantity(h),
                Negative(Quantity(mean_h)),
                Negative(Product((Quantity(_HAT), Quantity(mean_hx)))),
            )
        ),
        Root(Sum((Quantity(_VAR), Quantity(_EPS)))),
    )
    here = standard.places.index(index)
    count = number(len(terms))
    shown = scene.names.shown(dx, index)
    own = Quantity(h, float(values[here]), None, index, shown)
    mean_1 = Quantity(mean_h, float(values.mean()))
    mean_2 = Quantity(mean_hx, float((values * hats).mean()))
    hat = Quantity(_HAT, float(hats[here]), None, index, shown)
    result = scene.names.leaf(dx, index)
    products: list[Expression] = [
        Product((Quantity(value=float(v)), Quantity(value=float(t))))
        for v, t in zip(values, hats, strict=True)
    ]
    listed: list[Expression] = [Quantity(value=float(v)) for v in values]
    return [
        Equation(Quantity(h), first),
        Equation(Quantity(mean_h), Call("mean", (Quantity(h),), np.mean)),
        Equation(
            Quantity(mean_hx), Call("mean", (Product((Quantity(h), Quantity(_HAT))),), np.mean)
        ),
        Equation(scene.whole(dx), formula),
        Paragraph(
            "x reaches the loss directly, through the mean, and through the variance: three terms. "
            f"Entry [{', '.join(map(str, shown))}]:"
        ),
        Working(Quantity(h, None, None, index, shown), arrived(index), own, symbols=True),
        Working(Quantity(mean_h), Quotient(compact(Sum(tuple(listed))), count), mean_1),
        Working(Quantity(mean_hx), Quotient(compact(Sum(tuple(products))), count), mean_2),
        Working(
            Quantity(result.symbol, None, dx, index, shown),
            Quotient(
                Sum((own, Negative(mean_1), Negative(Product((hat, mean_2))))),
                Root(Sum((Quantity(_VAR, standard.var), Quantity(_EPS, eps)))),
            ),
            result,
        ),
        *scene.result(dx),
    ]


@backward("batch_norm_sums", "layer_norm_sums")
def scale_gradient(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain the gradient by the scale: Σ g·x̂."""
    by_channel = instruction.operation.name.startswith("batch")
    g, x = instruction.arguments[:2]
    dw = instruction.outputs[-1]
    index = scene.focus.of(dw)
    eps = float(instruction.keywords.get("eps", 1e-5))
    if by_channel:
        inner = range(int(np.prod(x.shape[2:], dtype=int)))
        places = [
            (n, index[0], *(int(i) for i in np.unravel_index(k, x.shape[2:])))
            if x.shape[2:]
            else (n, index[0])
            for n in range(x.shape[0])
            for k in inner
        ]
        one = _standard(x, places[0], eps, by_channel=True)
        hats = {place: one.hat(place) for place in places}
    else:
        places = [(*lead, index[0]) for lead in np.ndindex(*x.shape[:-1])]
        hats = {p: _standard(x, p, eps, by_channel=False).hat(p) for p in places}
    terms: list[Expression] = [
        Product((scene.names.leaf(g, p), Quantity(_HAT, hats[p], None, p, scene.names.shown(x, p))))
        for p in places
    ]
    result = scene.names.leaf(dw, index)
    left = Quantity(result.symbol, None, dw, index, result.shown)
    whole = Product((scene.whole(g), Quantity(_HAT)))
    return [
        Equation(scene.whole(dw), Sigma(whole)),
        Working(left, compact(Sum(tuple(terms))), result),
        *scene.result(dw),
    ]
