"""A drawing of a program as SVG: values as boxes with their shapes, phases as columns.

Forward runs down on the left; the way back runs up beside it, each gradient on the height of the
value that it belongs to; what the update makes of them stands on the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pellucid.errors import CheckpointError
from pellucid.program.instruction import Instruction, Variable

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["draw"]

# Okabe and Ito's colours, which colour-blind readers can tell apart; light fills, dark borders.
_COLOURS = {
    "input": ("#eeeeee", "#555555"),
    "parameter": ("#fdf0c8", "#b07d00"),
    "forward": ("#d8ecf8", "#0072b2"),
    "loss": ("#fbe0d0", "#d55e00"),
    "backward": ("#d5efe6", "#007a5a"),
    "update": ("#f6e2ee", "#a8558a"),
}
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 230, 40, 46, 22
_BOLD, _LETTER = 8.0, 6.4  # width of a letter of a name, and of what stands below it, about
_MOST = 400  # boxes that a reader can still find the way through


@dataclass
class _Box:
    variable: Variable
    kind: str
    about: str
    column: int
    row: float = 0.0
    sources: list[Variable] = field(default_factory=list)


def draw(program: Program, path: str | Path | None = None) -> str:
    """Return the drawing of a program: see :meth:`Program.graph`."""
    boxes = _boxes(program)
    text = _svg(program, boxes)
    if path is not None:
        try:
            Path(path).write_text(text, "utf-8")
        except OSError as error:
            raise CheckpointError(f"cannot write '{path}': {error.strerror or error}") from error
    return text


def _boxes(program: Program) -> list[_Box]:
    """Return one box for each value that is drawn.

    A large network is drawn module by module: of the instructions of a module, only the one that
    its result comes from.
    """
    forward = [i for i in program.instructions if i.phase in ("forward", "loss")]
    given_to = {id(i): _given(i) for i in forward}
    if len(program) > _MOST:
        forward = _last_of_each_module(forward, given_to)
    gradients = _gradients(program)
    boxes: list[_Box] = []
    rows: dict[int, float] = {}
    row = 0.0
    drawn: set[int] = set()
    for variable in program.inputs.values():
        if variable.role == "input":
            boxes.append(_Box(variable, "input", "input", 1, row))
            drawn.add(id(variable))
            rows[id(variable)] = row
            row += 1
    for instruction in forward:
        new = [v for v in given_to[id(instruction)] if id(v) not in drawn]
        for k, variable in enumerate(new):
            drawn.add(id(variable))
            kind = "parameter" if variable.role == "parameter" else "input"
            about = variable.path if kind == "parameter" else variable.role
            boxes.append(_Box(variable, kind, about, 0, row + k))
            rows[id(variable)] = row + k
        result = instruction.output
        sources = _nearest(instruction, drawn)
        boxes.append(_Box(result, instruction.phase, _about(instruction), 1, row, sources))
        drawn.add(id(result))
        rows[id(result)] = row
        row += max(1, len(new))
    for variable in program.variables:
        gradient = gradients.get(id(variable))
        if gradient is None or id(variable) not in rows:
            continue
        column = 3 if variable.role == "parameter" else 2
        about = f"∂loss/∂{variable.name}"
        boxes.append(_Box(gradient, "backward", about, column, rows[id(variable)]))
    _connect_backward(program, boxes)
    for variable in program.variables:
        old = variable.replaces
        if old is not None and old.role == "parameter" and id(old) in rows:
            optimizer = type(program.steps[0]).__name__ if program.steps else "update"
            source = gradients.get(id(old))
            boxes.append(
                _Box(variable, "update", optimizer, 4, rows[id(old)], [source] if source else [])
            )
    return boxes


def _given(instruction: Instruction) -> list[Variable]:
    return [v for v in instruction.inputs if v.role in ("parameter", "target", "weight")]


def _last_of_each_module(
    forward: list[Instruction], given_to: dict[int, list[Variable]]
) -> list[Instruction]:
    """Keep the instruction that ends the work of a module; it takes the others' parameters."""
    kept: list[Instruction] = []
    waiting: list[Variable] = []
    for instruction, after in zip(forward, [*forward[1:], None], strict=True):
        waiting += given_to[id(instruction)]
        if after is None or after.path != instruction.path:
            kept.append(instruction)
            given_to[id(instruction)] = list({id(v): v for v in waiting}.values())
            waiting = []
    return kept


def _gradients(program: Program) -> dict[int, Variable]:
    found = {id(value): gradient for value, gradient in program.aliases}
    for variable in program.variables:
        if variable.gradient_of is not None:
            found[id(variable.gradient_of)] = variable
    return found


def _nearest(instruction: Instruction, drawn: set[int]) -> list[Variable]:
    """Return the drawn values that an instruction depends on, through those that are not."""
    found: dict[int, Variable] = {}
    seen: set[int] = set()
    stack = list(instruction.inputs)
    while stack:
        variable = stack.pop()
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        if id(variable) in drawn:
            found[id(variable)] = variable
        elif variable.made_by is not None:
            stack += variable.made_by.inputs
    return list(found.values())


def _connect_backward(program: Program, boxes: list[_Box]) -> None:
    drawn = {id(box.variable) for box in boxes if box.kind == "backward"}
    for box in boxes:
        if box.kind == "backward" and box.variable.made_by is not None:
            box.sources = _nearest(box.variable.made_by, drawn)


def _about(instruction: Instruction) -> str:
    if instruction.path:
        return f"{instruction.path}: {type(instruction.module).__name__}"
    return instruction.operation.name


# --- SVG ------------------------------------------------------------------------------------------


def _svg(program: Program, boxes: list[_Box]) -> str:
    columns = sorted({box.column for box in boxes})
    left = {column: 20 + i * (_WIDTH + _GAP_X) for i, column in enumerate(columns)}
    top = 64
    place = {
        id(box.variable): (left[box.column], top + box.row * (_HEIGHT + _GAP_Y), box)
        for box in boxes
    }
    bottom = max((y for _, y, _ in place.values()), default=top) + _HEIGHT + 20
    width = max(left.values(), default=20) + _WIDTH + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom:.0f}" '
        f'viewBox="0 0 {width} {bottom:.0f}" role="img" font-family="sans-serif">',
        f"<title>{escape(program.title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0,0 L8,4 L0,8 z" fill="#777777"/>'
        "</marker></defs>",
        f'<text x="20" y="24" font-size="15" font-weight="bold">{escape(program.title)}</text>',
    ]
    titles = {
        0: "parameters, targets",
        1: "forward and loss",
        2: "backward",
        3: "gradients",
        4: "update",
    }
    parts += [
        f'<text x="{left[column]}" y="50" font-size="12" fill="#555555">{titles[column]}</text>'
        for column in columns
    ]
    for x, y, box in place.values():
        for source in box.sources:
            if id(source) in place:
                sx, sy, _ = place[id(source)]
                between = any(
                    ox == x and min(sy, y) < oy < max(sy, y) for ox, oy, _ in place.values()
                )
                parts.append(_arrow(sx, sy, x, y, beside=between))
    parts += [_drawn(x, y, box) for x, y, box in place.values()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _arrow(sx: float, sy: float, x: float, y: float, beside: bool) -> str:
    half = _HEIGHT / 2
    if sx < x:
        begin, end = (sx + _WIDTH, sy + half), (x, y + half)
    elif sx > x:
        begin, end = (sx, sy + half), (x + _WIDTH, y + half)
    elif not beside:  # straight up or down
        down = sy < y
        middle = sx + _WIDTH / 2
        begin = (middle, sy + _HEIGHT if down else sy)
        end = (middle, y if down else y + _HEIGHT)
    else:  # past the boxes in between, along their side
        begin, end = (sx + _WIDTH, sy + half), (x + _WIDTH, y + half)
        out = sx + _WIDTH + 30
        curve = f"M{begin[0]},{begin[1]:.0f} C{out},{begin[1]:.0f} {out},{end[1]:.0f} "
        return _path(f"{curve}{end[0]},{end[1]:.0f}")
    if begin[0] == end[0]:
        return _path(f"M{begin[0]:.0f},{begin[1]:.0f} L{end[0]:.0f},{end[1]:.0f}")
    middle = (begin[0] + end[0]) / 2
    return _path(
        f"M{begin[0]:.0f},{begin[1]:.0f} C{middle:.0f},{begin[1]:.0f} {middle:.0f},{end[1]:.0f} "
        f"{end[0]:.0f},{end[1]:.0f}"
    )


def _path(data: str) -> str:
    return f'<path d="{data}" fill="none" stroke="#999999" marker-end="url(#tip)"/>'


def _drawn(x: float, y: float, box: _Box) -> str:
    fill, border = _COLOURS[box.kind]
    variable = box.variable
    shape = " × ".join(map(str, variable.shape)) or "1"
    room = _WIDTH - 16
    name = _cut(variable.name, int(room / _BOLD))
    about = _cut(box.about, int(room / _LETTER) - len(shape) - 2)
    return (
        f"<g><title>{escape(f'{variable.name}: {shape} {variable.dtype}; {box.about}')}</title>"
        f'<rect x="{x}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="5" fill="{fill}" '
        f'stroke="{border}"/>'
        f'<text x="{x + 8}" y="{y + 17:.0f}" font-size="12" font-weight="bold">'
        f"{escape(name)}</text>"
        f'<text x="{x + _WIDTH - 8}" y="{y + 32:.0f}" font-size="11" text-anchor="end" '
        f'fill="#444444">{shape}</text>'
        f'<text x="{x + 8}" y="{y + 32:.0f}" font-size="11" fill="#444444">'
        f"{escape(about)}</text></g>"
    )


def _cut(text: str, most: int) -> str:
    """Shorten a text at its beginning: what distinguishes two paths stands at their ends."""
    most = max(6, most)
    return text if len(text) <= most else f"…{text[1 - most :]}"
