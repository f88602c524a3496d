import numpy as np

np.random.seed(7)
T, n_in, n_h, n_out = 6, 3, 5, 2
xs = [np.random.randn(n_in, 1) for _ in range(T)]
ys = [np.random.randn(n_out, 1) for _ in range(T)]

parameters = {
    "Wxh": np.random.randn(n_h, n_in) * 0.4,
    "Whh": np.random.randn(n_h, n_h) * 0.4,
    "Why": np.random.randn(n_out, n_h) * 0.4,
    "bh": np.zeros((n_h, 1)),
    "by": np.zeros((n_out, 1)),
}


def run(p):
    hs = {-1: np.zeros((n_h, 1))}
    outs = {}
    for t in range(T):
        hs[t] = np.tanh(p["Wxh"] @ xs[t] + p["Whh"] @ hs[t - 1] + p["bh"])
        outs[t] = p["Why"] @ hs[t] + p["by"]
    return hs, outs


def loss(p):
    _, outs = run(p)
    return sum(0.5 * np.sum((outs[t] - ys[t]) ** 2) for t in range(T))


def gradients(p):
    hs, outs = run(p)
    grads = {k: np.zeros_like(v) for k, v in p.items()}
    dhnext = np.zeros((n_h, 1))
    for t in reversed(range(T)):
        dy = outs[t] - ys[t]
        grads["Why"] += dy @ hs[t].T
        grads["by"] += dy
        dh = p["Why"].T @ dy + dhnext
        draw = (1 - hs[t] * hs[t]) * dh
        grads["bh"] += draw
        grads["Wxh"] += draw @ xs[t].T
        grads["Whh"] += draw @ hs[t].T
        dhnext = p["Whh"].T @ draw
    return grads
