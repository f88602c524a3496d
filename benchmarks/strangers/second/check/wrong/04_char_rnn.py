"""Character RNN after the 112-line gist; hidden state is a column vector."""
import numpy as np

data = "hello well"
chars = sorted(set(data))
ix = {c: i for i, c in enumerate(chars)}
V, H = len(chars), 6
inputs = [ix[c] for c in data[:-1]]
targets = [ix[c] for c in data[1:]]
np.random.seed(5)
parameters = dict(
    Wxh=np.random.randn(H, V) * 0.4,
    Whh=np.random.randn(H, H) * 0.4,
    Why=np.random.randn(V, H) * 0.4,
    bh=np.zeros((H, 1)),
    by=np.zeros((V, 1)),
)


def run(p):
    xs, hs, ps = {}, {-1: np.zeros((H, 1))}, {}
    total = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(p["Wxh"] @ xs[t] + p["Whh"] @ hs[t - 1] + p["bh"])
        y = p["Why"] @ hs[t] + p["by"]
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        total += -np.log(ps[t][targets[t], 0])
    return total, xs, hs, ps


def loss(p):
    return run(p)[0]


def gradients(p):
    _, xs, hs, ps = run(p)
    d = {k: np.zeros_like(v) for k, v in p.items()}
    dhnext = np.zeros((H, 1))
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        d["Why"] += dy @ hs[t].T
        d["by"] += dy
        dh = p["Why"].T @ dy + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        d["bh"] += dhraw
        d["Wxh"] += dhraw @ xs[t].T
        d["Whh"] += dhraw @ hs[t - 1].T
        dhnext = p["Whh"] @ dhraw
    return d
