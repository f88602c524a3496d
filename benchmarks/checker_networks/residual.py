"""A network with a connection past one of its layers."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected, Network
from checker_networks.parts import at, bias, parameter_faults, slope, slope_faults, weight

__all__ = ["residual"]


def residual() -> Network:
    """Two layers with a connection past the second: h2 = h1 + tanh(h1 W2 + b2)."""
    rng = np.random.default_rng(3)
    n, X, Y = 6, rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    parameters = {
        "W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4),
        "W2": rng.normal(size=(4, 4)), "b2": rng.normal(size=4),
        "W3": rng.normal(size=(4, 2)), "b3": rng.normal(size=2),
    }  # fmt: skip

    def forward(p):
        z1 = X @ p["W1"] + p["b1"]
        h1 = np.tanh(z1)
        z2 = h1 @ p["W2"] + p["b2"]
        a2 = np.tanh(z2)
        h2 = h1 + a2
        return z1, h1, z2, a2, h2, h2 @ p["W3"] + p["b3"]

    def loss(p):
        return np.sum((forward(p)[-1] - Y) ** 2) / n

    def gradients(p, faults=()):
        z1, h1, z2, a2, h2, out = forward(p)
        d3 = 2 * (out - Y) / (1 if "sum instead of mean" in faults else n)
        dh2 = d3 @ p["W3"].T
        d2 = dh2 * slope("tanh", z2, a2, at(faults, 2))
        dh1 = d2 @ (p["W2"] if "transposed W2" in faults else p["W2"].T)
        if "skip forgotten" not in faults:
            dh1 = dh1 + dh2
        if "only the skip" in faults:
            dh1 = dh2
        d1 = dh1 * slope("tanh", z1, h1, at(faults, 1))
        return {
            "W1": weight("W1", X.T @ d1, faults, n), "b1": bias("b1", d1, faults),
            "W2": weight("W2", h1.T @ d2, faults, n), "b2": bias("b2", d2, faults),
            "W3": weight("W3", h2.T @ d3, faults, n), "b3": bias("b3", d3, faults),
        }  # fmt: skip

    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "transposed W2": (("transposed",), 2),
        "skip forgotten": (("missing-term",), None),
        "only the skip": (("missing-term",), None),
        **slope_faults("tanh", 1), **slope_faults("tanh", 2),
        **parameter_faults(["W1", "W2", "W3"], ["b1", "b2", "b3"],
                           {f"{x}{k}": k for x in "Wb" for k in (1, 2, 3)}),
    }  # fmt: skip
    return Network("residual", parameters, loss, gradients, faults)
