"""The losses' own primitives: equal to the chains that they replace, to any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid import primitives as p
from pellucid.derivatives import grad, gradients, hessian_vector_product
from pellucid.errors import GradientError
from pellucid.losses import fused
from pellucid.losses.softmax_cross_entropy import (
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
)
from pellucid.primitives import PRIMITIVES
from pellucid.tensor import Tensor

RNG = np.random.default_rng(7)
LABELS = np.array([1, 0, 2, 1, 2])
ENTRIES = RNG.uniform(0.1, 0.9, size=(5, 3))
WEIGHTS = RNG.uniform(0.5, 2.0, size=5)


def _picked(z: Any, scale: Any) -> Any:
    rows = p.getitem(p.log_softmax(z, axis=1), index=(np.arange(5), LABELS))
    return p.negative(p.sum(p.multiply(rows, scale)))


# Name, fused form, the chain of primitives it stands for, where they are compared.
PAIRS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], np.ndarray]] = {
    "softmax_cross_entropy": (
        lambda z: softmax_cross_entropy(z, LABELS, 0.2),
        lambda z: _picked(z, 0.2),
        RNG.normal(size=(5, 3)),
    ),
    "softmax_cross_entropy, weighted": (
        lambda z: softmax_cross_entropy(z, LABELS, WEIGHTS),
        lambda z: _picked(z, WEIGHTS),
        RNG.normal(size=(5, 3)),
    ),
    "softmax_cross_entropy, many classes": (
        lambda z: softmax_cross_entropy(z, LABELS, WEIGHTS),
        lambda z: _picked(z, WEIGHTS),
        RNG.normal(size=(5, 70)),
    ),
    "logistic_loss": (
        lambda z: p.sum(fused.logistic_loss(z, ENTRIES)),
        lambda z: p.sum(p.subtract(p.softplus(z), p.multiply(z, ENTRIES))),
        RNG.normal(size=(5, 3)),
    ),
    "bernoulli_loss": (
        lambda q: p.sum(fused.bernoulli_loss(q, ENTRIES)),
        lambda q: p.sum(
            p.subtract(
                p.multiply(p.log(p.subtract(1, q)), ENTRIES - 1), p.multiply(p.log(q), ENTRIES)
            )
        ),
        RNG.uniform(0.1, 0.9, size=(5, 3)),
    ),
    "log_cosh": (
        lambda x: p.sum(fused.log_cosh_function(x)),
        lambda x: p.sum(p.log(p.add(p.exp(x), p.exp(p.negative(x))))) - 15 * np.log(2),
        RNG.normal(size=(5, 3)) * 2,
    ),
    "huber": (
        lambda x: p.sum(fused.huber_function(x, delta=0.8)),
        lambda x: p.sum(
            p.where(
                np.abs(getattr(x, "data", x)) <= 0.8,
                p.multiply(p.square(x), 0.5),
                p.multiply(p.subtract(p.absolute(x), 0.4), 0.8),
            )
        ),
        RNG.normal(size=(5, 3)),
    ),
    "weighted_sum": (
        lambda x: fused.weighted_sum(p.exp(x), WEIGHTS[:, None]),
        lambda x: p.sum(p.multiply(p.exp(x), WEIGHTS[:, None])),
        RNG.normal(size=(5, 3)),
    ),
    "weighted_sum, one factor": (
        lambda x: fused.weighted_sum(p.exp(x), 0.25),
        lambda x: p.multiply(p.sum(p.exp(x)), 0.25),
        RNG.normal(size=(5, 3)),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_value_and_derivatives_up_to_the_third(name: str) -> None:
    short, chain, x = PAIRS[name]
    v, w = RNG.normal(size=x.shape), RNG.normal(size=x.shape)

    def third(f: Callable[[Any], Any]) -> Any:
        return grad(lambda t: p.sum(p.multiply(hessian_vector_product(f, t, v), w)))(x)

    np.testing.assert_allclose(short(x), chain(x), rtol=1e-12)
    np.testing.assert_allclose(grad(short)(x), grad(chain)(x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(
        hessian_vector_product(short, x, v), hessian_vector_product(chain, x, v), atol=1e-12
    )
    if name != "huber":  # a piecewise parabola has no third derivative to speak of
        np.testing.assert_allclose(third(short), third(chain), atol=1e-11)


def test_every_primitive_of_the_losses_is_compared() -> None:
    declared = {
        name
        for name, primitive in PRIMITIVES.items()
        if getattr(primitive.forward, "__module__", "").startswith("pellucid.losses")
    }
    compared = {name.split(",")[0] for name in PAIRS}
    assert declared == compared | {softmax_cross_entropy_gradient.name}


def test_the_gradient_primitive_differentiates_by_its_cotangent() -> None:
    z = RNG.normal(size=(5, 3))
    g = Tensor(np.array(1.5), requires_grad=True)
    u = RNG.normal(size=(5, 3))
    value = p.sum(p.multiply(softmax_cross_entropy_gradient(g, z, LABELS, WEIGHTS), u))
    (slope,) = gradients(value, [g])
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(slope, (WEIGHTS[:, None] * (q - np.eye(3)[LABELS]) * u).sum())


def test_weights_of_the_fused_sum_have_a_gradient() -> None:
    x, w = RNG.normal(size=(5, 3)), Tensor(WEIGHTS[:, None], requires_grad=True)
    (slope,) = gradients(fused.weighted_sum(x, w), [w])
    np.testing.assert_allclose(slope, x.sum(axis=1, keepdims=True))


def test_constants_say_that_they_are_constants() -> None:
    weights = Tensor(WEIGHTS, requires_grad=True)
    with pytest.raises(GradientError, match=r"labels and weights .* are constants"):
        softmax_cross_entropy(RNG.normal(size=(5, 3)), LABELS, weights).backward()


@pytest.mark.parametrize("classes", [2, 48, 49, 200])
@pytest.mark.parametrize("transposed", [False, True])
def test_memory_layout_does_not_matter(classes: int, transposed: bool) -> None:
    z = RNG.normal(size=(6, classes)).astype(np.float32)
    labels = RNG.integers(0, classes, size=6)
    x = np.asfortranarray(z) if transposed else z
    before = x.copy()
    g = softmax_cross_entropy_gradient(np.float32(1), x, labels, 1.0)
    q = np.exp(z.astype(np.float64))
    q /= q.sum(axis=1, keepdims=True)
    q[np.arange(6), labels] -= 1
    np.testing.assert_allclose(g, q, atol=1e-6)
    assert g.flags.c_contiguous
    assert g.dtype == np.float32
    np.testing.assert_array_equal(x, before)


def test_log_cosh_keeps_its_digits_near_zero() -> None:
    x = np.array([1e-3, 1e-8, 0.0])
    expected = x**2 / 2 - x**4 / 12
    np.testing.assert_allclose(fused.log_cosh_function(x), expected, rtol=1e-12)


def test_logistic_loss_keeps_its_digits_far_from_zero() -> None:
    z = np.array([30.0, -30.0], dtype=np.float32)
    y = np.array([1.0, 0.0], dtype=np.float32)
    np.testing.assert_allclose(fused.logistic_loss(z, y), np.exp(-30.0), rtol=1e-5)
