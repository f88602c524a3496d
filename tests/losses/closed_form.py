"""Losses that PyTorch lacks, from their papers: values and gradients in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Formula:
    """One way to call one loss, with its values and the gradients of Σ c·ℓ, all by hand."""

    loss: str
    name: str
    inputs: dict[str, np.ndarray]
    values: Callable[..., np.ndarray]
    slopes: Callable[..., list[np.ndarray]]
    settings: dict[str, Any] = field(default_factory=dict)
    differentiate: tuple[str, ...] = ("p",)
    reductions: tuple[str, ...] = ("none", "mean", "sum")

    @property
    def id(self) -> str:
        return f"{self.loss}-{self.name}"

    def typed(self, dtype: str) -> dict[str, np.ndarray]:
        return {
            name: x.astype(dtype) if x.dtype.kind == "f" else x for name, x in self.inputs.items()
        }


rng = np.random.default_rng(2024)
FORMULAS: list[Formula] = []

# --- log-cosh: ln cosh(p − y), slope tanh(p − y) --------------------------------------------------

FORMULAS.append(
    Formula(
        "log_cosh",
        "plain",
        {"p": rng.normal(size=(5, 3)) * 3, "y": rng.normal(size=(5, 3))},
        lambda p, y: np.log(np.cosh(p - y)),
        lambda c, p, y: [c * np.tanh(p - y)],
    )
)

# --- contrastive: Hadsell, Chopra and LeCun (2006), equation 4 ------------------------------------


def contrastive_values(a: np.ndarray, b: np.ndarray, y: np.ndarray, margin: float) -> np.ndarray:
    distance = np.sqrt(((a - b) ** 2).sum(axis=1))
    return (1 - y) / 2 * distance**2 + y / 2 * np.maximum(0, margin - distance) ** 2


def contrastive_slopes(
    c: np.ndarray, a: np.ndarray, b: np.ndarray, y: np.ndarray, margin: float
) -> list[np.ndarray]:
    distance = np.sqrt(((a - b) ** 2).sum(axis=1))
    along = c * ((1 - y) - y * np.maximum(0, margin - distance) / distance)
    return [along[:, None] * (a - b), -along[:, None] * (a - b)]


for margin in (1.0, 2.5):
    FORMULAS.append(
        Formula(
            "contrastive",
            f"margin-{margin}",
            {
                "a": rng.normal(size=(6, 3)),
                "b": rng.normal(size=(6, 3)),
                "y": np.array([0, 1, 1, 0, 1, 1]),
            },
            lambda a, b, y, m=margin: contrastive_values(a, b, y, m),
            lambda c, a, b, y, m=margin: contrastive_slopes(c, a, b, y, m),
            {"margin": margin},
            ("a", "b"),
        )
    )

# --- focal: Lin et al. (2017), equation 5, and the derivative in its appendix B -------------------


def binary_focal_parts(
    z: np.ndarray, y: np.ndarray, alpha: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    side = 2 * y - 1
    p_t = 1 / (1 + np.exp(-side * z))
    alpha_t = np.ones_like(y) if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    return side, p_t, alpha_t


def binary_focal_values(
    z: np.ndarray, y: np.ndarray, gamma: float, alpha: float | None
) -> np.ndarray:
    _, p_t, alpha_t = binary_focal_parts(z, y, alpha)
    return -alpha_t * (1 - p_t) ** gamma * np.log(p_t)


def binary_focal_slopes(
    c: np.ndarray, z: np.ndarray, y: np.ndarray, gamma: float, alpha: float | None
) -> list[np.ndarray]:
    side, p_t, alpha_t = binary_focal_parts(z, y, alpha)
    slope = side * (1 - p_t) ** gamma * (gamma * p_t * np.log(p_t) + p_t - 1)
    return [c * alpha_t * slope]


for gamma, alpha in ((2.0, 0.25), (0.0, None), (0.5, 0.75), (1.0, None)):
    FORMULAS.append(
        Formula(
            "binary_focal",
            f"{gamma}-{alpha}",
            {
                "p": rng.normal(size=(5, 3)) * 2,
                "y": rng.integers(0, 2, size=(5, 3)).astype(np.float64),
            },
            lambda p, y, g=gamma, a=alpha: binary_focal_values(p, y, g, a),
            lambda c, p, y, g=gamma, a=alpha: binary_focal_slopes(c, p, y, g, a),
            {"gamma": gamma, "alpha": alpha},
        )
    )


def focal_values(
    z: np.ndarray, y: np.ndarray, gamma: float, alpha: np.ndarray | None
) -> np.ndarray:
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p_t = q[np.arange(len(y)), y]
    scale = 1.0 if alpha is None else alpha[y]
    return -scale * (1 - p_t) ** gamma * np.log(p_t)


def focal_slopes(
    c: np.ndarray, z: np.ndarray, y: np.ndarray, gamma: float, alpha: np.ndarray | None
) -> list[np.ndarray]:
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p_t = q[np.arange(len(y)), y]
    by_p = gamma * (1 - p_t) ** (gamma - 1) * np.log(p_t) - (1 - p_t) ** gamma / p_t
    by_z = p_t[:, None] * (np.eye(z.shape[1])[y] - q)  # softmax's Jacobian, row of the true class
    scale = 1.0 if alpha is None else alpha[y]
    return [(c * scale * by_p)[:, None] * by_z]


for gamma, weights in (
    (2.0, None),
    (0.0, None),
    (0.5, np.array([0.5, 1.0, 2.0, 0.1])),
    (3.0, None),
):
    FORMULAS.append(
        Formula(
            "focal",
            f"{gamma}-{'plain' if weights is None else 'alpha'}",
            {"p": rng.normal(size=(6, 4)) * 2, "y": rng.integers(0, 4, size=6)},
            lambda p, y, g=gamma, a=weights: focal_values(p, y, g, a),
            lambda c, p, y, g=gamma, a=weights: focal_slopes(c, p, y, g, a),
            {"gamma": gamma, "alpha": weights},
        )
    )

# --- multi-class hinge: Crammer and Singer (2001), section 3 --------------------------------------


def crammer_singer(
    s: np.ndarray, y: np.ndarray, margin: float, power: int
) -> tuple[np.ndarray, np.ndarray]:
    losses, slopes = np.zeros(len(y)), np.zeros_like(s)
    for i, true in enumerate(y):
        rivals = [c for c in range(s.shape[1]) if c != true]
        best = max(rivals, key=lambda c: s[i, c])
        short = margin + s[i, best] - s[i, true]
        if short > 0:
            losses[i] = short**power
            slopes[i, best] += power * short ** (power - 1)
            slopes[i, true] -= power * short ** (power - 1)
    return losses, slopes


for margin, power in ((1.0, 1), (0.3, 1), (1.0, 2)):
    FORMULAS.append(
        Formula(
            "multiclass_hinge",
            f"crammer-singer-{margin}-{power}",
            {"p": rng.normal(size=(6, 4)), "y": rng.integers(0, 4, size=6)},
            lambda p, y, m=margin, e=power: crammer_singer(p, y, m, e)[0],
            lambda c, p, y, m=margin, e=power: [c[:, None] * crammer_singer(p, y, m, e)[1]],
            {"margin": margin, "power": power},
        )
    )
