"""Soft targets at a temperature, the Kullback-Leibler divergence, einsum backwards."""

import numpy as np

rng = np.random.default_rng(21)
B, D, H, K = 5, 3, 4, 3
X = rng.normal(size=(B, D))
Q = rng.random((B, K))
Q = Q / Q.sum(axis=1, keepdims=True)
T = 2.5
parameters = {
    "W": rng.normal(size=(D, H)),
    "b": 0.1 * rng.normal(size=H),
    "R": rng.normal(size=(H, K)),
    "s": 0.1 * rng.normal(size=K),
}


def softmax(z):
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def forward(p):
    a = np.tanh(X @ p["W"] + p["b"])
    logits = a @ p["R"] + p["s"]
    return a, logits, softmax(logits / T)


def loss(p):
    _, _, P = forward(p)
    kl = (Q * (np.log(Q) - np.log(P))).sum(axis=1)
    return T**2 * kl.mean()


def gradients(p):
    a, logits, P = forward(p)
    dlogits = T * (P - Q) / B
    dR = np.einsum("bh,bk->hk", a, dlogits)
    ds = np.einsum("bk->k", dlogits)
    da = np.einsum("bk,hk->bh", dlogits, p["R"])
    dz = da * (1 - a * a)
    dW = np.einsum("bd,bh->dh", X, dz)
    db = np.einsum("bh->h", dz)
    return {"W": dW, "b": db, "R": dR, "s": ds}


# --- planted mistakes ---

MISTAKES = """
T forgotten (no chain 1/T): missing-factor or factor anywhere
- dlogits = T * (P - Q) / B
+ dlogits = T**2 * (P - Q) / B

T^2 forgotten: missing-factor or factor anywhere
- dlogits = T * (P - Q) / B
+ dlogits = (P - Q) / T / B

T nowhere: missing-factor or factor anywhere
- dlogits = T * (P - Q) / B
+ dlogits = (P - Q) / B

softmax without T: wrong-factor or missing-factor anywhere
- dlogits = T * (P - Q) / B
+ dlogits = T * (softmax(logits) - Q) / B

mean forgotten: factor at the loss
- dlogits = T * (P - Q) / B
+ dlogits = T * (P - Q)

mean over all: factor at the loss
- dlogits = T * (P - Q) / B
+ dlogits = T * (P - Q) / Q.size

sign: sign at the loss
- dlogits = T * (P - Q) / B
+ dlogits = T * (Q - P) / B

Jacobian applied again: squared-error-gradient or extra-derivative at layer 2
- dlogits = T * (P - Q) / B
+ dlogits = T * (P - Q) / B * P * (1 - P)

only -Q/P: softmax skipped: missing-derivative at layer 2
- dlogits = T * (P - Q) / B
+ dlogits = -T * Q / P / B

only -Q: missing-shift at layer 2
- dlogits = T * (P - Q) / B
+ dlogits = -T * Q / B

tanh missing: missing-derivative at layer 1
- dz = da * (1 - a * a)
+ dz = da

tanh as sigmoid: other-derivative at layer 1
- dz = da * (1 - a * a)
+ dz = da * a * (1 - a)

1 - a: wrong-derivative at layer 1
- dz = da * (1 - a * a)
+ dz = da * (1 - a)

tanh' of tanh: derivative-at-activation at layer 1
- dz = da * (1 - a * a)
+ dz = da * (1 - np.tanh(a) ** 2)

db mean: factor at db
- db = np.einsum("bh->h", dz)
+ db = dz.mean(0)
"""
