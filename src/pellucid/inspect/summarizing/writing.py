"""A summary as text and as HTML."""

from __future__ import annotations

import html as markup
import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.inspect.summarizing.rows import Row
    from pellucid.inspect.summarizing.summary import Summary

__all__ = ["amount", "bytes_text", "html", "shape_text", "text"]

_HEADER = ("layer", "output", "parameters", "FLOPs")
_KINDS_FULL = 46  # longer descriptions of a layer are cut
_NARROWEST = 14  # columns that a layer has left in a narrow terminal


def text(summary: Summary, depth: int | None = None, width: int | None = None) -> str:
    """Return the table and the totals as plain text, fitted to `width` columns if given."""
    lines = [_HEADER, ("input", shape_text(summary.input_shape), "", "")]
    lines += [_cells(row) for row in _shown(summary, depth)]
    widths = [max(len(line[k]) for line in lines) for k in range(4)]
    if width is not None:
        room = width - 6 - sum(widths[1:])
        widths[0] = min(widths[0], max(room, _NARROWEST))
        # What does not fit even then is cut from the shapes of several results.
        widths[1] = min(widths[1], max(width - 6 - widths[0] - sum(widths[2:]), len("output")))
    written = []
    for line in lines:
        cells = [_cut(line[k], widths[k]).ljust(widths[k]) for k in (0, 1)]
        cells += [line[k].rjust(widths[k]) for k in (2, 3)]
        written.append("  ".join(cells).rstrip())
    ruler = "─" * (sum(widths) + 6)
    below = totals(summary)
    if width is not None:
        below = [part for sentence in below for part in _wrapped(sentence, max(width, 40))]
    return "\n".join([written[0], ruler, *written[1:], ruler, *below])


def _wrapped(sentence: str, width: int) -> list[str]:
    """Break a sentence between words, never between a number and its unit."""
    held = re.sub(r"(?<=\d) (?=\S)", "\u00a0", sentence)
    lines = textwrap.wrap(held, width, subsequent_indent="  ", break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def totals(summary: Summary) -> list[str]:
    """Return the sentences under the table."""
    frozen = summary.parameters - summary.trainable
    memory = summary.memory
    batch = f"{memory.batch_size:,} sample{'s' * (memory.batch_size > 1)}"
    return [
        f"{summary.parameters:,} parameters" + (f", {frozen:,} of them frozen" if frozen else ""),
        f"{amount(summary.flops, 'FLOPs')} forward for each sample, with "
        f"{amount(summary.multiply_adds)} multiply-adds in products (2 FLOPs each)",
        f"training with Adam, {batch}: {bytes_text(memory.training_total)} = "
        f"{bytes_text(memory.parameters + memory.buffers)} weights + "
        f"{bytes_text(memory.gradients)} gradients + {bytes_text(memory.optimizer)} Adam + "
        f"{bytes_text(memory.activations)} activations",
        f"in use, {batch}: {bytes_text(memory.inference_total)} = "
        f"{bytes_text(memory.parameters + memory.buffers)} weights + "
        f"{bytes_text(memory.inference)} at once",
    ]


def html(summary: Summary) -> str:
    """Return the table and the totals as HTML, for notebooks and reports."""
    right = ' style="text-align:right"'
    head = "".join(
        f"<th{right if k > 1 else ''}>{markup.escape(name)}</th>" for k, name in enumerate(_HEADER)
    )
    body = []
    for row in _shown(summary, None):
        name, shape, parameters, flops = map(markup.escape, _cells(row))
        indent = f' style="padding-left:{1.2 * (row.depth - 1):.1f}em"'
        body.append(
            f"<tr><td{indent}>{name.strip()}</td><td>{shape}</td>"
            f"<td{right}>{parameters}</td><td{right}>{flops}</td></tr>"
        )
    lines = "<br>".join(markup.escape(line) for line in totals(summary))
    start = f"<tr><td>input</td><td>{markup.escape(shape_text(summary.input_shape))}</td></tr>"
    return (
        f'<table class="pellucid-summary"><thead><tr>{head}</tr></thead>'
        f"<tbody>{start}{''.join(body)}</tbody></table><p>{lines}</p>"
    )


def _shown(summary: Summary, depth: int | None) -> list[Row]:
    """Return the rows inside the network; a network that is a single layer is itself the row."""
    rows = summary.rows[1:] or summary.rows
    return [row for row in rows if depth is None or row.depth <= depth]


def _cells(row: Row) -> tuple[str, str, str, str]:
    name = row.path.rpartition(".")[2]
    description = f"{row.kind}({row.options})" if row.leaf or row.options else row.kind
    if len(description) > _KINDS_FULL:
        description = f"{description[: _KINDS_FULL - 1]}…"
    calls = f" × {row.calls}" if row.calls > 1 else ""
    return (
        "  " * max(row.depth - 1, 0) + (f"{name}: " if name else "") + description + calls,
        shape_text(row.output_shape),
        f"{row.parameters:,}" if row.parameters else "",
        amount(row.flops) if row.flops else "",
    )


def shape_text(shape: Any) -> str:
    """Return a shape as people write it: "3 × 32 × 32"; several of them separated by commas."""
    if shape is None:
        return ""
    if isinstance(shape, dict):
        shape = list(shape.values())
    if isinstance(shape, list) or (shape and not isinstance(shape[0], int)):
        return ", ".join(filter(None, (shape_text(part) for part in shape)))
    return " × ".join(map(str, shape)) or "1"


def amount(count: int, unit: str = "") -> str:
    """Return a count with three digits and a unit, or in full below ten thousand.

    >>> amount(0), amount(2368, "FLOPs"), amount(1_814_000_000, "FLOPs")
    ('0', '2,368 FLOPs', '1.81 GFLOPs')
    """
    if count < 10_000:
        return f"{count:,} {unit}".strip()
    size = float(count)
    for prefix in ("k", "M", "G"):
        size /= 1000
        if size < 999.5:
            return f"{size:.3g} {prefix}{unit}"
    return f"{size / 1000:.3g} T{unit}"


def bytes_text(count: int) -> str:
    """Return a size in bytes with three digits: "548 kB"."""
    return f"{count:,} bytes" if count < 10_000 else amount(count, "B")
