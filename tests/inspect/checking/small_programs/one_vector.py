"""A network of equal layers and a single example: vectors everywhere."""

import numpy as np

rng = np.random.RandomState(6)
N = 4
parameters = {k: rng.randn(N, N) * 0.7 for k in ("A", "B")}
parameters.update({k: rng.randn(N) * 0.2 for k in ("a", "b")})
x, y = rng.randn(N), rng.rand(N)


def sigma(u):
    return 1 / (1 + np.exp(-u))


def layers(p):
    h = sigma(p["A"] @ x + p["a"])
    o = sigma(p["B"] @ h + p["b"])
    return h, o


def loss(p):
    return -np.sum(y * np.log(layers(p)[1]) + (1 - y) * np.log(1 - layers(p)[1]))


def gradients(p):
    h, o = layers(p)
    d = o - y
    e = (p["B"].T @ d) * h * (1 - h)
    return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}


# --- planted mistakes ---

MISTAKES = """
np.dot in both: dot-for-outer anywhere
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.dot(e, x), "a": e, "B": np.dot(d, h), "b": d}

np.dot in one: dot-for-outer at dB
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(e, x), "a": e, "B": d.dot(h), "b": d}

np.dot of the own output: dot-for-outer at dA
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.dot(e, h), "a": e, "B": np.outer(d, h), "b": d}

entry by entry: dot-for-outer anywhere
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": e * x, "a": e, "B": d * h, "b": d}

own output: wrong-factor at dA
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(e, h), "a": e, "B": np.outer(d, h), "b": d}

transposed: transposed anywhere
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(x, e), "a": e, "B": np.outer(h, d), "b": d}

delta of the layer above: wrong-source at da
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(e, x), "a": d, "B": np.outer(d, h), "b": d}

no slope in dA, dot in dB: missing-derivative or dot-for-outer anywhere
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(p["B"].T @ d, x), "a": e, "B": np.dot(d, h), "b": d}

reversed and summed: flipped-kernel or summed-over-everything anywhere
- return {"A": np.outer(e, x), "a": e, "B": np.outer(d, h), "b": d}
+ return {"A": np.outer(e, x), "a": e[::-1], "B": np.outer(d, h), "b": np.full(4, d.sum())}
"""
