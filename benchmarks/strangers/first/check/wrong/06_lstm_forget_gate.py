import numpy as np

rng = np.random.RandomState(0)
D, H, T = 2, 3, 5
inputs = rng.randn(T, D)
goal = 0.7


def init(rows, cols):
    return rng.randn(rows, cols) / np.sqrt(cols)


parameters = {}
for gate in "fico":
    parameters["W" + gate] = init(H, H + D)
    parameters["b" + gate] = np.zeros(H)
parameters["w"] = rng.randn(H)


def sig(x):
    return 1 / (1 + np.exp(-x))


class LSTM:
    def __init__(self, p):
        self.p = p

    def forward(self, xs):
        p = self.p
        h, c = np.zeros(H), np.zeros(H)
        self.steps = []
        for x in xs:
            z = np.concatenate([h, x])
            f = sig(p["Wf"] @ z + p["bf"])
            i = sig(p["Wi"] @ z + p["bi"])
            g = np.tanh(p["Wc"] @ z + p["bc"])
            o = sig(p["Wo"] @ z + p["bo"])
            c_old = c
            c = f * c_old + i * g
            h = o * np.tanh(c)
            self.steps.append((z, f, i, g, o, c, c_old))
        self.h = h
        return p["w"] @ h

    def backward(self, d):
        p = self.p
        grads = {k: np.zeros_like(v) for k, v in p.items()}
        grads["w"] = d * self.h
        dh, dc = d * p["w"], np.zeros(H)
        for z, f, i, g, o, c, c_old in reversed(self.steps):
            tc = np.tanh(c)
            do = dh * tc * o * (1 - o)
            dc = dc + dh * o * (1 - tc ** 2)
            df = dc * c * f * (1 - f)
            di = dc * g * i * (1 - i)
            dg = dc * i * (1 - g ** 2)
            dz = np.zeros(H + D)
            for name, dgate in (("f", df), ("i", di), ("c", dg), ("o", do)):
                grads["W" + name] += np.outer(dgate, z)
                grads["b" + name] += dgate
                dz += p["W" + name].T @ dgate
            dh = dz[:H]
            dc = dc * f
        return grads


def loss(p):
    return (LSTM(p).forward(inputs) - goal) ** 2


def gradients(p):
    net = LSTM(p)
    out = net.forward(inputs)
    return net.backward(2 * (out - goal))
