"""An autoencoder whose decoder is the transposed encoder."""

import numpy as np

rng = np.random.default_rng(6)
X = rng.random((8, 5))
lam = 0.02
parameters = {
    "W": rng.normal(size=(5, 3)),
    "b": rng.normal(size=3) * 0.2,
    "c": rng.normal(size=5) * 0.2,
}


def sig(u):
    return np.where(u >= 0, 1 / (1 + np.exp(-u)), np.exp(u) / (1 + np.exp(u)))


def forward(p):
    H = sig(X @ p["W"] + p["b"])
    R = sig(H @ p["W"].T + p["c"])
    return H, R


def loss(p):
    H, R = forward(p)
    return np.sum((R - X) ** 2) / (2 * len(X)) + lam / 2 * np.sum(p["W"] ** 2)


def gradients(p):
    H, R = forward(p)
    m = len(X)
    d2 = (R - X) * R * (1 - R) / m
    d1 = d2 @ p["W"] * H * (1 - H)
    dW = X.T @ d1 + d2.T @ H + lam * p["W"]
    return {"W": dW, "b": d1.sum(axis=0), "c": d2.sum(axis=0)}


# --- planted mistakes ---

MISTAKES = """
decoder part forgotten: missing-term anywhere
- dW = X.T @ d1 + d2.T @ H + lam * p["W"]
+ dW = X.T @ d1 + lam * p["W"]

encoder part forgotten: missing-term anywhere
- dW = X.T @ d1 + d2.T @ H + lam * p["W"]
+ dW = d2.T @ H + lam * p["W"]

penalty forgotten: missing-regulariser anywhere
- dW = X.T @ d1 + d2.T @ H + lam * p["W"]
+ dW = X.T @ d1 + d2.T @ H

penalty twice: factor at the regulariser
- dW = X.T @ d1 + d2.T @ H + lam * p["W"]
+ dW = X.T @ d1 + d2.T @ H + 2 * lam * p["W"]

m forgotten: factor anywhere
- d2 = (R - X) * R * (1 - R) / m
+ d2 = (R - X) * R * (1 - R)

sign: sign anywhere
- d2 = (R - X) * R * (1 - R) / m
+ d2 = (X - R) * R * (1 - R) / m

out derivative forgotten: missing-derivative or cross-entropy-gradient anywhere
- d2 = (R - X) * R * (1 - R) / m
+ d2 = (R - X) / m

hidden derivative forgotten: missing-derivative at layer 1
- d1 = d2 @ p["W"] * H * (1 - H)
+ d1 = d2 @ p["W"]

hidden derivative H(1+H): wrong-derivative at layer 1
- d1 = d2 @ p["W"] * H * (1 - H)
+ d1 = d2 @ p["W"] * H * (1 + H)

hidden tanh: other-derivative at layer 1
- d1 = d2 @ p["W"] * H * (1 - H)
+ d1 = d2 @ p["W"] * (1 - H**2)

f'(H): derivative-at-activation at layer 1
- d1 = d2 @ p["W"] * H * (1 - H)
+ d1 = d2 @ p["W"] * sig(H) * (1 - sig(H))

b mean: factor at db
- return {"W": dW, "b": d1.sum(axis=0), "c": d2.sum(axis=0)}
+ return {"W": dW, "b": d1.mean(axis=0), "c": d2.sum(axis=0)}

c not summed: bias-not-summed at dc
- return {"W": dW, "b": d1.sum(axis=0), "c": d2.sum(axis=0)}
+ return {"W": dW, "b": d1.sum(axis=0), "c": d2}

X in decoder: wrong-factor at dW
- dW = X.T @ d1 + d2.T @ H + lam * p["W"]
+ dW = X.T @ d1 + d2.T @ (X @ p["W"] + p["b"]) + lam * p["W"]

R(1-R) twice: extra-derivative anywhere
- d2 = (R - X) * R * (1 - R) / m
+ d2 = (R - X) * (R * (1 - R)) ** 2 / m

factor 2: factor anywhere
- d2 = (R - X) * R * (1 - R) / m
+ d2 = 2 * (R - X) * R * (1 - R) / m
"""
