"""Loads the example programs as modules, by file name."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="session")
def load_example() -> Callable[[str], ModuleType]:
    """Return a function from the name of an example to its module; each file runs once.

    An example finds the modules beside it, as it does when it is run.
    """
    loaded: dict[str, ModuleType] = {}

    def load(name: str) -> ModuleType:
        if name not in loaded:
            spec = importlib.util.spec_from_file_location(
                f"pellucid_example_{name.replace('/', '_')}", EXAMPLES / f"{name}.py"
            )
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            folder = str(Path(spec.origin or "").parent)
            sys.path.insert(0, folder)
            try:
                spec.loader.exec_module(module)
            finally:
                sys.path.remove(folder)
            loaded[name] = module
        return loaded[name]

    return load


@pytest.fixture
def real_data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let `data.load` find the real data sets."""
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    return data_dir
