"""The command line: ``pellucid train digits`` and its companions.

It stands on click and rich, the extra ``cli``. Importing this package imports neither, so that
:func:`main` can say in plain words what is missing.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from pellucid.errors import MissingExtraError

__all__ = ["main"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``pellucid``; taken from ``sys.argv`` if left out.

    Returns
    -------
    int
        0 if done, 2 for bad usage or input, 130 if interrupted.
    """
    try:
        for package in ("click", "rich"):
            try:
                importlib.import_module(package)
            except ImportError:
                error = MissingExtraError(package, "cli", "the command line")
                print(f"Error: {error}", file=sys.stderr)
                return 2
        from pellucid.cli.app import cli

        for stream in (sys.stdout, sys.stderr):
            # A narrow encoding costs a "×" its looks, never the user the result.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        cli.main(args=None if arguments is None else list(arguments), prog_name="pellucid")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:  # while modules were still being imported
        return _INTERRUPTED
