"""Convolutions: a window of the image, the kernel, and the sum of their products."""

from __future__ import annotations

from pellucid.inspect.explaining.expressions import (
    Index,
    Product,
    Quantity,
    Sum,
    Symbol,
    evaluate,
)
from pellucid.inspect.explaining.families.registry import forward
from pellucid.inspect.explaining.nodes import Block, Cell, Matrix, Named, Paragraph, Table, Working
from pellucid.inspect.explaining.scene import Scene
from pellucid.inspect.explaining.taps import Tap, convolution_taps
from pellucid.program import Instruction

__all__: list[str] = []

_MOST_CHANNELS = 6


@forward("convolution", "convolution_bias")
def convolve(scene: Scene, instruction: Instruction) -> list[Block]:
    """Explain one pixel of the result: window times kernel, channel by channel."""
    y = instruction.output
    w = instruction.arguments[1]
    blocks: list[Block] = [scene.equation(y)]
    if y.value.size:
        index = scene.focus.of(y)
        taps = convolution_taps(instruction, index)
        if len(w.shape) <= 4 and w.shape[-1] <= 11:
            blocks += _pixel(scene, instruction, index, taps)
        else:
            blocks += scene.workings(y, [index])
    return [*blocks, *scene.result(y)]


def _pixel(scene: Scene, instruction: Instruction, index: Index, taps: list[Tap]) -> list[Block]:
    x, w, *bias = instruction.arguments
    y = instruction.output
    products = [tap for tap in taps if len(tap) == 2]
    channels = sorted({tap[1][1][1] for tap in products})
    sums = {
        c: [
            Product(tuple(scene.names.leaf(v, i) for v, i in tap))
            for tap in products
            if tap[1][1][1] == c
        ]
        for c in channels
    }
    totals = {c: sum(evaluate(term) for term in terms) for c, terms in sums.items()}
    best = max(channels, key=lambda c: abs(totals[c])) if channels else 0
    place = ", ".join(map(str, index[1:]))
    which = f", for input channel {best}, which adds the most" if len(channels) > 1 else ""
    blocks: list[Block] = [Paragraph(f"Entry [{place}] of the result: the window{which}:")]
    at = {tap[1][1]: tap[0][1] for tap in products}
    kernel = w.shape[2:] if len(w.shape) == 4 else (1, *w.shape[2:])
    o = index[1]
    window, weights = [], []
    for row in range(kernel[0]):
        places = [(o, best, *((row, k) if len(w.shape) == 4 else (k,))) for k in range(kernel[1])]
        weights.append(tuple(scene.names.leaf(w, p) for p in places))
        window.append(
            tuple(scene.names.leaf(x, at[p]) if p in at else Quantity(value=0.0) for p in places)
        )
    blocks.append(Matrix(Quantity(Symbol("window")), tuple(window)))
    blocks.append(Matrix(Quantity(Symbol("kernel")), tuple(weights)))
    terms = [Quantity(Symbol("window·kernel", f"{c}"), totals[c]) for c in channels]
    offset = [scene.names.leaf(b, (o,)) for b in bias]
    result = scene.names.leaf(y, index)
    left = Quantity(result.symbol, None, y, index, result.shown)
    if len(channels) <= 1:
        blocks += _products(scene, sums.get(best, []), left, result, offset)
        return blocks
    blocks.append(_channel_table(channels, terms, offset, left, result))
    return blocks


def _products(
    scene: Scene,
    products: list[Product],
    left: Quantity,
    result: Quantity,
    offset: list[Quantity],
) -> list[Block]:
    whole = Sum((*products, *offset))
    if len(products) <= 12:
        return [Working(left, whole, result)]
    return [scene.terms(left, whole, result)]


def _channel_table(
    channels: list[int],
    terms: list[Quantity],
    offset: list[Quantity],
    left: Quantity,
    result: Quantity,
) -> Table:
    order = sorted(range(len(terms)), key=lambda n: -abs(terms[n].value or 0.0))
    shown = sorted(order[:_MOST_CHANNELS])
    rest = order[_MOST_CHANNELS:]
    rows: list[tuple[Cell, ...]] = [
        (str(channels[n]), Quantity(value=terms[n].value)) for n in shown
    ]
    if rest:
        total = sum(terms[n].value or 0.0 for n in rest)
        rows.append((f"{len(rest)} more", Quantity(value=total)))
    rows += [(Named(q), q) for q in offset]
    rows.append((Named(left), result))
    return Table(("input channel", "sum of products"), tuple(rows), total=True)
