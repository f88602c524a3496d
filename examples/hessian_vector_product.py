"""The sharpest direction of a loss, found without ever forming the Hessian.

The Hessian H of a network with n weights has n² entries: for a million weights, four terabytes. But
its product with a vector costs about two gradients (Pearlmutter, 1994):

    H v = ∇ (∇f · v)

and power iteration needs nothing else to find the largest eigenvalue λ, called the sharpness. It
says how large a learning rate may be. Along its eigenvector, gradient descent multiplies the
distance to the valley's floor by (1 − rate · λ) in each step, which shrinks only if rate < 2 / λ.

This program trains a small network written as a NumPy formula, finds λ, checks it against the whole
Hessian, which is still small enough here, and tries a rate below and one above 2 / λ.

Run it:  python examples/hessian_vector_product.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import pellucid as pl
from pellucid.dtypes import Array

HIDDEN = 8
SIZE = 2 * HIDDEN + HIDDEN + HIDDEN + 1


def points(count: int = 60) -> tuple[Array, Array]:
    """Draw points of the plane, with y = 1 mostly inside of the unit circle."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.5, 1.5, size=(count, 2))
    return x, (np.sum(x**2, axis=1) + 0.5 * rng.standard_normal(count) < 1).astype(float)


def loss_on(x: Array, y: Array) -> Callable[[Any], Any]:
    """Return the loss as a function of all weights in one vector: a 2-8-1 network of tanh units."""

    def loss(theta: Any) -> Any:
        W1 = np.reshape(theta[: 2 * HIDDEN], (2, HIDDEN))
        b1 = theta[2 * HIDDEN : 3 * HIDDEN]
        w2 = theta[3 * HIDDEN : 4 * HIDDEN]
        b2 = theta[-1]
        z = np.dot(np.tanh(np.dot(x, W1) + b1), w2) + b2
        # mean of max(z, 0) − z·y + ln(1 + e^(−|z|)): cross-entropy from logits, without overflow
        return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

    return loss


def descend(loss: Callable[[Any], Any], theta: Array, rate: float, steps: int) -> Array:
    """Take `steps` steps of gradient descent."""
    slope_of = pl.grad(loss)
    for _ in range(steps):
        theta = theta - rate * slope_of(theta)
    return theta


def sharpness(
    loss: Callable[[Any], Any], theta: Array, iterations: int = 200
) -> tuple[float, Array]:
    """Return the Hessian's eigenvalue of largest size and its eigenvector, by power iteration."""
    v = np.random.default_rng(1).standard_normal(theta.shape)
    eigenvalue = 0.0
    for _ in range(iterations):
        v = v / np.linalg.norm(v)
        product = pl.hessian_vector_product(loss, theta, v)
        eigenvalue, v = float(v @ product), product
    return eigenvalue, v / np.linalg.norm(v)


def whole_hessian(loss: Callable[[Any], Any], theta: Array) -> Array:
    """Return the Hessian, one column per product with a unit vector."""
    columns = [pl.hessian_vector_product(loss, theta, unit) for unit in np.eye(theta.size)]
    return np.stack(columns, axis=1)


def main() -> None:
    """Find the sharpness of a trained network, and what it says about the learning rate."""
    loss = loss_on(*points())
    theta = descend(loss, 0.5 * np.random.default_rng(2).standard_normal(SIZE), 0.5, 2000)
    print(f"loss after 2,000 steps: {loss(theta):.4f}")

    eigenvalue, direction = sharpness(loss, theta)
    exact = np.linalg.eigvalsh(whole_hessian(loss, theta))
    print(f"sharpness by power iteration: {eigenvalue:.6f}")
    print(f"from the whole {SIZE} × {SIZE} Hessian: {exact[-1]:.6f}, smallest {exact[0]:.6f}")

    print(f"\nSo the rate must stay below 2 / λ = {2 / eigenvalue:.3f}. Starting a little uphill:")
    start = theta + 0.01 * direction
    for share in (0.5, 0.9, 1.1, 1.3):
        rate = share * 2 / eigenvalue
        after = [loss(descend(loss, start, rate, steps)) for steps in (0, 20, 40, 60)]
        print(f"rate {rate:6.3f}   loss " + " → ".join(f"{value:.4f}" for value in after))


if __name__ == "__main__":
    main()
