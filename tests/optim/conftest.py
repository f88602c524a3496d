"""What the optimizer tests share: the reference cases, and parameters to work on."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pellucid import Parameter


def _load(name: str) -> ModuleType:
    """Import a module of this folder, which is not a package."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"optim_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_reference = _load("make_reference")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a case once for each."""
    if "optimizer_case" in metafunc.fixturenames:
        cases = _reference.OPTIMIZER_CASES
        metafunc.parametrize("optimizer_case", cases, ids=[case.label for case in cases])
    if "schedule_case" in metafunc.fixturenames:
        cases = _reference.SCHEDULE_CASES
        names = [f"{case.name}: {case.label}" for case in cases]
        metafunc.parametrize("schedule_case", cases, ids=names)


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return _reference


@pytest.fixture(scope="session")
def stored() -> dict[str, np.ndarray]:
    with np.load(_reference.REFERENCE) as arrays:
        return dict(arrays)


class Problem:
    """A few parameters, their gradients at each step, and a loss for L-BFGS."""

    def __init__(self, dtype: str = "float32") -> None:
        self.params = [Parameter(np.asarray(p, dtype)) for p in _reference.start()]

    def set_gradients(self, step: int, l1: float = 0.0) -> None:
        for i, p in enumerate(self.params):
            gradient = _reference.gradient(p.data, i, step) + l1 * np.sign(p.data)
            p.grad = np.asarray(gradient, p.data.dtype)

    def closure(self) -> float:
        total = 0.0
        for p in self.params:
            loss, slope = _reference.rosenbrock(p.data.reshape(-1))
            p.grad = np.asarray(slope, p.data.dtype).reshape(p.data.shape)
            total += float(loss)
        return total

    def step(self, optimizer: Any, step: int) -> None:
        if type(optimizer).__name__ == "LBFGS":
            optimizer.step(self.closure)
        else:
            self.set_gradients(step)
            optimizer.step()

    def flat(self) -> np.ndarray:
        return np.concatenate([p.data.reshape(-1) for p in self.params])


@pytest.fixture
def make_problem() -> type[Problem]:
    return Problem


@pytest.fixture
def through_json() -> Any:
    """Return a function that copies a state as a file would: JSON values, bytes of arrays."""

    def copy(state: dict[str, Any]) -> dict[str, Any]:
        if "arrays" not in state:
            return json.loads(json.dumps(state))
        arrays = {
            name: np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)
            for name, array in state["arrays"].items()
        }
        return {"arrays": arrays, "values": json.loads(json.dumps(state["values"]))}

    return copy
