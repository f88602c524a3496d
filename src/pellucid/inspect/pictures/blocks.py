"""Any network as blocks and arrows: what each layer makes of a sample, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.observing import Observation, observe
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import LETTER, literal, points_of, shortened
from pellucid.inspect.pictures.style import SIGNED, mosaic, new_axes, no_ticks, signed_range
from pellucid.inspect.tracing import trace
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import no_grad
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module
    from pellucid.program import Program

__all__ = ["Block", "blocks_of", "draw_blocks"]

_MOST = 21  # blocks in a figure of its own
_ACROSS = 7
_WIDTH, _HEIGHT = 74.0, 104.0  # points of a block with its texts and the way to the next
_LEAST = 52.0  # points of its width, where there is little room
_SIZE = 7.0  # points of the letters
_MAPS = 9


@dataclass(frozen=True)
class Block:
    """A layer, or several inside of one, or a place where ways meet.

    Attributes
    ----------
    path : str
        Where it is in the network; "" for the input, and where ways meet.
    kind : str
        The class of the layer, "input" or "output", or the sign of what joins the ways: "+", …
    values : ndarray or None
        What it makes of the sample, without the batch axis; None where ways meet.
    weights : int
        How many numbers it has learnt.
    sources : tuple of int
        The blocks that it takes its inputs from.
    """

    path: str
    kind: str
    values: Array | None
    weights: int
    sources: tuple[int, ...]


_JOINTS = {"add": "+", "multiply": "×", "subtract": "−", "concatenate": "join"}


def blocks_of(net: Module, sample: Array, most: int = _MOST) -> list[Block]:
    """Return the blocks of a network in the order of their work.

    Parameters
    ----------
    net : Module
        The network, used in evaluation mode.
    sample : ndarray
        One sample, without the batch axis, in the type that the network takes.
    most : int
        Layers inside of others are put together until there are no more blocks than this, as far as
        that goes.
    """
    with unchanged(net), no_grad(), observe(net, gradients=False) as seen:
        net(sample[None])
    with unchanged(net):
        program = trace(net, sample[None], loss=None)
    deepest = max((path.count(".") + 1 for path in seen.paths if path), default=1)
    for depth in range(deepest, 0, -1):
        blocks = _at_depth(net, sample, seen, program, depth)
        if len(blocks) <= most:
            break
    return blocks


def _at_depth(
    net: Module, sample: Array, seen: Observation, program: Program, depth: int
) -> list[Block]:
    modules = dict(net.named_modules())
    blocks = [Block("", "input", np.asarray(sample), 0, ())]
    calls: dict[str, int] = {}
    last = {0}
    made_by = {v.name: {0} for v in program.inputs.values() if v.role == "input"}
    for instruction in program.of_phase("forward"):
        path = ".".join(instruction.path.split(".")[:depth])
        sources = set().union(*(made_by.get(v.name, set()) for v in instruction.inputs))
        whole = path in seen.outputs and (
            not modules[path].children() or path.count(".") + 1 == depth
        )
        if path and whole:
            if path != blocks[-1].path:  # a layer that is called again is drawn again
                outputs = seen.outputs[path]
                values = first_output(outputs[min(calls.get(path, 0), len(outputs) - 1)])[0]
                calls[path] = calls.get(path, 0) + 1
                count = sum(p.data.size for p in modules[path].parameters())
                kind = type(modules[path]).__name__
                blocks.append(Block(path, kind, np.asarray(values), count, ()))
            place = len(blocks) - 1
            before = tuple(sorted({*blocks[place].sources, *(sources - {place})}))
            blocks[place] = replace(blocks[place], sources=before)
            sources = {place}
        elif len(sources) > 1:
            name = instruction.operation.name.rpartition(".")[2]
            blocks.append(Block("", _JOINTS.get(name, name), None, 0, tuple(sorted(sources))))
            sources = {len(blocks) - 1}
        for variable in instruction.outputs:
            made_by[variable.name] = set(sources)
        last = sources
    output = np.asarray(first_output(seen.outputs[""][-1])[0])
    shown = blocks[-1].values
    if shown is None or not np.array_equal(output, shown, equal_nan=True):
        blocks.append(Block("", "output", output, 0, tuple(sorted(last))))
    return blocks


def draw_blocks(net: Module, sample: Array, ax: Axes | None = None) -> Axes:
    """Draw the blocks of a network, what each makes of a sample, and the ways between them."""
    blocks = blocks_of(net, sample)
    if ax is None:
        columns = min(len(blocks), _ACROSS)
        rows = -(-len(blocks) // columns)
        # The layout leaves less than the whole figure; the axes have no ticks that take any.
        axes = new_axes(None, columns * _WIDTH / 72 / 0.775, rows * _HEIGHT / 72 / 0.77)
    else:
        axes = ax
        width, height = points_of(axes)
        columns = max(int(width / _LEAST), 2)
        rows = max(round(height / _HEIGHT), 1)
        blocks = _fewer(blocks_of(net, sample, rows * columns), rows * columns)
        columns = min(columns, len(blocks))
        rows = -(-len(blocks) // columns)
    for block in blocks:
        if block.values is not None:
            check_finite(block.values, f"the activations of '{block.path}'")
    letters = max(int(points_of(axes)[0] / columns / (LETTER * _SIZE)) - 1, 4)
    places = [(k % columns, -(k // columns)) for k in range(len(blocks))]
    for block, place in zip(blocks, places, strict=True):
        _draw_block(axes, block, place, letters)
    for k, block in enumerate(blocks):
        for source in block.sources:
            ends = (places[source], blocks[source]), (places[k], block)
            _draw_way(axes, *ends, k - source == 1)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(0.5 - rows, 0.52)
    axes.set_aspect("auto")
    no_ticks(axes)
    return axes


def _fewer(blocks: list[Block], most: int) -> list[Block]:
    """Leave blocks in the middle out, with one that says how many, if there are too many."""
    if len(blocks) <= most or most < 3:
        return blocks
    first, last = most // 2, most - most // 2 - 1
    gone = range(first, len(blocks) - last)
    between = Block("", f"… {len(gone)} more", None, 0, (first - 1,))

    def place(k: int) -> int:
        return k if k < first else first if k in gone else k - len(gone) + 1

    kept = [
        Block(b.path, b.kind, b.values, b.weights, tuple(sorted({place(s) for s in b.sources})))
        for b in blocks[len(blocks) - last :]
    ]
    return [*blocks[:first], between, *kept]


def _draw_block(axes: Axes, block: Block, place: tuple[int, int], letters: int) -> None:
    across, up = place
    if block.values is None:
        axes.text(across, up + 0.16, literal(block.kind), ha="center", va="center", fontsize=9,
                  bbox={"boxstyle": "circle" if len(block.kind) == 1 else "round",
                        "facecolor": "white", "edgecolor": "0.3"})  # fmt: skip
        return
    image = _thumbnail(block.values)
    box = (across - 0.3, across + 0.3, up - 0.02, up + 0.34)
    axes.imshow(image, cmap=SIGNED, extent=box, aspect="auto", zorder=2, **signed_range(image))
    axes.plot(
        [box[0], box[1], box[1], box[0], box[0]],
        [box[2], box[2], box[3], box[3], box[2]],
        color="0.3",
        linewidth=0.8,
        zorder=3,
    )
    shape = " × ".join(map(str, block.values.shape)) or "1"
    lines = [block.kind, *([block.path] if block.path else []), shape]
    if block.weights:
        lines.append(f"{block.weights:,} weights")
    axes.text(
        across,
        up - 0.06,
        "\n".join(literal(shortened(line, letters)) for line in lines),
        ha="center",
        va="top",
        fontsize=_SIZE,
        linespacing=1.15,
    )


def _thumbnail(values: Array) -> Array:
    """Return the activations as an image: maps side by side, steps across, units in a row."""
    shown = np.asarray(values, np.float64)
    if shown.ndim == 3:
        return mosaic(list(shown[:_MAPS]))
    if shown.ndim == 2:
        return shown.T  # (steps, units) -> steps go to the right
    return shown.reshape(1, -1)


def _draw_way(
    axes: Axes,
    start: tuple[tuple[int, int], Block],
    end: tuple[tuple[int, int], Block],
    next_one: bool,
) -> None:
    from matplotlib.patches import FancyArrowPatch

    style: dict[str, Any] = {
        "arrowstyle": "-|>", "mutation_scale": 7, "color": "0.35", "linewidth": 0.9, "zorder": 1,
        "shrinkA": 0, "shrinkB": 0,
    }  # fmt: skip
    (x0, y0), (x1, y1) = start[0], end[0]
    (beside0, top0), (beside1, top1) = _reach(start[1]), _reach(end[1])
    if next_one and y0 == y1:
        ends = (x0 + beside0, y0 + 0.16), (x1 - beside1, y1 + 0.16)
        axes.add_patch(FancyArrowPatch(*ends, **style))
    elif y0 == y1:  # over the heads of those between
        ends = (x0, y0 + top0), (x1, y1 + top1)
        bend = f"arc3,rad=-{0.2 / max(x1 - x0, 1):.3f}"
        axes.add_patch(FancyArrowPatch(*ends, connectionstyle=bend, **style))
    else:  # around the corner, between the rows
        x = [x0 + beside0, x0 + 0.42, x0 + 0.42, x1 - 0.42, x1 - 0.42]
        y = [y0 + 0.16, y0 + 0.16, y1 + 0.46, y1 + 0.46, y1 + 0.16]
        axes.plot(x, y, color="0.35", linewidth=0.9, zorder=1)
        ends = (x1 - 0.42, y1 + 0.16), (x1 - beside1, y1 + 0.16)
        axes.add_patch(FancyArrowPatch(*ends, **style))


def _reach(block: Block) -> tuple[float, float]:
    """Return how far a block goes to each side, and up."""
    if block.values is not None:
        return 0.31, 0.35
    return {1: 0.12, 4: 0.2}.get(len(block.kind), 0.33), 0.24
