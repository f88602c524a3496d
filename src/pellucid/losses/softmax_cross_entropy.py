"""The loss of nearly every classifier, as one primitive with a gradient of one pass.

Per row, L = w·(ln Σⱼ e^zⱼ − z_y), and ∂L/∂z = w·(softmax(z) − one_hot(y)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import GradientError
from pellucid.primitives.declaration import Primitive, Value

__all__ = ["softmax_cross_entropy", "softmax_cross_entropy_gradient"]

# With few classes the rows are too short for NumPy's reductions, and a copy with the classes first,
# reduced over whole columns, is two to four times faster; with many, the copy costs more.
_FEW_CLASSES = 48


def _shifted(z: Array) -> Array:
    """Copy `z` (N, C) as (C, N), minus the largest logit of each sample."""
    few = z.shape[1] <= _FEW_CLASSES
    s = np.array(z.T, order="C" if few else "F")
    s -= np.maximum.reduce(s, axis=0)
    return s


def _loss(z: Array, labels: Array, weights: Any) -> Array:
    s = _shifted(z)
    hit = s[labels, np.arange(len(labels))]
    np.exp(s, out=s)
    losses = np.log(np.add.reduce(s, axis=0))
    losses -= hit
    if isinstance(weights, float):
        return np.add.reduce(losses) * weights
    return np.add.reduce(losses * weights)


def _gradient(g: Any, z: Array, labels: Array, weights: Any) -> Array:
    s = _shifted(z)
    np.exp(s, out=s)
    scale = g * weights
    s *= scale / np.add.reduce(s, axis=0)
    s[labels, np.arange(len(labels))] -= scale
    return np.ascontiguousarray(s.T)


def _constant(*_: Value, **__: Value) -> Value:
    raise GradientError(
        "the labels and weights of softmax_cross_entropy are constants: they have no gradient"
    )


def _column(scale: Value) -> Value:
    """Lay one number, or one per sample, along the rows of (N, C)."""
    return p.reshape(scale, shape=(-1, 1)) if scale.shape else scale


def _gradient_cotangent_vjp(
    u: Value, d: Value, g: Value, z: Value, labels: Value, weights: Value
) -> Value:
    return p.sum(p.multiply(u, softmax_cross_entropy_gradient(1.0, z, labels, weights)))


def _gradient_logits_vjp(
    u: Value, d: Value, g: Value, z: Value, labels: Value, weights: Value
) -> Value:
    # The Hessian of a row is w·(diag q − q qᵀ), with q the softmax.
    q = p.exp(p.log_softmax(z, axis=1))
    weighted = p.multiply(q, u)
    bent = p.subtract(weighted, p.multiply(q, p.sum(weighted, axis=1, keepdims=True)))
    return p.multiply(bent, _column(p.multiply(g, weights)))


softmax_cross_entropy: Primitive = Primitive(
    "softmax_cross_entropy",
    "Σᵢ wᵢ·(ln Σⱼ e^zᵢⱼ − zᵢ[labelᵢ])",
    _loss,
    source="softmax_cross_entropy({0}, {1}, {2})",
    vjps=[
        lambda g, y, z, labels, weights: softmax_cross_entropy_gradient(g, z, labels, weights),
        _constant,
        _constant,
    ],
    about="Logits (N, C), labels (N,), weights one number or (N,). "
    "The softmax is shifted by the largest logit, so that it never overflows. Bridle (1990).",
)
softmax_cross_entropy_gradient: Primitive = Primitive(
    "softmax_cross_entropy_gradient",
    "g·w·(softmax(z) − one_hot(label))",
    _gradient,
    source="softmax_cross_entropy_gradient({0}, {1}, {2}, {3})",
    vjps=[_gradient_cotangent_vjp, _gradient_logits_vjp, _constant, _constant],
    about="The derivative of softmax_cross_entropy by its logits, itself differentiable.",
)
