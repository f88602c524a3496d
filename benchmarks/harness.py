"""The parent side of a benchmark: contestants in processes of their own, measured in turn.

One round measures every contestant once, and each round begins with another one. So a minute in
which the machine is busy with something else slows all of them, and ratios stay what they are.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"

SETTLE_SECONDS = 0.25
"""Pause before a measurement: OpenMP's and OpenBLAS's threads spin for up to 0.2 s after work."""


class UnavailableError(Exception):
    """A contestant that cannot take part; the message says why."""


class Worker:
    """A contestant in a process of its own.

    Parameters
    ----------
    label : str
        What people see.
    module, name : str
        The class of the contestant.
    threads : int, optional
        Number of threads for its libraries; by default what they choose.
    """

    def __init__(self, label: str, module: str, name: str, threads: int | None = None) -> None:
        self.label = label
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(HERE), *library_path(), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        if threads is not None:
            for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                environment[variable] = str(threads)
            environment["XLA_FLAGS"] = (
                f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} "
                f"intra_op_parallelism_threads={threads}"
            )
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), module, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.version = str(self._read("ready"))

    def call(self, method: str, **arguments: Any) -> Any:
        """Call a method of the contestant and wait for its value.

        Raises
        ------
        UnavailableError
            If it fails, or its process ends.
        """
        assert self._process.stdin is not None
        request = json.dumps({"method": method, "arguments": arguments})
        try:
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise UnavailableError("its process ended") from error
        return self._read("value")

    def _read(self, expected: str) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise UnavailableError(f"its process ended with exit code {self._process.wait()}")
        content = json.loads(line)
        if expected not in content:
            raise UnavailableError(content.get("absent") or content["error"])
        return content[expected]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def library_path() -> list[str]:
    """Return the folder of Pellucid's source if it is not installed, so that it is found."""
    try:
        metadata.version("pellucid")
    except metadata.PackageNotFoundError:
        return [str(SOURCE)]
    return []


def interleave(
    measures: dict[str, Callable[[], float]],
    rounds: int,
    settle: float = SETTLE_SECONDS,
) -> dict[str, list[float]]:
    """Run every measurement once a round, beginning each round with the next one.

    Parameters
    ----------
    measures : dict of str to callable
        Each returns its seconds.
    rounds : int
        How many rounds.
    settle : float
        Seconds to wait before each measurement.

    Returns
    -------
    dict of str to list of float
        The seconds of each round, by name.
    """
    names = list(measures)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            time.sleep(settle)
            times[name].append(measures[name]())
    return times


@dataclass
class Row:
    """One contestant's results: seconds per round, or the reason why there are none."""

    label: str
    seconds: list[float] = field(default_factory=list)
    reason: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        """Median of the rounds, in seconds."""
        return statistics.median(self.seconds)


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the lower and the upper quartile."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def as_time(seconds: float) -> str:
    """Write a time with three digits and the unit that suits it."""
    unit, size = ("s", 1.0) if seconds >= 1 else ("ms", 1e-3) if seconds >= 1e-3 else ("µs", 1e-6)
    value = seconds / size
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


HEADER = ("contestant", "median", "middle half", "ratio", "middle half", "note")


def cells(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Turn results into table cells.

    The ratio is that of the medians to the first row's, and its middle half is over the rounds.
    """
    table = []
    base = rows[0]
    for row in rows:
        if not row.seconds:
            table.append((row.label, "absent", "", "", "", row.reason))
            continue
        low, high = quartiles(row.seconds)
        ratio = spread = ""
        if row is not base and base.seconds:
            ratio = f"{row.median / base.median:.2f} ×"
            if len(row.seconds) == len(base.seconds):
                per_round = [a / b for a, b in zip(row.seconds, base.seconds, strict=True)]
                spread = "{:.2f} – {:.2f}".format(*quartiles(per_round))
        table.append(
            (
                row.label,
                as_time(row.median),
                f"{as_time(low)} – {as_time(high)}",
                ratio,
                spread,
                row.note,
            )
        )
    return table


def as_text(title: str, rows: Sequence[Row]) -> str:
    """Lay out results for a terminal."""
    table = [HEADER, *cells(rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEADER))]
    left = (0, len(HEADER) - 1)
    lines = (
        "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    )
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])


def as_markdown(title: str, rows: Sequence[Row]) -> str:
    """Lay out results as a Markdown table."""
    lines = [f"### {title}", "", f"| {' | '.join(HEADER)} |", "|---|--:|--:|--:|--:|---|"]
    lines += [f"| {' | '.join(line)} |" for line in cells(rows)]
    return "\n".join(lines)


def environment(versions: Sequence[str]) -> dict[str, Any]:
    """Return what a reader needs to know about the machine and the libraries."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "libraries": list(dict.fromkeys(versions)),
    }


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def describe(about: dict[str, Any]) -> str:
    """Write the environment as one line."""
    return (
        f"{about['processor']}, {about['cores']} cores, {about['system']}, "
        f"Python {about['python']}; {', '.join(about['libraries'])}; "
        f"load before the start: {about['load']}"
    )
