import numpy as np

rng = np.random.default_rng(6)
depth, width = 5, 4
data = rng.normal(size=(width, 16))             # columns are samples
want = rng.normal(size=(width, 16)) * 0.5

parameters = {}
for l in range(depth):
    parameters[f"W{l}"] = rng.normal(size=(width, width)) / np.sqrt(width)
    parameters[f"b{l}"] = rng.normal(size=(width, 1)) * 0.1


def unpack(p):
    return [p[f"W{l}"] for l in range(depth)], [p[f"b{l}"] for l in range(depth)]


def activations(p):
    Ws, bs = unpack(p)
    acts = [data]
    for W, b in zip(Ws, bs):
        acts.append(np.tanh(W @ acts[-1] + b))
    return acts


def loss(p):
    return 0.5 * np.sum((activations(p)[-1] - want) ** 2) / data.shape[1]


def gradients(p):
    Ws, bs = unpack(p)
    acts = activations(p)
    m = data.shape[1]
    grads = {}
    delta = (acts[-1] - want) / m * (1 - acts[-1] ** 2)
    for l in reversed(range(depth)):
        grads[f"W{l}"] = delta @ acts[l].T
        grads[f"b{l}"] = delta.sum(axis=1, keepdims=True)
        if l > 0:
            delta = (Ws[l - 1].T @ delta) * (1 - acts[l] ** 2)
    return grads
