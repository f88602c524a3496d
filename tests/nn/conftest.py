"""What the tests of layers share: reference values, and derivatives by finite differences."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pellucid as pl

Check = Callable[..., None]


def _load(name: str) -> ModuleType:
    """Import a module of this folder, which is not a package."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"nn_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return _load("make_reference")


@pytest.fixture(scope="session")
def stored(reference: ModuleType) -> dict[str, np.ndarray]:
    with np.load(reference.REFERENCE) as arrays:
        return dict(arrays)


def numeric_gradient(f: Callable[[], float], x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Central differences of the number `f()` by each entry of `x`, which `f` looks at."""
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + step
        above = f()
        x[place] = kept - step
        below = f()
        x[place] = kept
        found[place] = (above - below) / (2 * step)
    return found


@pytest.fixture(scope="session")
def check_derivatives() -> Check:
    """Compare first and second derivatives of a function with finite differences, in float64."""

    def check(function: Callable[..., Any], *leaves: pl.Tensor) -> None:
        """Differentiate by each leaf: `function` is called with no arguments and looks at them."""
        rng = np.random.default_rng(5)
        of_value = rng.standard_normal(function().shape)
        of_slopes = [rng.standard_normal(leaf.shape) for leaf in leaves]

        def total() -> Any:
            return pl.primitives.sum(function() * of_value)

        def slopes(create_graph: bool) -> list[Any]:
            return pl.gradients(total(), leaves, create_graph=create_graph)

        def slope_total() -> float:
            pairs = zip(slopes(False), of_slopes, strict=True)
            return float(sum((g * w).sum() for g, w in pairs))

        firsts = slopes(False)
        for leaf, found in zip(leaves, firsts, strict=True):
            expected = numeric_gradient(lambda: total().item(), leaf.data)
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)

        combined = sum(
            pl.primitives.sum(g * w) for g, w in zip(slopes(True), of_slopes, strict=True)
        )
        seconds = (
            pl.gradients(combined, leaves)
            if combined.requires_grad
            else [np.zeros(leaf.shape) for leaf in leaves]
        )
        for leaf, found in zip(leaves, seconds, strict=True):
            expected = numeric_gradient(slope_total, leaf.data)
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)

    return check
