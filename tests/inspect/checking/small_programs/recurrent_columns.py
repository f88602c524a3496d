"""A recurrent network in column vectors; the list of states starts with the initial one."""

import numpy as np

r = np.random.RandomState(2)
T, D, H = 5, 2, 3
seq, goals = r.randn(T, D, 1), r.randn(T, H, 1)
parameters = {"Wx": r.randn(H, D) * 0.6, "Wh": r.randn(H, H) * 0.6, "b": r.randn(H, 1) * 0.3}


def states(p):
    hs = [np.zeros((H, 1))]
    for x in seq:
        hs.append(np.tanh(p["Wx"] @ x + p["Wh"] @ hs[-1] + p["b"]))
    return hs


def loss(p):
    hs = states(p)
    return 0.5 * sum(np.sum((hs[t + 1] - goals[t]) ** 2) for t in range(T))


def gradients(p):
    hs = states(p)
    g = {k: np.zeros_like(v) for k, v in p.items()}
    later = np.zeros((H, 1))
    for t in range(T - 1, -1, -1):
        dh = hs[t + 1] - goals[t] + later
        dz = dh * (1 - hs[t + 1] ** 2)
        g["Wx"] += dz @ seq[t].T
        g["Wh"] += dz @ hs[t].T
        g["b"] += dz
        later = p["Wh"].T @ dz
    return g


# --- planted mistakes ---

MISTAKES = """
state after the step: wrong-factor at dWh
- g["Wh"] += dz @ hs[t].T
+ g["Wh"] += dz @ hs[t + 1].T

state two before, index negative: wrong-factor at dWh
- g["Wh"] += dz @ hs[t].T
+ g["Wh"] += dz @ hs[t - 1].T

last state: wrong-factor at dWh
- g["Wh"] += dz @ hs[t].T
+ g["Wh"] += dz @ hs[-1].T

input one step off: wrong-factor at dWx
- g["Wx"] += dz @ seq[t].T
+ g["Wx"] += dz @ seq[t - 1].T

inputs in reverse: wrong-factor at dWx
- g["Wx"] += dz @ seq[t].T
+ g["Wx"] += dz @ seq[T - 1 - t].T

only one step: overwritten at dWx
- g["Wx"] += dz @ seq[t].T
+ g["Wx"] = dz @ seq[t].T

slope forgotten in the bias: missing-derivative at db
- g["b"] += dz
+ g["b"] += dh

first step left out: left-out anywhere
- g["Wx"] += dz @ seq[t].T
+ g["Wx"] += (t > 0) * dz @ seq[t].T

two off: wrong-factor anywhere
- g["Wx"] += dz @ seq[t].T
- g["Wh"] += dz @ hs[t].T
+ g["Wx"] += dz @ seq[t - 1].T
+ g["Wh"] += dz @ hs[t + 1].T

slope of the state before: wrong-derivative at layer 1
- dz = dh * (1 - hs[t + 1] ** 2)
+ dz = dh * (1 - hs[t] ** 2)
"""
