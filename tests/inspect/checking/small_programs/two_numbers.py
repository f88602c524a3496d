"""A recurrent unit whose parameters are plain numbers; sums of bits and a decay."""

import numpy as np

rng = np.random.default_rng(1)
bits = rng.integers(0, 2, size=(12, 6)).astype(float)
goal = bits.sum(axis=1)
parameters = {"gain": 0.9, "decay": 0.8, "offset": 0.1}


def run(p):
    s = [np.zeros(12)]
    for k in range(6):
        s.append(s[-1] * p["decay"] + bits[:, k] * p["gain"] + p["offset"])
    return s


def loss(p):
    return np.mean((run(p)[-1] - goal) ** 2)


def gradients(p):
    s = run(p)
    g = 2 * (s[-1] - goal) / 12
    found = {"gain": 0.0, "decay": 0.0, "offset": 0.0}
    for k in range(5, -1, -1):
        found["gain"] += np.sum(g * bits[:, k])
        found["decay"] += np.sum(g * s[k])
        found["offset"] += np.sum(g)
        g = g * p["decay"]
    return found


# --- planted mistakes ---

MISTAKES = """
state after: wrong-factor at ddecay
- found["decay"] += np.sum(g * s[k])
+ found["decay"] += np.sum(g * s[k + 1])

state before, index negative: wrong-factor at ddecay
- found["decay"] += np.sum(g * s[k])
+ found["decay"] += np.sum(g * s[k - 1])

bit of another step: wrong-factor at dgain
- found["gain"] += np.sum(g * bits[:, k])
+ found["gain"] += np.sum(g * bits[:, k - 1])

only one step: overwritten at doffset
- found["offset"] += np.sum(g)
+ found["offset"] = np.sum(g)

no decay on the way back: missing-factor anywhere
- g = g * p["decay"]
+ g = g * 1.0

two states off: wrong-factor or overwritten anywhere
- found["decay"] += np.sum(g * s[k])
- found["offset"] += np.sum(g)
+ found["decay"] += np.sum(g * s[k + 1])
+ found["offset"] = np.sum(g)
"""
