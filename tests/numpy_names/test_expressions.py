"""NumPy's functions on Tensors: values as NumPy's, derivatives as finite differences and PyTorch's.

First and second order; the finite differences are those of NumPy's own functions on plain arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf, numbers
from numpy_names.expressions import CONSTANTS, LEAVES, PLAIN, ROWS, Row, evaluate, names_in, parts
from primitives.reference import weights

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p
from pellucid.tensor import Tensor

by_name = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.numpy)


def arrays_of(row: Row, dtype: Any = np.float64) -> dict[str, np.ndarray]:
    return {name: LEAVES[name].astype(dtype) for name in row.names}


def recorded(row: Row, dtype: Any = np.float64) -> tuple[dict[str, Tensor], list[Any]]:
    """The leaves and the results of an expression on Tensors."""
    leaves = {name: leaf(x) for name, x in arrays_of(row, dtype).items()}
    return leaves, parts(evaluate(row.numpy, leaves, dtype))


def differentiable(results: list[Any]) -> list[Tensor]:
    return [y for y in results if isinstance(y, Tensor)]


@by_name
def test_values_are_those_of_numpy(row: Row) -> None:
    expected = parts(evaluate(row.numpy, arrays_of(row)))
    _, found = recorded(row)
    assert len(found) == len(expected)
    assert differentiable(found)
    for ours, right in zip(found, expected, strict=True):
        assert numbers(ours).shape == np.shape(right)
        np.testing.assert_allclose(numbers(ours), right, rtol=1e-11, atol=1e-11)


@by_name
def test_derivatives_of_first_and_second_order(row: Row) -> None:
    names = row.names
    kinds = [isinstance(y, Tensor) for y in recorded(row)[1]]

    def joined(*arrays: Any) -> Any:
        results = parts(evaluate(row.numpy, dict(zip(names, arrays, strict=True))))
        kept = [y for y, tensor in zip(results, kinds, strict=True) if tensor]
        if any(isinstance(y, Tensor) for y in kept):
            return ops.concatenate([ops.flatten(y) for y in kept])
        return np.concatenate([np.ravel(y) for y in kept])

    check_gradients(joined, [LEAVES[name] for name in names], tolerance=2e-9)


@pytest.mark.slow
@by_name
def test_float32_stays_float32(row: Row) -> None:
    leaves, results = recorded(row, np.float32)
    _, wide = recorded(row)
    meets_float64 = "np.zeros(" in row.numpy or "astype" in row.numpy
    for y, right in zip(differentiable(results), differentiable(wide), strict=True):
        assert y.dtype == (np.float64 if meets_float64 else np.float32)
        scale = max(1.0, float(np.abs(right.data).max(initial=0.0)))
        np.testing.assert_allclose(y.data, right.data, rtol=1e-3, atol=1e-4 * scale)
        if y.requires_grad:
            y.backward(np.ones_like(y.data))
    gradients = [x.grad for x in leaves.values() if x.grad is not None]
    assert gradients
    assert all(g.dtype == np.float32 for g in gradients)
    assert all(np.isfinite(g).all() for g in gradients)


@pytest.mark.parametrize("expression", PLAIN)
def test_results_without_a_derivative_are_plain(expression: str) -> None:
    arrays = {name: LEAVES[name] for name in names_in(expression)}
    expected = evaluate(expression, arrays)
    result = evaluate(expression, {name: leaf(x) for name, x in arrays.items()})
    assert not isinstance(result, Tensor)
    np.testing.assert_array_equal(result, expected)


# --- with the real PyTorch ------------------------------------------------------------------------

COMPARED = [row for row in ROWS if row.torch != "-"]


def _ours(row: Row) -> list[np.ndarray]:
    leaves, results = recorded(row)
    outputs = differentiable(results)
    inputs = list(leaves.values())
    total: Any = sum(p.sum(y * weights(y.shape, k)) for k, y in enumerate(outputs))
    slopes = pl.gradients(total, inputs, create_graph=True)
    again: Any = sum(p.sum(s * weights(s.shape, 50 + k)) for k, s in enumerate(slopes))
    if isinstance(again, Tensor) and again.requires_grad:
        second = [numbers(s) for s in pl.gradients(again, inputs)]
    else:
        second = [np.zeros(x.shape) for x in inputs]
    return [*map(numbers, outputs), *map(numbers, slopes), *second]


def _theirs(torch: Any, row: Row) -> list[np.ndarray]:
    leaves = {n: torch.tensor(x, requires_grad=True) for n, x in arrays_of(row).items()}
    constants = {
        n: torch.tensor(c) if isinstance(c, np.ndarray) else c for n, c in CONSTANTS.items()
    }
    inputs = list(leaves.values())
    outputs = parts(eval(row.torch, {"torch": torch, **constants, **leaves}))

    def gradients(total: Any) -> list[Any]:
        if not total.requires_grad:
            return [torch.zeros_like(x) for x in inputs]
        slopes = torch.autograd.grad(total, inputs, create_graph=True, allow_unused=True)
        return [
            torch.zeros_like(x) if s is None else s for x, s in zip(inputs, slopes, strict=True)
        ]

    total = sum((y * torch.tensor(weights(y.shape, k))).sum() for k, y in enumerate(outputs))
    slopes = gradients(total)
    again = sum((s * torch.tensor(weights(s.shape, 50 + k))).sum() for k, s in enumerate(slopes))
    return [x.numpy(force=True) for x in (*outputs, *slopes, *gradients(again))]


@pytest.mark.parity
@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row.numpy)
def test_values_and_derivatives_are_those_of_pytorch(row: Row) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = _ours(row), _theirs(torch, row)
    assert len(ours) == len(theirs)
    for found, right in zip(ours, theirs, strict=True):
        assert found.shape == right.shape
        scale = max(1.0, float(np.abs(right).max(initial=0.0)))
        np.testing.assert_allclose(found, right, rtol=1e-9, atol=1e-10 * scale)
