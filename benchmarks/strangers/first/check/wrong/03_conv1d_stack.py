import numpy as np

rng = np.random.default_rng(12)
signal = rng.normal(size=(4, 14))       # 4 signals with 14 samples each
target = rng.normal(size=4)

parameters = {
    "k1": rng.normal(size=5) * 0.6,
    "c1": np.array(0.1),
    "k2": rng.normal(size=3) * 0.6,
    "c2": np.array(-0.2),
    "v": rng.normal(size=8) * 0.4,
}


def conv(x, k, c):
    n = len(x) - len(k) + 1
    out = np.zeros(n)
    for i in range(n):
        for j in range(len(k)):
            out[i] += x[i + j] * k[j]
    return out + c


def conv_backward(dout, x, k):
    dx = np.zeros_like(x)
    dk = np.zeros_like(k)
    K = len(k)
    for i in range(len(dout)):
        for j in range(K):
            dk[j] += dout[i] * x[i + j]
            dx[i + j] += dout[i] * k[K - 1 - j]
    return dx, dk, dout.mean()


def run(x, p):
    h1 = conv(x, p["k1"], p["c1"])
    a1 = np.tanh(h1)
    h2 = conv(a1, p["k2"], p["c2"])
    a2 = np.tanh(h2)
    return a1, a2, a2 @ p["v"]


def loss(p):
    total = 0.0
    for x, t in zip(signal, target):
        total += 0.5 * (run(x, p)[2] - t) ** 2
    return total / len(signal)


def gradients(p):
    g = {name: np.zeros_like(value, dtype=float) for name, value in p.items()}
    N = len(signal)
    for x, t in zip(signal, target):
        a1, a2, out = run(x, p)
        d = (out - t) / N
        g["v"] += d * a2
        dh2 = d * p["v"] * (1 - a2 ** 2)
        da1, dk2, dc2 = conv_backward(dh2, a1, p["k2"])
        dh1 = da1 * (1 - a1 ** 2)
        _, dk1, dc1 = conv_backward(dh1, x, p["k1"])
        g["k1"] += dk1
        g["k2"] += dk2
        g["c1"] += dc1
        g["c2"] += dc2
    return g
