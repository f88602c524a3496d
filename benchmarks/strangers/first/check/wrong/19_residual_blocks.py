import numpy as np

rng = np.random.RandomState(3)
n, d, h = 6, 4, 5
x0 = rng.randn(n, 3)
t = rng.randn(n)

parameters = {"Win": rng.randn(3, d) * 0.5, "wout": rng.randn(d) * 0.5}
for k in range(3):
    parameters[f"A{k}"] = rng.randn(d, h) * 0.4
    parameters[f"B{k}"] = rng.randn(h, d) * 0.4


def forward(p):
    x = x0 @ p["Win"]
    tape = []
    for k in range(3):
        pre = x @ p[f"A{k}"]
        act = np.where(pre > 0, pre, np.exp(pre) - 1)      # ELU
        tape.append((x, pre, act))
        x = x + act @ p[f"B{k}"]
    return x, tape


def loss(p):
    x, _ = forward(p)
    return np.mean((x @ p["wout"] - t) ** 2)


def gradients(p):
    g = {}
    x, tape = forward(p)
    err = 2 * (x @ p["wout"] - t) / n
    g["wout"] = x.T @ err
    dx = np.outer(err, p["wout"])
    for k in (2, 1, 0):
        xin, pre, act = tape[k]
        g[f"B{k}"] = act.T @ dx
        dpre = (dx @ p[f"B{k}"].T) * np.where(pre > 0, 1.0, np.exp(pre))
        g[f"A{k}"] = xin.T @ dpre
        dx = dpre @ p[f"A{k}"].T
    g["Win"] = x0.T @ dx
    return g
