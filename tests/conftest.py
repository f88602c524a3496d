"""What every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Tests run side by side. BLAS threads of several processes that wait for each other on few cores
# make small products up to twenty times slower. This is read when NumPy is first imported, here or
# in a worker that inherits the environment.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def _data_folder() -> Path | None:
    """Find the real data sets: named by PELLUCID_DATA, or in shared/data beside the project."""
    named = os.environ.get("PELLUCID_DATA")
    if named:
        return Path(named)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return beside if beside.is_dir() else None


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the real data sets, with mnist/, adult/ and so on; skips where there is none."""
    folder = _data_folder()
    if folder is None or not folder.is_dir():
        pytest.skip("no real data here: set PELLUCID_DATA to the folder that holds it")
    return folder
