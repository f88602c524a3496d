import numpy as np


class Autoencoder:
    """Encoder s(xW + b), decoder hW' + c with the same W."""

    def __init__(self, p):
        self.W, self.b, self.c = p["W"], p["b"], p["c"]

    def encode(self, x):
        return 1 / (1 + np.exp(-(x @ self.W + self.b)))

    def decode(self, h):
        return h @ self.W.T + self.c

    def backprop(self, x):
        h = self.encode(x)
        out = self.decode(h)
        d_out = (out - x) / len(x)
        grad_c = d_out.sum(0)
        grad_W = d_out.T @ h
        d_h = d_out @ self.W
        d_z = d_h * h * (1 - h)
        grad_W = x.T @ d_z
        grad_b = d_z.sum(0)
        return grad_W, grad_b, grad_c


rng = np.random.RandomState(13)
data = rng.rand(9, 6)
parameters = {"W": rng.randn(6, 3) * 0.4, "b": np.zeros(3), "c": np.zeros(6)}


def loss(parameters):
    net = Autoencoder(parameters)
    out = net.decode(net.encode(data))
    return 0.5 * np.sum((out - data) ** 2) / len(data)


def gradients(parameters):
    W, b, c = Autoencoder(parameters).backprop(data)
    return {"W": W, "b": b, "c": c}
