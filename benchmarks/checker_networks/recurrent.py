"""A recurrent layer over time."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected, Network
from checker_networks.parts import (
    ACTIVATIONS,
    at,
    bias,
    parameter_faults,
    slope,
    slope_faults,
    weight,
)

__all__ = ["recurrent"]


def recurrent(kind: str) -> Network:
    """A recurrent layer over five steps with a target at every step, and its way back in time."""
    rng = np.random.default_rng(9)
    n, steps, units = 3, 5, 4
    X, Y = rng.normal(size=(n, steps, 2)), rng.normal(size=(n, steps, 3))
    parameters = {
        "Wx": rng.normal(size=(2, units)), "Wh": rng.normal(size=(units, units)) / 2,
        "bh": 0.3 * rng.normal(size=units),
        "Wy": rng.normal(size=(units, 3)), "by": 0.3 * rng.normal(size=3),
    }  # fmt: skip
    act = ACTIVATIONS[kind]

    def forward(p):
        zs, hs, outs = {}, {-1: np.zeros((n, units))}, {}
        for t in range(steps):
            zs[t] = X[:, t] @ p["Wx"] + hs[t - 1] @ p["Wh"] + p["bh"]
            hs[t] = act(zs[t])
            outs[t] = hs[t] @ p["Wy"] + p["by"]
        return zs, hs, outs

    def loss(p):
        _, _, outs = forward(p)
        total = 0.0
        for t in range(steps):
            total += np.sum((outs[t] - Y[:, t]) ** 2) / n
        return total

    def gradients(p, faults=()):
        zs, hs, outs = forward(p)
        g = {name: np.zeros_like(value) for name, value in p.items()}
        dh_next = np.zeros((n, units))
        for t in reversed(range(steps)):
            dy = 2 * (outs[t] - Y[:, t]) / (1 if "sum instead of mean" in faults else n)
            if "factor 2" in faults:
                dy = dy / 2
            if "sign" in faults:
                dy = -dy
            dh = dy @ p["Wy"].T + (0 if "through time forgotten" in faults else dh_next)
            dz = dh * slope(kind, zs[t], hs[t], at(faults, 1))
            parts = {
                "Wx": X[:, t].T @ dz,
                "Wh": (hs[t] if "wrong step in dWh" in faults else hs[t - 1]).T @ dz,
                "bh": bias("bh", dz, faults),
                "Wy": hs[t].T @ dy,
                "by": bias("by", dy, faults),
            }
            for name, part in parts.items():
                over = f"overwritten d{name}" in faults
                g[name] = part if over else g[name] + part
            dh_next = dz @ (p["Wh"] if "transposed Wh" in faults else p["Wh"].T)
        if "transposed dWh" in faults:
            g["Wh"] = g["Wh"].T
        return {name: weight(name, value, faults, n) for name, value in g.items()}

    layers = {"Wx": 1, "Wh": 1, "bh": 1, "Wy": 2, "by": 2}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "factor 2": (("factor",), None),
        "sign": (("sign",), None),
        "through time forgotten": (("missing-term",), None),
        "transposed Wh": (("transposed",), 1),
        "transposed dWh": (("transposed",), 1),
        "wrong step in dWh": (("wrong-factor",), 1),
        **{f"overwritten d{name}": (("overwritten",), layers[name]) for name in ("Wx", "Wh", "Wy")},
        **slope_faults(kind, 1),
        **parameter_faults(["Wx", "Wh", "Wy"], ["bh", "by"], layers),
    }
    for name in ("not summed dbh", "not summed dby", "wrong axis dbh", "wrong axis dby"):
        faults.pop(name)  # the shapes do not fit an accumulated gradient: NumPy itself refuses
    return Network(f"recurrent {kind}", parameters, loss, gradients, faults)
