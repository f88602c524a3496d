"""RMS norm and a Poisson loss."""

import numpy as np

rs = np.random.RandomState(12)
x = rs.randn(7, 4)
counts = rs.poisson(2.0, size=7)
parameters = {
    "A": rs.randn(4, 4) * 0.7,
    "scale": 1 + 0.2 * rs.randn(4),
    "w": rs.randn(4) * 0.5,
    "b": 0.1,
}


def forward(p):
    u = x @ p["A"]
    ms = (u**2).mean(axis=1)
    r = 1 / np.sqrt(ms + 1e-8)
    n = u * r[:, None]
    v = n * p["scale"]
    a = np.tanh(v)
    eta = a @ p["w"] + p["b"]
    return u, r, n, v, a, eta


def loss(p):
    eta = forward(p)[-1]
    return np.mean(np.exp(eta) - counts * eta)


def gradients(p):
    u, r, n, v, a, eta = forward(p)
    N, D = u.shape
    deta = (np.exp(eta) - counts) / N
    dw = a.T @ deta
    db = deta.sum()
    da = np.outer(deta, p["w"])
    dv = da * (1 - np.square(a))
    dscale = np.sum(dv * n, axis=0)
    dn = dv * p["scale"]
    du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D
    dA = x.T @ du
    return {"A": dA, "scale": dscale, "w": dw, "b": db}


# --- planted mistakes ---

MISTAKES = """
rms term forgotten: missing-term or stopped anywhere
- du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D
+ du = dn * r[:, None]

rms /D forgotten: factor or missing-factor anywhere
- du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D
+ du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None]

rms sign: sign anywhere
- du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D
+ du = dn * r[:, None] + u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D

rms r power: wrong-factor or wrong-derivative or missing-factor anywhere
- du = dn * r[:, None] - u * (r**3)[:, None] * np.sum(dn * u, axis=1)[:, None] / D
+ du = dn * r[:, None] - u * (r**2)[:, None] * np.sum(dn * u, axis=1)[:, None] / D

scale forgotten: missing-factor anywhere
- dn = dv * p["scale"]
+ dn = dv

dscale with u: wrong-factor at dscale
- dscale = np.sum(dv * n, axis=0)
+ dscale = np.sum(dv * u, axis=0)

tanh missing: missing-derivative anywhere
- dv = da * (1 - np.square(a))
+ dv = da

tanh at v: derivative-at-pre-activation anywhere
- dv = da * (1 - np.square(a))
+ dv = da * (1 - np.square(v))

tanh as sigmoid: other-derivative anywhere
- dv = da * (1 - np.square(a))
+ dv = da * a * (1 - a)

exp forgotten: missing-derivative or wrong-derivative anywhere
- deta = (np.exp(eta) - counts) / N
+ deta = (eta - counts) / N

exp' one: missing-derivative anywhere
- deta = (np.exp(eta) - counts) / N
+ deta = (1 - counts) / N

counts forgotten: missing-term or missing-target anywhere
- deta = (np.exp(eta) - counts) / N
+ deta = np.exp(eta) / N

mean: factor at the loss
- deta = (np.exp(eta) - counts) / N
+ deta = np.exp(eta) - counts

sign: sign at the loss
- deta = (np.exp(eta) - counts) / N
+ deta = (counts - np.exp(eta)) / N

dA transposed: transposed at dA
- dA = x.T @ du
+ dA = du.T @ x

b mean: factor at db
- db = deta.sum()
+ db = deta.mean()

v in dw: wrong-factor at dw
- dw = a.T @ deta
+ dw = v.T @ deta

n missing in dscale: missing-factor at dscale
- dscale = np.sum(dv * n, axis=0)
+ dscale = np.sum(dv, axis=0)
"""
