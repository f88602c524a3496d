"""A variational autoencoder: reparametrisation, reconstruction and divergence."""

import numpy as np

rng = np.random.RandomState(0)
X = (rng.rand(5, 6) > 0.5).astype(float)
eps = rng.randn(5, 2)
h = 4
parameters = {
    "We": rng.randn(6, h) * 0.6,
    "be": rng.randn(h) * 0.1,
    "Wmu": rng.randn(h, 2) * 0.6,
    "bmu": rng.randn(2) * 0.1,
    "Wlv": rng.randn(h, 2) * 0.6,
    "blv": rng.randn(2) * 0.1,
    "Wd": rng.randn(2, h) * 0.6,
    "bd": rng.randn(h) * 0.1,
    "Wx": rng.randn(h, 6) * 0.6,
    "bx": rng.randn(6) * 0.1,
}


def fwd(p):
    he = np.tanh(X @ p["We"] + p["be"])
    mu = he @ p["Wmu"] + p["bmu"]
    lv = he @ p["Wlv"] + p["blv"]
    std = np.exp(0.5 * lv)
    z = mu + std * eps
    hd = np.tanh(z @ p["Wd"] + p["bd"])
    xr = 1 / (1 + np.exp(-(hd @ p["Wx"] + p["bx"])))
    return he, mu, lv, std, z, hd, xr


def loss(p):
    he, mu, lv, std, z, hd, xr = fwd(p)
    bce = -np.sum(X * np.log(xr) + (1 - X) * np.log(1 - xr))
    kld = -0.5 * np.sum(1 + lv - mu**2 - np.exp(lv))
    return (bce + kld) / len(X)


def gradients(p):
    he, mu, lv, std, z, hd, xr = fwd(p)
    n = len(X)
    dx = (xr - X) / n
    dWx, dbx = hd.T @ dx, dx.sum(0)
    dhd = dx @ p["Wx"].T
    dad = dhd * (1 - hd**2)
    dWd, dbd = z.T @ dad, dad.sum(0)
    dz = dad @ p["Wd"].T
    dmu = dz + mu / n
    dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
    dhe = dmu @ p["Wmu"].T + dlv @ p["Wlv"].T
    dae = dhe * (1 - he**2)
    return {
        "We": X.T @ dae,
        "be": dae.sum(0),
        "Wmu": he.T @ dmu,
        "bmu": dmu.sum(0),
        "Wlv": he.T @ dlv,
        "blv": dlv.sum(0),
        "Wd": dWd,
        "bd": dbd,
        "Wx": dWx,
        "bx": dbx,
    }


# --- planted mistakes ---

MISTAKES = """
KL to mu forgotten: missing-term or missing-regulariser anywhere
- dmu = dz + mu / n
+ dmu = dz

KL to lv forgotten: missing-term or missing-regulariser anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * eps * std * 0.5

whole KL forgotten: missing-term or missing-regulariser or stopped anywhere
- dmu = dz + mu / n
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dmu = dz
+ dlv = dz * eps * std * 0.5

KL -1 forgotten: missing-term anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * eps * std * 0.5 + 0.5 * np.exp(lv) / n

KL exp forgotten: missing-term or missing-derivative anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * eps * std * 0.5 + 0.5 * (0 * lv - 1) / n

KL n forgotten: factor anywhere
- dmu = dz + mu / n
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dmu = dz + mu
+ dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1)

KL n forgotten mu: factor anywhere
- dmu = dz + mu / n
+ dmu = dz + mu

KL sign: sign anywhere
- dmu = dz + mu / n
+ dmu = dz - mu / n

0.5 of std forgotten: missing-factor or factor anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * eps * std + 0.5 * (np.exp(lv) - 1) / n

std forgotten: missing-factor or missing-derivative anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * eps * 0.5 + 0.5 * (np.exp(lv) - 1) / n

eps forgotten: missing-factor anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = dz * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n

reparam path forgotten: missing-term anywhere
- dlv = dz * eps * std * 0.5 + 0.5 * (np.exp(lv) - 1) / n
+ dlv = 0.5 * (np.exp(lv) - 1) / n

dmu path forgotten: missing-term anywhere
- dhe = dmu @ p["Wmu"].T + dlv @ p["Wlv"].T
+ dhe = dlv @ p["Wlv"].T

decoder tanh missing: missing-derivative anywhere
- dad = dhd * (1 - hd**2)
+ dad = dhd

encoder tanh missing: missing-derivative at layer 1
- dae = dhe * (1 - he**2)
+ dae = dhe

bce sigmoid extra: extra-derivative or squared-error-gradient anywhere
- dx = (xr - X) / n
+ dx = (xr - X) * xr * (1 - xr) / n

mu in dWd: wrong-factor at dWd
- dWd, dbd = z.T @ dad, dad.sum(0)
+ dWd, dbd = mu.T @ dad, dad.sum(0)

bce n forgotten: factor anywhere
- dx = (xr - X) / n
+ dx = xr - X

n forgotten everywhere: factor anywhere
- n = len(X)
+ n = 1

sign bce: sign anywhere
- dx = (xr - X) / n
+ dx = (X - xr) / n
"""
