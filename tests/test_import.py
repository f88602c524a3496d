"""`import pellucid` is quick and brings none of the extras with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pellucid

EXTRAS = ["sklearn", "scipy", "matplotlib", "numba", "rich", "click", "PIL", "onnx", "torch", "jax"]
BOUND_SECONDS = 1.0
"""A loose bound for a busy machine; the benchmarks measure the real time."""

PROGRAM = """
import json, sys, time
import numpy
before = time.perf_counter()
import pellucid
seconds = time.perf_counter() - before
print(json.dumps({"seconds": seconds, "modules": sorted({m.split(".")[0] for m in sys.modules})}))
"""


def test_import_is_quick_and_loads_no_extra() -> None:
    source = str(Path(pellucid.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source}
    runs = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout))
    assert [extra for extra in EXTRAS if extra in runs[0]["modules"]] == []
    fastest = min(run["seconds"] for run in runs)
    print(f"import pellucid: {fastest:.3f} s beyond numpy")
    assert fastest < BOUND_SECONDS


def test_the_public_names_exist() -> None:
    assert len(set(pellucid.__all__)) == len(pellucid.__all__)
    assert [name for name in pellucid.__all__ if not hasattr(pellucid, name)] == []
    assert pellucid.__version__.count(".") >= 2
