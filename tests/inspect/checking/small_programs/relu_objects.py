"""Layers as objects, rows are samples."""

import numpy as np

gen = np.random.default_rng(12)
DATA, WANTED = gen.normal(size=(6, 3)), gen.normal(size=(6, 3))
parameters = {
    "first.W": gen.normal(size=(3, 3)), "first.b": gen.normal(size=3),
    "last.W": gen.normal(size=(3, 3)), "last.b": gen.normal(size=3),
}  # fmt: skip


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        return self.z

    def backward(self, dz):
        self.dW = self.x.T @ dz
        self.db = dz.sum(axis=0)
        return dz @ self.W.T


class Relu:
    def forward(self, z):
        self.z = z
        return np.maximum(0, z)

    def backward(self, da):
        dz = da.copy()
        dz[self.z <= 0] = 0
        return dz


def network(p):
    return [Dense(p["first.W"], p["first.b"]), Relu(), Dense(p["last.W"], p["last.b"])]


def loss(p):
    x = DATA
    for layer in network(p):
        x = layer.forward(x)
    return np.mean(np.sum((x - WANTED) ** 2, axis=1))


def gradients(p):
    net, x = network(p), DATA
    for layer in net:
        x = layer.forward(x)
    up = 2 * (x - WANTED) / len(x)
    for layer in reversed(net):
        up = layer.backward(up)
    first, last = net[0], net[2]
    return {"first.W": first.dW, "first.b": first.db, "last.W": last.dW, "last.b": last.db}


# --- planted mistakes ---

MISTAKES = """
mask alone: missing-upstream at layer 1
- dz[self.z <= 0] = 0
+ dz[self.z <= 0] = 0; dz[self.z > 0] = 1

own output in place of the input: wrong-factor anywhere
- self.dW = self.x.T @ dz
+ self.dW = self.z.T @ dz

everything in one: summed-over-everything anywhere
- self.db = dz.sum(axis=0)
+ self.db = np.full(3, dz.sum())

only the last sample: bias-not-summed anywhere
- self.db = dz.sum(axis=0)
+ self.db = dz[-1]

first sample left out: left-out anywhere
- self.dW = self.x.T @ dz
+ self.dW = self.x[1:].T @ dz[1:]

mask alone, biases in one: missing-upstream or summed-over-everything anywhere
- dz[self.z <= 0] = 0
+ dz[self.z <= 0] = 0; dz[self.z > 0] = 1
...
- self.db = dz.sum(axis=0)
+ self.db = np.full(3, dz.sum())
"""
