"""First and second derivatives of every case against finite differences, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.derivatives import gradients
from pellucid.losses import get_loss
from pellucid.primitives import multiply
from pellucid.primitives import sum as total
from pellucid.tensor import Tensor

STEP = 1e-6


def _direction(x: np.ndarray, phase: float) -> np.ndarray:
    return np.cos(np.arange(x.size) * 2.3 + phase).reshape(x.shape)


def _prepared(case: Any) -> tuple[list[np.ndarray], Callable[[list[np.ndarray]], Any]]:
    """Return the differentiated inputs, and a function of them: (loss, inputs as Tensors)."""
    inputs = case.typed("float64")

    def loss(points: list[np.ndarray]) -> tuple[Tensor, list[Tensor]]:
        variables = [Tensor(x, requires_grad=True) for x in points]
        arguments = {**inputs, **dict(zip(case.differentiate, variables, strict=True))}
        return get_loss(case.loss)(*arguments.values(), **case.settings), variables

    return [inputs[name] for name in case.differentiate], loss


def _moved(points: list[np.ndarray], directions: list[np.ndarray], step: float) -> list[np.ndarray]:
    return [x + step * v for x, v in zip(points, directions, strict=True)]


def _directions(case: Any, points: list[np.ndarray]) -> list[np.ndarray]:
    found = []
    for name, x, phase in zip(case.differentiate, points, (0.0, 1.0, 2.0), strict=False):
        v = _direction(x, phase)
        if name == "y" and case.loss in ("cross_entropy", "kl_divergence"):
            # Targets go on summing to 1, or a check would refuse the moved ones.
            v -= v.mean(axis=1, keepdims=True)
        found.append(v)
    return found


def test_first_derivative(any_case: Any) -> None:
    points, loss = _prepared(any_case)
    directions = _directions(any_case, points)
    value, variables = loss(points)
    found = gradients(value, variables)
    slope = sum(float((g * v).sum()) for g, v in zip(found, directions, strict=True))
    ahead, behind = (loss(_moved(points, directions, s))[0].item() for s in (STEP, -STEP))
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * STEP), rtol=1e-6, atol=1e-8)


def test_second_derivative(any_case: Any) -> None:
    points, loss = _prepared(any_case)
    directions = _directions(any_case, points)
    value, variables = loss(points)
    found = gradients(value, variables, create_graph=True)
    slope = total(multiply(found[0], directions[0]))
    for g, v in zip(found[1:], directions[1:], strict=True):
        slope = slope + total(multiply(g, v))
    bent = (
        gradients(slope, variables) if slope.requires_grad else [np.zeros_like(x) for x in points]
    )
    ahead, behind = (gradients(*loss(_moved(points, directions, s))) for s in (STEP, -STEP))
    for mine, after, before in zip(bent, ahead, behind, strict=True):
        np.testing.assert_allclose(mine, (after - before) / (2 * STEP), rtol=1e-5, atol=1e-7)
