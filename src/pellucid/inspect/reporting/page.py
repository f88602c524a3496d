"""An HTML page that needs nothing beside itself: its style, its tables, its pictures."""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Page",
    "Section",
    "cards",
    "code",
    "figure",
    "notice",
    "paragraph",
    "picture",
    "table",
]

SEVERITIES = ("note", "warning", "critical")
_NUMBER = re.compile(r"|–|[−-]?[\d,.]+(e[-+]\d+)?( ?%| [kMG]?B| bytes| s)?")

_STYLE = """
:root { color-scheme: light; --ink: #1c1c1c; --soft: #5a5a5a; --line: #d9d9d9; --blue: #00588a; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem;
     border-bottom: 2px solid var(--blue); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lead { color: var(--soft); font-size: 1.05rem; }
nav { margin: 1rem 0; font-size: .92rem; }
nav a { color: var(--blue); margin-right: .9rem; white-space: nowrap; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; margin: .6rem 0; }
th, td { text-align: left; padding: .28rem .8rem .28rem 0; border-bottom: 1px solid var(--line);
         vertical-align: top; overflow-wrap: break-word; }
th[scope=row] { font-weight: normal; color: var(--soft); min-width: 9rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.summary td + td { white-space: nowrap; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; }
.cards b { display: block; font-size: 1.35rem; }
.cards span { color: var(--soft); font-size: .88rem; }
figure { margin: 1rem 0 1.6rem; }
figure img { max-width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .92rem; max-width: 46rem; }
pre { background: #f5f5f3; border-radius: .4rem; padding: .7rem .9rem; font-size: .88rem;
      white-space: pre-wrap; }
.note, .warning, .critical { border-left: 5px solid; padding: .4rem .9rem; margin: .7rem 0;
      max-width: 46rem; }
.note { border-color: #0072b2; background: #eef6fb; }
.warning { border-color: #e69f00; background: #fdf5e3; }
.critical { border-color: #d55e00; background: #fcece3; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media print { nav { display: none; } h2, h3 { break-after: avoid; }
      figure, tr { break-inside: avoid; } figure img { max-height: 12cm; } }
"""


@dataclass
class Section:
    """A part of a page.

    Parameters
    ----------
    title : str
    parts : list of str
        HTML, as the functions of this module give it.
    """

    title: str
    parts: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """What links to it."""
        return re.sub(r"\W+", "-", self.title.lower()).strip("-")


@dataclass
class Page:
    """A whole page.

    Parameters
    ----------
    title, lead : str
        What stands at its top.
    sections : list of Section
    footer : str
    """

    title: str
    lead: str = ""
    sections: list[Section] = field(default_factory=list)
    footer: str = ""

    def html(self) -> str:
        """Return the page."""
        shown = [section for section in self.sections if section.parts]
        links = "".join(f'<a href="#{s.anchor}">{html.escape(s.title)}</a>' for s in shown)
        body = "\n".join(
            f'<section><h2 id="{s.anchor}">{html.escape(s.title)}</h2>\n'
            + "\n".join(s.parts)
            + "</section>"
            for s in shown
        )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html.escape(self.title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
            f"<body><main>\n<h1>{html.escape(self.title)}</h1>\n"
            f'<p class="lead">{html.escape(self.lead)}</p>\n<nav>{links}</nav>\n{body}\n'
            f"<footer>{html.escape(self.footer)}</footer>\n</main></body>\n</html>\n"
        )


def paragraph(text: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{html.escape(text)}</p>"


def code(text: str) -> str:
    """Return text as it is typed."""
    return f"<pre><code>{html.escape(text)}</code></pre>"


def notice(text: str, severity: str = "note", title: str = "") -> str:
    """Return a paragraph that stands out: a "note", a "warning", or something "critical".

    Line breaks in the text stay.
    """
    kind = severity if severity in SEVERITIES else "note"
    head = f"<strong>{html.escape(title)}</strong><br>" if title else ""
    return f'<div class="{kind}">{head}{"<br>".join(map(html.escape, text.splitlines()))}</div>'


def table(rows: Iterable[Sequence[Any]], header: Sequence[str] = ()) -> str:
    """Return a table; columns of numbers stand at the right.

    Without a header the first column says what the others are, and nothing is moved.
    """
    texts = [[_text(value) for value in row] for row in rows]
    columns = max(map(len, texts), default=0)
    numbers = [
        bool(header) and k > 0 and all(_NUMBER.fullmatch(row[k]) for row in texts if k < len(row))
        for k in range(columns)
    ]
    lines = []
    if header:
        cells = [
            f"<th scope=col{_side(n)}>{html.escape(h)}</th>"
            for h, n in zip(header, numbers or [False] * len(header), strict=False)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    for row in texts:
        first = f"<th scope=row>{html.escape(row[0])}</th>" if not header else _cell(row[0], False)
        others = (_cell(text, number) for text, number in zip(row[1:], numbers[1:], strict=False))
        lines.append(f"<tr>{first}{''.join(others)}</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _cell(text: str, number: bool) -> str:
    return f"<td{_side(number)}>{html.escape(text)}</td>"


def _side(number: bool) -> str:
    return " class=n" if number else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def cards(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the most important numbers, large, each with what it is."""
    items = "".join(
        f"<li><b>{html.escape(value)}</b><span>{html.escape(name)}</span></li>"
        for name, value in pairs
    )
    return f'<ul class="cards">{items}</ul>'


def figure(drawn: Figure, title: str, caption: str = "") -> str:
    """Return a picture with what it shows; the figure is closed."""
    from matplotlib import pyplot

    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=110, bbox_inches="tight", facecolor="white")
    pyplot.close(drawn)
    return picture(buffer.getvalue(), title, caption)


def picture(png: bytes, title: str, caption: str = "") -> str:
    """Return a picture, the bytes of a PNG, with what it shows."""
    data = base64.b64encode(png).decode()
    told = f"{title}. {caption}" if caption else title
    return (
        f"<h3>{html.escape(title)}</h3><figure>"
        f'<img alt="{html.escape(told)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )
