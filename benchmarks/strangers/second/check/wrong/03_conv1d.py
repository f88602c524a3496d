import numpy as np

# one-dimensional convolution by loops, then a mean and a squared error
gen = np.random.default_rng(11)
signals = gen.normal(size=(4, 10))
targets = gen.normal(size=4)
K = 3

parameters = {
    "kernel": gen.normal(size=K),
    "bias": np.array([0.2]),
    "w_out": gen.normal(size=10 - K + 1),
}


def conv(x, kernel, bias):
    out = np.zeros(len(x) - K + 1)
    for i in range(len(out)):
        for j in range(K):
            out[i] += x[i + j] * kernel[j]
        out[i] += bias[0]
    return out


def loss(p):
    total = 0.0
    for x, t in zip(signals, targets):
        h = np.tanh(conv(x, p["kernel"], p["bias"]))
        total += (h @ p["w_out"] - t) ** 2
    return total / len(signals)


def gradients(p):
    g = {name: np.zeros_like(value) for name, value in p.items()}
    for x, t in zip(signals, targets):
        h = np.tanh(conv(x, p["kernel"], p["bias"]))
        dy = 2 * (h @ p["w_out"] - t) / len(signals)
        g["w_out"] += dy * h
        dpre = dy * p["w_out"] * (1 - h**2)
        for i in range(len(dpre)):
            for j in range(K):
                g["kernel"][j] += x[i + K - 1 - j] * dpre[i]
            g["bias"][0] += dpre[i]
    return g
