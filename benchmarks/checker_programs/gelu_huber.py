"""GELU by its tanh formula, and the Huber loss."""

import numpy as np
from numpy import pi, sqrt, tanh

r = np.random.default_rng(11)
N = 7
inputs = r.normal(size=(N, 3))
targets = 2 * r.normal(size=(N, 1))
parameters = {
    "U": r.normal(size=(3, 4)),
    "c": 0.3 * r.normal(size=4),
    "V": r.normal(size=(4, 4)),
    "d": 0.3 * r.normal(size=4),
    "w": r.normal(size=(4, 1)),
    "e": np.array(0.1),
}
delta = 1.0
k = sqrt(2 / pi)


def gelu(x):
    return 0.5 * x * (1 + tanh(k * (x + 0.044715 * x**3)))


def gelu_prime(x):
    u = k * (x + 0.044715 * x**3)
    du = k * (1 + 3 * 0.044715 * x**2)
    return 0.5 * (1 + tanh(u)) + 0.5 * x * (1 - tanh(u) ** 2) * du


def model(p):
    z1 = inputs @ p["U"] + p["c"]
    h1 = gelu(z1)
    z2 = h1 @ p["V"] + p["d"]
    h2 = gelu(z2)
    return z1, h1, z2, h2, h2 @ p["w"] + p["e"]


def loss(p):
    pred = model(p)[-1]
    r = pred - targets
    small = np.abs(r) <= delta
    return np.mean(np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))


def gradients(p):
    z1, h1, z2, h2, pred = model(p)
    r = pred - targets
    dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N
    dw = h2.T @ dr
    de = np.sum(dr)
    dz2 = (dr @ p["w"].T) * gelu_prime(z2)
    dV = h1.T @ dz2
    dd = dz2.sum(axis=0)
    dz1 = (dz2 @ p["V"].T) * gelu_prime(z1)
    return {"U": inputs.T @ dz1, "c": dz1.sum(axis=0), "V": dV, "d": dd, "w": dw, "e": de}


# --- planted mistakes ---

MISTAKES = """
huber: no mean: factor at the loss
- dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N
+ dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r))

huber: no clip: wrong-derivative anywhere
- dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N
+ dr = r / N

huber: only sign: wrong-derivative anywhere
- dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N
+ dr = np.sign(r) / N

huber: factor 2: factor or missing-factor anywhere
- dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N
+ dr = np.where(np.abs(r) <= delta, 2 * r, delta * np.sign(r)) / N

sign: sign at the loss
- r = pred - targets
+ r = targets - pred
  dr = np.where(np.abs(r) <= delta, r, delta * np.sign(r)) / N

gelu' first term only: wrong-derivative or missing-term at layers 1, 2
- return 0.5 * (1 + tanh(u)) + 0.5 * x * (1 - tanh(u) ** 2) * du
+ return 0.5 * (1 + tanh(u))

gelu' without du: wrong-derivative or missing-factor or missing-derivative at layers 1, 2
- return 0.5 * (1 + tanh(u)) + 0.5 * x * (1 - tanh(u) ** 2) * du
+ return 0.5 * (1 + tanh(u)) + 0.5 * x * (1 - tanh(u) ** 2)

gelu' forgot 3: wrong-derivative or factor or missing-factor at layers 1, 2
- du = k * (1 + 3 * 0.044715 * x**2)
+ du = k * (1 + 0.044715 * x**2)

gelu' at h2: derivative-at-activation at layer 2
- dz2 = (dr @ p["w"].T) * gelu_prime(z2)
+ dz2 = (dr @ p["w"].T) * gelu_prime(h2)

gelu missing at 1: missing-derivative at layer 1
- dz1 = (dz2 @ p["V"].T) * gelu_prime(z1)
+ dz1 = (dz2 @ p["V"].T) * 1

gelu' = relu': other-derivative at layer 1
- dz1 = (dz2 @ p["V"].T) * gelu_prime(z1)
+ dz1 = (dz2 @ p["V"].T) * (z1 > 0)

V not transposed: transposed at layer 2
- dz1 = (dz2 @ p["V"].T) * gelu_prime(z1)
+ dz1 = (dz2 @ p["V"]) * gelu_prime(z1)

V transposed result: transposed at dV
- dV = h1.T @ dz2
+ dV = dz2.T @ h1

z1 in dV: wrong-factor at dV
- dV = h1.T @ dz2
+ dV = z1.T @ dz2

de mean: factor at de
- de = np.sum(dr)
+ de = np.mean(dr)

dd keep axis 1: bias-not-summed at dd
- dd = dz2.sum(axis=0)
+ dd = dz2

h2 in dV: wrong-factor at dV
- dV = h1.T @ dz2
+ dV = h2.T @ dz2
"""
