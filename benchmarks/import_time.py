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
from importlib import metadata
from typing import Any

import wheel
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
        size = wheel.built_sizes()
        said = f"the wheel has {size.whole:,} bytes, {size.core:,} of them the core's"
    except wheel.UnbuildableError as error:
        size, said = None, f"the wheel could not be built here: {error}"

    if options.json:
        report = {
            "rows": [vars(row) for row in rows.values()],
            "wheel_bytes": None if size is None else size.whole,
            "core_bytes": None if size is None else size.core,
        }
        print(json.dumps({"environment": about, "loaded": loaded, **report}, indent=1))
        return
    title = "import in a fresh interpreter"
    print((as_markdown if options.markdown else as_text)(title, list(rows.values())))
    for label in list(IMPORTS)[:2]:
        print(f"\n{label}, loads: {', '.join(loaded.get(label, []))}", end="")
    print(f"; {said}.")
    print(f"{rounds} rounds. {describe(about)}")


if __name__ == "__main__":
    main()
