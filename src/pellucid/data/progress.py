"""Show how a download advances: a bar in a terminal, one line elsewhere, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from pellucid.errors import DataError

__all__ = ["Progress", "Report", "reporting"]

Report: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes there are and the bytes in all, None if that is not known."""

Progress: TypeAlias = Literal["auto"] | bool | Report
"""True shows progress, False does not, "auto" does in a terminal, a function is called."""


@contextmanager
def reporting(name: str, progress: Progress) -> Iterator[Report]:
    """Yield the function that a download called `name` reports to.

    With rich installed it is a bar; otherwise a line of text on stderr that is written over in a
    terminal and written once elsewhere.
    """
    if callable(progress):
        yield progress
    elif progress is False or (progress == "auto" and not sys.stderr.isatty()):
        yield lambda done, total: None
    elif progress is True or progress == "auto":
        try:
            from rich.progress import BarColumn, DownloadColumn, TransferSpeedColumn
            from rich.progress import Progress as Bar
        except ImportError:
            yield from _text(name)
            return
        from rich.console import Console

        columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        raise DataError(f"progress is 'auto', True, False or a function, got {progress!r}")


def _text(name: str) -> Iterator[Report]:
    terminal = sys.stderr.isatty()
    shown = -1

    def report(done: int, total: int | None) -> None:
        nonlocal shown
        percent = 100 * done // total if total else done >> 20
        if percent == shown or (shown >= 0 and not terminal):
            return
        shown = percent
        size = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
        if terminal:
            sys.stderr.write(f"\rdownloading {name}: {size}")
        else:
            total_size = f" ({total / 1e6:.1f} MB)" if total else ""
            sys.stderr.write(f"downloading {name}{total_size}\n")
        sys.stderr.flush()

    yield report
    if terminal and shown >= 0:
        sys.stderr.write("\n")
