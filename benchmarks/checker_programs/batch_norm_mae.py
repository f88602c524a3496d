"""Batch norm in its short form, softplus, mean absolute error."""

import numpy as np

rng = np.random.default_rng(8)
X, y = rng.normal(size=(8, 3)), rng.normal(size=(8,))
eps = 1e-5
parameters = {
    "W1": rng.normal(size=(3, 6)),
    "gamma": 1 + 0.2 * rng.normal(size=6),
    "beta": 0.2 * rng.normal(size=6),
    "w2": rng.normal(size=6),
    "b2": 0.3,
}


def forward(p):
    z = X @ p["W1"]
    mu = z.mean(axis=0)
    var = z.var(axis=0)
    inv = 1.0 / np.sqrt(var + eps)
    zn = (z - mu) * inv
    bn = p["gamma"] * zn + p["beta"]
    a = np.log1p(np.exp(bn))
    out = a @ p["w2"] + p["b2"]
    return z, inv, zn, bn, a, out


def loss(p):
    return np.abs(forward(p)[-1] - y).mean()


def gradients(p):
    z, inv, zn, bn, a, out = forward(p)
    m = len(y)
    dout = np.sign(out - y) / m
    dw2 = a.T @ dout
    db2 = dout.sum()
    da = np.outer(dout, p["w2"])
    dbn = da / (1 + np.exp(-bn))
    dgamma = (dbn * zn).sum(axis=0)
    dbeta = dbn.sum(axis=0)
    dzn = dbn * p["gamma"]
    dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
    dW1 = X.T @ dz
    return {"W1": dW1, "gamma": dgamma, "beta": dbeta, "w2": dw2, "b2": db2}


# --- planted mistakes ---

MISTAKES = """
MAE as MSE (diff): wrong-derivative or missing-derivative or other-derivative anywhere
- dout = np.sign(out - y) / m
+ dout = (out - y) / m

MAE as MSE 2: wrong-derivative or missing-derivative or other-derivative anywhere
- dout = np.sign(out - y) / m
+ dout = 2 * (out - y) / m

mean forgotten: factor at the loss
- dout = np.sign(out - y) / m
+ dout = np.sign(out - y)

sign: sign at the loss
- dout = np.sign(out - y) / m
+ dout = np.sign(y - out) / m

softplus' missing: missing-derivative at layer 1
- dbn = da / (1 + np.exp(-bn))
+ dbn = da

softplus' wrong sign: wrong-derivative at layer 1
- dbn = da / (1 + np.exp(-bn))
+ dbn = da / (1 + np.exp(bn))

softplus' at z: wrong-factor or derivative-at-pre-activation or wrong-derivative at layer 1
- dbn = da / (1 + np.exp(-bn))
+ dbn = da / (1 + np.exp(-zn))

bn: only inv: missing-term or stopped at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv * dzn

bn: no mean: missing-term or stopped at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv / m * (m * dzn - zn * (dzn * zn).sum(axis=0))

bn: no var: missing-term or stopped at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv / m * (m * dzn - dzn.sum(axis=0))

bn: no inv: missing-factor at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = 1 / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))

bn: gamma forgotten: missing-factor at layer 1
- dzn = dbn * p["gamma"]
+ dzn = dbn

bn: m forgotten: factor or missing-factor at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))

bn: sums without 1/m: factor or missing-factor at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv * (dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))

bn: sign of mean: sign at layer 1
- dz = inv / m * (m * dzn - dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))
+ dz = inv / m * (m * dzn + dzn.sum(axis=0) - zn * (dzn * zn).sum(axis=0))

dgamma with z: wrong-factor at dgamma
- dgamma = (dbn * zn).sum(axis=0)
+ dgamma = (dbn * z).sum(axis=0)

dgamma = dbeta: missing-factor at dgamma
- dgamma = (dbn * zn).sum(axis=0)
+ dgamma = (dbn).sum(axis=0)

dbeta mean: factor at dbeta
- dbeta = dbn.sum(axis=0)
+ dbeta = dbn.mean(axis=0)

dgamma sum axis 1: bias-axis at dgamma
- dgamma = (dbn * zn).sum(axis=0)
+ dgamma = (dbn * zn).sum()

bn out in dw2: wrong-factor at dw2
- dw2 = a.T @ dout
+ dw2 = bn.T @ dout
"""
