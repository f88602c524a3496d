"""The cases of the loss tests, loaded from the scripts beside this file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _beside(name: str) -> ModuleType:
    """Import a file of this folder; the test folders are no packages."""
    full = f"pellucid_loss_tests_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        spec.loader.exec_module(module)
    return sys.modules[full]


reference = _beside("make_reference")
closed_form = _beside("closed_form")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `case`, `formula` or `any_case` for each of them."""
    sets: dict[str, list[Any]] = {
        "case": reference.CASES,
        "formula": closed_form.FORMULAS,
        "any_case": [*reference.CASES, *closed_form.FORMULAS],
    }
    for name, found in sets.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found, ids=[c.id for c in found])


@pytest.fixture(scope="session")
def cases() -> ModuleType:
    return reference


@pytest.fixture(scope="session")
def formulas() -> ModuleType:
    return closed_form
