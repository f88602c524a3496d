"""How large the wheel is, by package, and whether its core stays below one megabyte.

The core is what works without any extra: everything but the command line and the looking inside.

    python benchmarks/wheel.py [FILE.whl]     # without a file, the wheel is built first
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
BEYOND_THE_CORE = ("cli", "inspect")
LIMIT = 1_000_000
"""The most bytes that the core may have."""


class UnbuildableError(Exception):
    """The wheel cannot be built here."""


class Sizes(NamedTuple):
    """Bytes of the wheel, of its core, and of each package in it."""

    whole: int
    core: int
    packages: Counter[str]


def sizes(wheel: Path) -> Sizes:
    """Return how many bytes of the file each package takes, with its entries in the directory."""
    packages: Counter[str] = Counter()
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = entry.filename.split("/")
            package = parts[1] if parts[0] == "pellucid" and len(parts) > 2 else "(other files)"
            # A file has two headers, of 30 and 46 bytes, and its name in both.
            packages[package] += entry.compress_size + 76 + 2 * len(entry.filename)
    whole = wheel.stat().st_size
    return Sizes(whole, whole - sum(packages[name] for name in BEYOND_THE_CORE), packages)


def build(folder: Path) -> Path:
    """Build the wheel and return its path.

    Raises
    ------
    UnbuildableError
        If pip or the build backend says no.
    """
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder)]
    for isolation in (["--no-build-isolation"], []):
        done = subprocess.run(
            [*command, *isolation, str(PROJECT)], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            (wheel,) = folder.glob("*.whl")
            return wheel
    raise UnbuildableError((done.stderr.strip().splitlines() or ["pip failed"])[-1])


def built_sizes() -> Sizes:
    """Build the wheel in a temporary folder and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        return sizes(build(Path(folder)))


def main() -> int:
    """Print the sizes; return 1 if the core is too large."""
    found = sizes(Path(sys.argv[1])) if len(sys.argv) > 1 else built_sizes()
    for name, size in found.packages.most_common():
        print(f"{size:>10,}  {name}")
    print(f"{found.whole:>10,}  the whole wheel")
    print(f"{found.core:>10,}  the core, without {' and '.join(BEYOND_THE_CORE)} (limit {LIMIT:,})")
    return int(found.core >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
