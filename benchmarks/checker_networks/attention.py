"""One head of attention."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected, Network
from checker_networks.parts import bias, parameter_faults, softmax, weight

__all__ = ["attention"]


def attention() -> Network:
    """Embedding, one head of attention, an output layer, the mean over positions, squared error."""
    rng = np.random.default_rng(13)
    n, steps, d = 3, 4, 5
    X, Y = rng.normal(size=(n, steps, 2)), rng.normal(size=(n, 2))
    parameters = {
        "We": rng.normal(size=(2, d)),
        "Wq": rng.normal(size=(d, d)), "Wk": rng.normal(size=(d, d)),
        "Wv": rng.normal(size=(d, d)) / 2,
        "Wo": rng.normal(size=(d, 2)), "bo": 0.3 * rng.normal(size=2),
    }  # fmt: skip

    def forward(p):
        e = X @ p["We"]
        q, k, v = e @ p["Wq"], e @ p["Wk"], e @ p["Wv"]
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(d)
        weights = softmax(scores)
        c = weights @ v
        pooled = np.mean(c, axis=1)
        return e, q, k, v, weights, c, pooled, pooled @ p["Wo"] + p["bo"]

    def loss(p):
        return 0.5 * np.sum((forward(p)[-1] - Y) ** 2) / n

    def rows(x):
        return x.reshape(-1, x.shape[-1])

    def gradients(p, faults=()):
        e, q, k, v, a, _, pooled, out = forward(p)
        dy = (out - Y) / (1 if "sum instead of mean" in faults else n)
        if "sign" in faults:
            dy = -dy
        dpooled = dy @ p["Wo"].T
        dc = np.repeat(dpooled[:, None], steps, axis=1)
        if "pooling: 1/T forgotten" not in faults:
            dc = dc / steps
        da = dc @ v.transpose(0, 2, 1)
        dv = (a if "transposed weights" in faults else a.transpose(0, 2, 1)) @ dc
        if "diagonal softmax" in faults:
            ds = da * a * (1 - a)
        elif "missing softmax" in faults:
            ds = da
        elif "softmax normaliser" in faults:
            ds = da * a
        else:
            ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
        if "1/sqrt(d) forgotten" not in faults:
            ds = ds / np.sqrt(d)
        dq = (ds.transpose(0, 2, 1) if "transposed scores in dq" in faults else ds) @ k
        dk = (ds if "transposed scores in dk" in faults else ds.transpose(0, 2, 1)) @ q
        de = np.zeros_like(e)
        for name, g in (("q", dq), ("k", dk), ("v", dv)):
            if f"path through {name} forgotten" not in faults:
                W = p[f"W{name}"]
                de = de + g @ (W if f"transposed W{name}" in faults else W.T)
        g = {
            "We": rows(X).T @ rows(de),
            "Wq": rows(e).T @ rows(dq), "Wk": rows(e).T @ rows(dk), "Wv": rows(e).T @ rows(dv),
            "Wo": pooled.T @ dy,
        }  # fmt: skip
        if "dWq and dWk exchanged" in faults:
            g["Wq"], g["Wk"] = g["Wk"], g["Wq"]
        if "transposed dWv" in faults:
            g["Wv"] = g["Wv"].T
        result = {name: weight(name, value, faults, n) for name, value in g.items()}
        return {**result, "bo": bias("bo", dy, faults)}

    layers = {"We": 1, "Wq": 2, "Wk": 2, "Wv": 2, "Wo": 3, "bo": 3}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "sign": (("sign",), None),
        "diagonal softmax": (("diagonal-softmax",), 2),
        "missing softmax": (("missing-derivative",), 2),
        "softmax normaliser": (("softmax-normaliser",), 2),
        "1/sqrt(d) forgotten": (("missing-factor", "factor"), 2),
        "pooling: 1/T forgotten": (("missing-factor", "factor"), 2),
        "transposed scores in dq": (("transposed",), 2),
        "transposed scores in dk": (("transposed",), 2),
        "transposed weights": (("transposed",), 2),
        "transposed dWv": (("transposed",), 2),
        "dWq and dWk exchanged": (("exchanged",), 2),
        **{f"transposed W{x}": (("transposed",), 2) for x in "qkv"},
        **{f"path through {x} forgotten": (("missing-term",), None) for x in "qkv"},
        **parameter_faults(["We", "Wq", "Wk", "Wv", "Wo"], ["bo"], layers),
    }
    return Network("attention", parameters, loss, gradients, faults)
