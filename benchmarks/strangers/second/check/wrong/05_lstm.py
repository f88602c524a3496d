import numpy as np

rs = np.random.RandomState(0)
T, D, H = 4, 2, 3
xs = rs.randn(T, D)
target = rs.randn(H)


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


parameters = {}
for gate in "fiog":
    parameters["W" + gate] = rs.randn(H, H + D) * 0.5
    parameters["b" + gate] = rs.randn(H) * 0.1


def forward(p):
    h, c, cache = np.zeros(H), np.zeros(H), []
    for x in xs:
        z = np.concatenate([h, x])
        f = sigmoid(p["Wf"] @ z + p["bf"])
        i = sigmoid(p["Wi"] @ z + p["bi"])
        o = sigmoid(p["Wo"] @ z + p["bo"])
        g = np.tanh(p["Wg"] @ z + p["bg"])
        c_prev = c
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        cache.append((z, f, i, o, g, c_prev, c))
    return h, cache


def loss(p):
    h, _ = forward(p)
    return 0.5 * np.sum((h - target) ** 2)


def gradients(p):
    h, cache = forward(p)
    grads = {k: np.zeros_like(v) for k, v in p.items()}
    dh, dc = h - target, np.zeros(H)
    for z, f, i, o, g, c_prev, c in cache[::-1]:
        dc = dc + dh * o * (1 - np.tanh(c) ** 2)
        da = {
            "o": dh * np.tanh(c) * o * (1 - o),
            "f": dc * c * f * (1 - f),
            "i": dc * g * i * (1 - i),
            "g": dc * i * (1 - g**2),
        }
        dz = np.zeros(H + D)
        for gate, d in da.items():
            grads["W" + gate] += np.outer(d, z)
            grads["b" + gate] += d
            dz += p["W" + gate].T @ d
        dh = dz[:H]
        dc = dc * f
    return grads
