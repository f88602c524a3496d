"""An explanation: the tree of all formulas and numbers of one step, and how to read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.inspect.explaining.expressions import Quantity
from pellucid.inspect.explaining.nodes import Section, quantities_of, sections_of
from pellucid.training.files import write_atomically

if TYPE_CHECKING:
    from pellucid.program import Program

__all__ = ["Explanation"]


class Explanation:
    """One training step with every number in its formula, as :func:`pellucid.explain` makes it.

    Attributes
    ----------
    root : Section
        The tree: a section for each phase, in it one for each layer, in these formulas and numbers.
    program : Program
        The traced step that the numbers are of.
    layer : str or None
        The layer that it is restricted to.
    digits : int
        Significant digits that numbers are written with.
    """

    def __init__(
        self, root: Section, program: Program, layer: str | None = None, digits: int = 4
    ) -> None:
        self.root = root
        self.program = program
        self.layer = layer
        self.digits = digits

    def sections(self) -> Iterator[Section]:
        """Yield all sections, in order, outer ones before inner ones."""
        return sections_of(self.root)

    def quantities(self) -> Iterator[Quantity]:
        """Yield every number of the explanation, with the variable and entry that it is."""
        return quantities_of(self.root)

    def text(self, *, width: int = 80, full: bool = False) -> str:
        """Return it for the terminal.

        Parameters
        ----------
        width : int
            Columns of the terminal.
        full : bool
            Write out the sections that a deep network has folded.
        """
        from pellucid.inspect.explaining.writing.text import TextWriter

        return TextWriter(self.digits, width, full=full).page(self.root)

    def markdown(self, path: str | Path | None = None) -> str:
        """Return it as Markdown with formulas in LaTeX.

        Parameters
        ----------
        path : path, optional
            Where to write it.
        """
        from pellucid.inspect.explaining.writing.markdown import MarkdownWriter

        return _kept(MarkdownWriter(self.digits).page(self.root), path)

    def html(self, path: str | Path | None = None) -> str:
        """Return it as one HTML page, which needs nothing else: no network, no script.

        Parameters
        ----------
        path : path, optional
            Where to write it.
        """
        from pellucid.inspect.explaining.writing.page import HtmlWriter

        return _kept(HtmlWriter(self.digits).page(self.root), path)

    def _repr_html_(self) -> str:
        from pellucid.inspect.explaining.writing.page import HtmlWriter

        return HtmlWriter(self.digits).fragment(self.root)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        count = sum(1 for _ in self.sections())
        return f"<explanation of {len(self.program)} instructions in {count} sections>"


def _kept(text: str, path: str | Path | None) -> str:
    if path is not None:
        write_atomically(path, text.encode())
    return text
