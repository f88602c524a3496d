"""Biases added after the activation; samples in columns."""

import numpy as np

source = np.random.RandomState(3)
X, Y = source.randn(2, 9), source.rand(1, 9)
parameters = {"U": source.randn(4, 2), "b": source.randn(4, 1), "V": source.randn(1, 4)}


def forward(p):
    z = p["U"] @ X
    h = 1 / (1 + np.exp(-z)) + p["b"]
    return z, h, np.tanh(p["V"] @ h)


def loss(p):
    return np.mean((forward(p)[2] - Y) ** 2) / 2


def gradients(p):
    z, h, o = forward(p)  # noqa: RUF059  (z is for the mistakes)
    s = h - p["b"]
    do = (o - Y) * (1 - o**2) / Y.shape[1]
    dh = p["V"].T @ do
    dz = dh * s * (1 - s)
    return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}


# --- planted mistakes ---

MISTAKES = """
bias through the slope: wrong-source at db
- return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}
+ return {"U": dz @ X.T, "b": dz.sum(axis=1, keepdims=True), "V": do @ h.T}

slope at activation and bias: wrong-derivative at layer 1
- dz = dh * s * (1 - s)
+ dz = dh * h * (1 - h)

input of the activation: wrong-factor at dV
- return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}
+ return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ z.T}

without the bias: wrong-factor at dV
- return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}
+ return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ s.T}

slope missing in dV: missing-derivative at dV
- return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}
+ return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": (o - Y) @ h.T / 9}

bias through the slope, no slope in dV: wrong-source or missing-derivative anywhere
- return {"U": dz @ X.T, "b": dh.sum(axis=1, keepdims=True), "V": do @ h.T}
+ return {"U": dz @ X.T, "b": dz.sum(axis=1, keepdims=True), "V": (o - Y) @ h.T / 9}
"""
