"""A memory cell with a forget gate, states in arrays over time."""

import numpy as np

r = np.random.RandomState(8)
T, D, H = 4, 2, 3
xs, want = r.randn(T, D), r.randn(H)
parameters = {
    "Wf": r.randn(D + H, H) * 0.5, "bf": r.randn(H) * 0.3,
    "Wg": r.randn(D + H, H) * 0.5, "bg": r.randn(H) * 0.3,
}  # fmt: skip


def sig(v):
    return 1 / (1 + np.exp(-v))


def run(p):
    c, f, g, z = [np.zeros(H)], [], [], []
    for t in range(T):
        z.append(np.concatenate([xs[t], np.tanh(c[t])]))
        f.append(sig(z[t] @ p["Wf"] + p["bf"]))
        g.append(np.tanh(z[t] @ p["Wg"] + p["bg"]))
        c.append(f[t] * c[t] + (1 - f[t]) * g[t])
    return c, f, g, z


def loss(p):
    return 0.5 * np.sum((run(p)[0][-1] - want) ** 2)


def gradients(p):
    c, f, g, z = run(p)
    d = {k: np.zeros_like(v) for k, v in p.items()}
    dc = c[T] - want
    for t in reversed(range(T)):
        df = dc * (c[t] - g[t]) * f[t] * (1 - f[t])
        dg = dc * (1 - f[t]) * (1 - g[t] ** 2)
        dz = p["Wf"] @ df + p["Wg"] @ dg
        d["Wf"] += np.outer(z[t], df)
        d["bf"] += df
        d["Wg"] += np.outer(z[t], dg)
        d["bg"] += dg
        dc = dc * f[t] + dz[D:] * (1 - np.tanh(c[t]) ** 2)
    return d


# --- planted mistakes ---

MISTAKES = """
state before, index negative: wrong-factor anywhere
- df = dc * (c[t] - g[t]) * f[t] * (1 - f[t])
+ df = dc * (c[t - 1] - g[t]) * f[t] * (1 - f[t])

state after: wrong-factor anywhere
- df = dc * (c[t] - g[t]) * f[t] * (1 - f[t])
+ df = dc * (c[t + 1] - g[t]) * f[t] * (1 - f[t])

gate of the step before: wrong-factor anywhere
- dc = dc * f[t] + dz[D:] * (1 - np.tanh(c[t]) ** 2)
+ dc = dc * f[t - 1] + dz[D:] * (1 - np.tanh(c[t]) ** 2)

inputs of the step before: wrong-factor at dWg
- d["Wg"] += np.outer(z[t], dg)
+ d["Wg"] += np.outer(z[t - 1], dg)

no slope in dWg: missing-derivative at dWg
- d["Wg"] += np.outer(z[t], dg)
+ d["Wg"] += np.outer(z[t], dc * (1 - f[t]))

sums in the bias: summed-over-everything at dbf
- d["bf"] += df
+ d["bf"] += np.sum(df)
"""
