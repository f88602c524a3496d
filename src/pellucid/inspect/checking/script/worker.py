"""The process in which a script is run and checked.

``python -m pellucid.inspect.checking.script.worker REQUEST RESULT``, both files of JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

__all__ = ["main"]


class _TimeIsUp(BaseException):
    pass


def _limit(memory: float, seconds: float) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent process watches the time
        return
    size = int(memory * 2**30)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        size = min(size, most)
    with contextlib.suppress(ValueError, OSError):  # where a system has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (size, most))

    def stop(number: int, frame: Any) -> None:
        raise _TimeIsUp

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)


def _last_line(error: BaseException, path: str) -> str:
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    if not lines:
        return ""
    text = f": `{lines[-1].line}`" if lines[-1].line else ""
    return f", line {lines[-1].lineno}{text}"


def main(request_file: str, result_file: str) -> None:
    """Check one script; write the report, or why there is none."""
    request = json.loads(Path(request_file).read_text(encoding="utf-8"))
    path = str(request["path"])
    _limit(float(request["memory"]), float(request["timeout"]))
    from pellucid.errors import PellucidError
    from pellucid.inspect.checking.script.report import encoded
    from pellucid.inspect.checking.script.surroundings import Output, surroundings

    output = Output()
    result: dict[str, Any]
    try:
        from pellucid.inspect.checking.script.examination import examine

        with surroundings(Path(path), output), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = examine(Path(path), request)
        result = {"report": encoded(report) | {"output": output.text}}
    except _TimeIsUp as error:
        where = _last_line(error, path)
        result = {
            "error": f"{path}{where}\nstopped after {request['timeout']:g} seconds: is there a "
            "loop without an end? If it only is slow, say --timeout SECONDS, or give it less data"
        }
    except MemoryError as error:
        result = {
            "error": f"{path}{_last_line(error, path)}\nMemoryError: it wants more than "
            f"{request['memory']:g} GB of memory. Give it less data"
        }
    except PellucidError as error:
        result = {"error": str(error)}
    except RecursionError as error:
        result = {"error": f"{path}{_last_line(error, path)}\nRecursionError: {error}"}
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    result.setdefault("output", output.text)
    temporary = Path(f"{result_file}.tmp")
    temporary.write_text(json.dumps(result), encoding="utf-8")
    temporary.replace(result_file)
    sys.stdout.flush()
    os._exit(0)  # whatever threads a script has left running end here


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
