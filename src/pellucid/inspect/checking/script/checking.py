"""``pl.check_script``: the gradients of a training script as it stands."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from pellucid.errors import DataError
from pellucid.inspect.checking.script.process import run_apart
from pellucid.inspect.checking.script.report import ScriptReport, decoded

__all__ = ["check_script"]


def check_script(
    path: str | os.PathLike[str],
    *,
    tolerance: float | None = None,
    causes: bool = True,
    seed: int = 0,
    timeout: float = 60.0,
    memory: float = 4.0,
) -> ScriptReport:
    """Check the gradients of a training script as it stands.

    The script is run in a process of its own until every parameter was updated once. What is
    updated is a parameter; what it is updated by, without sign and learning rate, is the gradient
    that the script claims; and the loss is what the script computes or, if it computes none, the
    usual one whose gradient this is. The verdict is :func:`~pellucid.check_gradients`'s.

    Parameters
    ----------
    path : str or Path
        A Python file, in NumPy or plain Python.
    tolerance, causes, seed
        As :func:`~pellucid.check_gradients` takes them.
    timeout : float
        Seconds after which the process is ended.
    memory : float
        Gigabytes that it may use, where the operating system can limit that.

    Returns
    -------
    ScriptReport
        True if all gradients are right; printed, it is the verdict in words.

    Raises
    ------
    DataError
        If the script cannot be run, or nothing was found in it that can be checked; the message
        says what was found, and what is needed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> script = '''
    ... import numpy as np
    ... x, y = np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]])
    ... w = np.array([[0.5]])
    ... for step in range(100):
    ...     loss = np.mean((x @ w - y) ** 2)
    ...     w -= 0.1 * x.T @ (x @ w - y)
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "line.py"
    ...     _ = file.write_text(script)
    ...     report = check_script(file)
    >>> report.right, str(report.causes[0])
    (False, 'wrong factor, at the loss')
    """
    for name, value in (("timeout", timeout), ("memory", memory)):
        if not (value > 0 and math.isfinite(value)):
            raise DataError(f"{name} must be a positive number, got {value!r}")
    request: dict[str, Any] = {
        "path": str(Path(path)),
        "tolerance": tolerance,
        "causes": causes,
        "seed": seed,
        "timeout": timeout,
        "memory": memory,
    }
    answer = run_apart(request)
    report: ScriptReport = decoded(ScriptReport, answer["report"])
    return report
