"""How much memory a training has needed."""

from __future__ import annotations

import importlib
import sys

__all__ = ["peak_memory"]


def peak_memory() -> int | None:
    """Return the most bytes that this process has held in memory so far, without its children.

    It is the resident set as the operating system counts it, the interpreter and its libraries
    included; None where the system does not say (Windows).
    """
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return None
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak if sys.platform == "darwin" else 1024 * peak  # others count kilobytes
