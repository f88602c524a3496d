"""The child side of a benchmark: one contestant in a process of its own.

Every library here has a pool of threads that goes on spinning for a while after it has worked. In
one process they would slow each other down. So each contestant lives in its own process, which is
blocked on a pipe, and asleep, while another one is measured.

The process is started as ``python worker.py MODULE CLASS``. It reads one request a line,
``{"method": ..., "arguments": {...}}``, calls that method of its contestant, and writes one line
back: ``{"value": ...}``, ``{"error": ...}``, or at the start ``{"ready": ...}`` or
``{"absent": ...}`` if a package is missing.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


def serve(module: str, name: str) -> None:
    """Answer requests from standard input until it is closed."""
    # Libraries that print must not disturb the conversation: their output goes to standard error.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(**content: Any) -> None:
        answers.write(json.dumps(content) + "\n")

    try:
        contestant = getattr(importlib.import_module(module), name)()
    except ImportError as error:
        answer(absent=f"not installed ({error.name or error})")
        return
    answer(ready=contestant.version)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(value=getattr(contestant, request["method"])(**request["arguments"]))
        except Exception as error:  # whatever a contestant fails with is a result to report
            traceback.print_exc()
            lines = str(error).strip().splitlines() or [""]
            answer(error=f"{type(error).__name__}: {lines[0]}")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
