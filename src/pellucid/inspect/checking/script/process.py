"""A process of its own for a script, with limits of time and memory."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pellucid
from pellucid.errors import DataError

__all__ = ["run_apart"]

_GRACE = 5.0  # seconds that the process has for ending by itself


def run_apart(request: dict[str, Any]) -> dict[str, Any]:
    """Have a script checked in another process, and return what it found, as plain values.

    Parameters
    ----------
    request : dict
        With "path", "timeout" in seconds, "memory" in GB, and the options of the check.

    Raises
    ------
    DataError
        If the script cannot be checked; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="pellucid-check-") as folder:
        question, answer = Path(folder) / "request.json", Path(folder) / "result.json"
        question.write_text(json.dumps(request), encoding="utf-8")
        with (Path(folder) / "errors.txt").open("w+", encoding="utf-8", errors="replace") as errors:
            code = _run(question, answer, errors, float(request["timeout"]))
            errors.seek(0)
            said = errors.read()
        if not answer.is_file():
            raise DataError(_what_happened(str(request["path"]), code, said))
        result: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in result:
        raise DataError(result["error"])
    return result


def _run(question: Path, answer: Path, errors: Any, seconds: float) -> int | None:
    """Run the process to its end; None if it had to be ended."""
    home = str(Path(pellucid.__file__).resolve().parents[1])
    known = os.environ.get("PYTHONPATH")
    environment = os.environ | {
        "PYTHONPATH": home if not known else os.pathsep.join((home, known)),
        "OPENBLAS_NUM_THREADS": "1",  # small products; and each thread reserves memory
        "MPLBACKEND": "Agg",
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", f"{__package__}.worker", str(question), str(answer)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
        env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        return process.wait(seconds + _GRACE)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    """End the process and whatever it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _what_happened(path: str, code: int | None, said: str) -> str:
    if code is None:
        return f"{path}: it did not end in time and was stopped; say --timeout SECONDS for more"
    if code < 0:
        return (
            f"{path}: the operating system ended it (signal {-code}): it wanted more memory than "
            "there is, or its compiled parts failed"
        )
    last = said.strip().splitlines()[-1] if said.strip() else f"exit status {code}"
    return f"{path}: the check failed, which is a defect of Pellucid: {last}"
