"""A dense network with batch norm."""

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
    softmax,
    weight,
)

__all__ = ["batch_norm"]


def batch_norm(kind: str) -> Network:
    """Dense, batch norm, activation, dense, softmax cross-entropy."""
    rng = np.random.default_rng(11)
    n, units = 8, 5
    X, labels = rng.normal(size=(n, 3)), rng.integers(0, 3, n)
    parameters = {
        "W1": rng.normal(size=(3, units)), "gamma": 1 + 0.3 * rng.normal(size=units),
        "beta": 0.3 * rng.normal(size=units),
        "W2": rng.normal(size=(units, 3)), "b2": 0.3 * rng.normal(size=3),
    }  # fmt: skip
    act = ACTIVATIONS[kind]

    def forward(p):
        x = X @ p["W1"]
        mu = np.mean(x, axis=0)
        centred = x - mu
        var = np.mean(centred**2, axis=0)
        std = np.sqrt(var + 1e-5)
        xhat = centred / std
        z = p["gamma"] * xhat + p["beta"]
        a = act(z)
        return x, centred, std, xhat, z, a, softmax(a @ p["W2"] + p["b2"])

    def loss(p):
        return -np.mean(np.log(forward(p)[-1][np.arange(n), labels]))

    def gradients(p, faults=()):
        x, centred, std, xhat, z, a, out = forward(p)
        d2 = (out - np.eye(3)[labels]) / (1 if "sum instead of mean" in faults else n)
        if "sign" in faults:
            d2 = -d2
        da = d2 @ p["W2"].T
        dz = da * slope(kind, z, a, at(faults, 1))
        dxhat = dz if "gamma forgotten" in faults else dz * p["gamma"]
        dcentred = dxhat / std
        if "variance a constant" not in faults:
            dvar = np.sum(dxhat * centred, axis=0) * -0.5 / std**3
            if "variance: 1/N forgotten" in faults:
                dvar = dvar * n
            if "variance: sign" in faults:
                dvar = -dvar
            dcentred = dcentred + dvar * 2 * centred / n
        dx = dcentred
        if "mean a constant" not in faults:
            dx = dcentred - np.mean(dcentred, axis=0)
        return {
            "W1": weight("W1", X.T @ dx, faults, n),
            "gamma": np.sum(dz * (x if "x in dgamma" in faults else xhat), axis=0),
            "beta": bias("beta", dz, faults),
            "W2": weight("W2", a.T @ d2, faults, n),
            "b2": bias("b2", d2, faults),
        }

    layers = {"W1": 1, "beta": 1, "W2": 2, "b2": 2}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "sign": (("sign",), None),
        "gamma forgotten": (("missing-factor",), 1),
        "x in dgamma": (("wrong-factor",), 1),
        "variance a constant": (("missing-term", "stopped"), 1),
        "mean a constant": (("missing-term", "stopped"), 1),
        "variance: 1/N forgotten": (("factor", "missing-factor"), 1),
        "variance: sign": (("sign",), 1),
        **slope_faults(kind, 1),
        **parameter_faults(["W1", "W2"], ["beta", "b2"], layers),
    }
    return Network(f"batch norm {kind}", parameters, loss, gradients, faults)
