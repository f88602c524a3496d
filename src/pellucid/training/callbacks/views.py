"""Where progress is shown: a terminal, a notebook, or lines in a log."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from typing import Any, Protocol, TextIO

__all__ = ["Lines", "Notebook", "PlainBar", "RichBar", "View", "in_notebook", "terminal_bar"]

_MOST_NOTEBOOK_LINES = 40


class View(Protocol):
    """Something that shows a line that changes, and lines that stay."""

    moves: bool
    """Whether it shows the line that changes."""

    def refresh(self, fraction: float, text: str) -> None:
        """Show how far the epoch is."""

    def line(self, text: str) -> None:
        """Show a line that stays."""

    def close(self) -> None:
        """Show no more."""


class Lines:
    """Lines only, for pipes and log files."""

    moves = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def refresh(self, fraction: float, text: str) -> None:
        """Do nothing: what was written cannot be changed."""

    def line(self, text: str) -> None:
        """Write the line at once, so that whoever follows the log sees it."""
        self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Do nothing."""


class PlainBar:
    """A bar made of characters, on a terminal without rich."""

    moves = True

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def refresh(self, fraction: float, text: str) -> None:
        """Write over the last line."""
        done = round(20 * fraction)
        room = shutil.get_terminal_size().columns - 1
        self._write(f"{'━' * done}{'╌' * (20 - done)} {text}"[:room])

    def line(self, text: str) -> None:
        """Put a line in the place of the bar, which moves below it."""
        self._write(text)
        self._stream.write("\n")
        self._width = 0

    def close(self) -> None:
        """Take the bar away."""
        self._write("")

    def _write(self, text: str) -> None:
        blank = " " * max(0, self._width - len(text))  # what is left of a longer line
        self._stream.write(f"\r{text}{blank}" + ("" if text else "\r"))
        self._stream.flush()
        self._width = len(text)


class RichBar:
    """A bar drawn by rich."""

    moves = True

    def __init__(self, stream: TextIO) -> None:
        console = importlib.import_module("rich.console")
        progress = importlib.import_module("rich.progress")
        self._console: Any = console.Console(file=stream, highlight=False)
        # Refreshed by hand: a thread of its own would take turns with the training
        self._bar: Any = progress.Progress(
            progress.BarColumn(bar_width=20),
            progress.TextColumn("{task.description}", markup=False),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )
        self._task: Any = self._bar.add_task("", total=1.0)
        self._bar.start()

    def refresh(self, fraction: float, text: str) -> None:
        """Draw the bar anew."""
        self._bar.update(self._task, completed=fraction, description=text, refresh=True)

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(text, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


class Notebook:
    """One output of a notebook cell that is replaced, with the last lines and the bar."""

    moves = True

    def __init__(self) -> None:
        self._display: Any = importlib.import_module("IPython.display").display
        self._handle: Any = None
        self._lines: list[str] = []

    def refresh(self, fraction: float, text: str) -> None:
        """Show the lines so far and the bar."""
        done = round(20 * fraction)
        self._show([*self._lines, f"{'━' * done}{'╌' * (20 - done)} {text}"])

    def line(self, text: str) -> None:
        """Add a line; of very many, only the last are shown."""
        self._lines = [*self._lines, text][-_MOST_NOTEBOOK_LINES:]
        self._show(self._lines)

    def close(self) -> None:
        """Show the lines without the bar."""
        self._show(self._lines)

    def _show(self, lines: list[str]) -> None:
        content = {"text/plain": "\n".join(lines)}
        if self._handle is None:
            self._handle = self._display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)


def terminal_bar(stream: TextIO) -> View:
    """Return a bar for a terminal: rich's where rich is installed."""
    return RichBar(stream) if importlib.util.find_spec("rich") else PlainBar(stream)


def in_notebook() -> bool:
    """Return whether the program runs in a notebook's kernel, without importing IPython."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
