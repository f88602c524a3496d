"""Gradients against finite differences, first and second order.

Both sides are projected on random vectors, so that one comparison of two numbers stands for a whole
Jacobian (as HIPS/autograd does). The difference quotient is the four-point one, whose error is
O(h⁴): with h = 5e-4 it is exact to about eleven digits, so that tolerances can be tight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import primitives as p
from pellucid.tensor import Tensor

STEP = 5e-4
TOLERANCE = 1e-9

Function = Callable[..., Any]


def numbers(value: Any) -> np.ndarray:
    """Plain numbers of a result, which may be a Tensor, an array or a scalar."""
    return np.asarray(value.data if isinstance(value, Tensor) else value)


def leaf(array: Any) -> Tensor:
    """A copy of `array` that wants a gradient."""
    return pl.tensor(np.array(array), requires_grad=True)


def slope(
    function: Callable[..., float], arrays: Sequence[Any], directions: Sequence[Any]
) -> float:
    """Derivative of a function to numbers along `directions`, by the four-point quotient."""

    def at(t: float) -> float:
        moved = [x + t * STEP * v for x, v in zip(arrays, directions, strict=True)]
        return float(function(*moved))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def _disagreement(found: float, expected: float, size: float) -> float:
    return abs(found - expected) / max(1.0, abs(expected), size)


def projection(function: Function, arrays: Sequence[Any], seed: int = 0) -> Function:
    """Return `function` followed by a fixed random projection on a single number."""
    shape = numbers(function(*arrays)).shape
    weights = np.random.default_rng([seed, 1]).normal(size=shape)
    return lambda *inputs: p.sum(p.multiply(function(*inputs), weights))


def differentiated(function: Function, seed: int, arrays: Sequence[Any]) -> Function:
    """Return the gradient of a number-valued function, projected on random vectors, recorded."""
    generator = np.random.default_rng([seed, 2])
    vectors = [generator.normal(size=np.shape(x)) for x in arrays]

    def projected(*inputs: Any) -> Any:
        variables = [x if isinstance(x, Tensor) else leaf(x) for x in inputs]
        output = function(*variables)
        if not (isinstance(output, Tensor) and output.requires_grad):
            return p.sum(p.multiply(variables[0], 0.0))
        slopes = pl.gradients(output, variables, create_graph=True)
        parts = [p.sum(p.multiply(s, v)) for s, v in zip(slopes, vectors, strict=True)]
        total = parts[0]
        for part in parts[1:]:
            total = p.add(total, part)
        return total

    return projected


def worst_disagreement(
    function: Function, arrays: Sequence[Any], *, order: int = 2, seed: int = 0
) -> float:
    """Largest relative disagreement with finite differences, of all orders and inputs.

    Parameters
    ----------
    function : callable
        From as many float64 arrays as there are in `arrays`, to one array.
    arrays : sequence of float64 arrays
        The point, at a distance of at least 4 `STEP` from any kink.
    order : int
        Highest order of derivative that is checked.
    """
    arrays = [np.asarray(x, dtype=np.float64) for x in arrays]
    scalar = projection(function, arrays, seed)
    worst = 0.0
    for depth in range(1, order + 1):
        variables = [leaf(x) for x in arrays]
        output = scalar(*variables)
        if isinstance(output, Tensor) and output.requires_grad:
            output.backward()
        found = [
            np.zeros_like(x) if v.grad is None else v.grad
            for x, v in zip(arrays, variables, strict=True)
        ]
        generator = np.random.default_rng([seed, 3, depth])

        def number(*inputs: Any, scalar: Function = scalar) -> float:
            return float(numbers(scalar(*inputs)))

        for i, x in enumerate(arrays):
            directions = [np.zeros_like(a) for a in arrays]
            directions[i] = generator.normal(size=x.shape)
            expected = slope(number, arrays, directions)
            actual = float(np.sum(found[i] * directions[i]))
            worst = max(worst, _disagreement(actual, expected, abs(number(*arrays))))
        scalar = differentiated(scalar, seed + depth, arrays)
    return worst


def check_gradients(
    function: Function, arrays: Sequence[Any], *, order: int = 2, tolerance: float = TOLERANCE
) -> None:
    """Assert that gradients up to `order` agree with finite differences."""
    worst = worst_disagreement(function, arrays, order=order)
    assert worst < tolerance, f"gradient is off by {worst:.2e} (relative) from finite differences"
