"""Time `import pellucid` in fresh interpreters beside `import numpy` and `import torch`.

Also says which packages the import brings in, and how large the wheel is.

    python benchmarks/import_time.py             # 11 rounds
    python benchmarks/import_time.py --quick
    python benchmarks/import_time.py --json | --markdown
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from harness import (
    Row,
    UnavailableError,
    as_markdown,
    as_text,
    describe,
    environment,
    interleave,
    library_path,
)

IMPORTS = {
    "import pellucid": "import pellucid",
    "with all its packages": "import pellucid.cli, pellucid.models, pellucid.training",
    "import numpy": "import numpy",
    "import torch": "import torch",
}
"""What is timed, by label. Pellucid loads its packages when they are first asked for."""
PROJECT = Path(__file__).resolve().parent.parent

TIMED = """
import time
start = time.perf_counter()
{statement}
seconds = time.perf_counter() - start
import json, sys
roots = {{name for name in sys.modules if "." not in name and not name.startswith("_")}}
print(json.dumps([seconds, sorted(roots - set(sys.stdlib_module_names) - {{"cython_runtime"}})]))
"""


def import_once(statement: str) -> tuple[float, list[str]]:
    """Run an import in a fresh interpreter; return the seconds and the packages that it loaded.

    Raises
    ------
    UnavailableError
        If the import fails.
    """
    path = os.pathsep.join([*library_path(), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(statement=statement)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(done.stderr.strip().splitlines()[-1])
    seconds, loaded = json.loads(done.stdout)
    return seconds, loaded


def version_of(package: str) -> str:
    """Return the installed version of a package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(from the source tree)" if package == "pellucid" else "absent"


def wheel_size() -> int:
    """Build the wheel and return its size in bytes.

    Raises
    ------
    UnavailableError
        If it cannot be built here.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder]
        for isolation in (["--no-build-isolation"], []):
            done = subprocess.run(
                [*command, *isolation, str(PROJECT)], capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                (wheel,) = Path(folder).glob("*.whl")
                return wheel.stat().st_size
    raise UnavailableError((done.stderr.strip().splitlines() or ["pip failed"])[-1])


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="3 rounds")
    parser.add_argument("--rounds", type=int, help="rounds (11)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    options = parser.parse_args(arguments)
    rounds = options.rounds or (3 if options.quick else 11)
    about: dict[str, Any] = environment(
        [f"{name} {version_of(name)}" for name in ("pellucid", "numpy", "torch")]
    )

    rows, loaded = {}, {}
    for label, statement in IMPORTS.items():
        rows[label] = Row(label)
        try:
            _, loaded[label] = import_once(statement)  # also writes the .pyc files
        except UnavailableError as error:
            rows[label].reason = str(error)
    measures = {name: lambda name=name: import_once(IMPORTS[name])[0] for name in loaded}
    for name, seconds in interleave(measures, rounds, settle=0.0).items():
        rows[name].seconds = seconds
    try:
        size, wheel = wheel_size(), ""
    except UnavailableError as error:
        size, wheel = None, f"the wheel could not be built here: {error}"
    wheel = wheel or f"the wheel has {size:,} bytes"

    if options.json:
        report = {"rows": [vars(row) for row in rows.values()], "wheel_bytes": size}
        print(json.dumps({"environment": about, "loaded": loaded, **report}, indent=1))
        return
    title = "import in a fresh interpreter"
    print((as_markdown if options.markdown else as_text)(title, list(rows.values())))
    for label in list(IMPORTS)[:2]:
        print(f"\n{label}, loads: {', '.join(loaded.get(label, []))}", end="")
    print(f"; {wheel}.")
    print(f"{rounds} rounds. {describe(about)}")


if __name__ == "__main__":
    main()
