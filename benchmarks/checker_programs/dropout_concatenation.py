"""Dropout, a connection by concatenation, a clipped cross-entropy."""

import numpy as np

rng = np.random.default_rng(14)
n = 6
x = rng.normal(size=(n, 3))
y = rng.integers(0, 2, size=n)
keep = 0.7
mask = (rng.random((n, 4)) < keep) / keep
P = parameters = {
    "W1": rng.normal(size=(3, 4)),
    "b1": rng.normal(size=4) * 0.3,
    "W2": rng.normal(size=(7, 4)),
    "b2": rng.normal(size=4) * 0.3,
    "w3": rng.normal(size=(4,)),
    "b3": rng.normal(size=()) * 0.3,
}
relu = lambda v: v * (v > 0)


def net(p):
    z1 = x @ p["W1"] + p["b1"]
    h1 = relu(z1) * mask
    cat = np.concatenate([h1, x], axis=1)
    z2 = cat @ p["W2"] + p["b2"]
    h2 = np.tanh(z2)
    logit = h2 @ p["w3"] + p["b3"]
    return z1, h1, cat, z2, h2, logit


def loss(p):
    logit = net(p)[-1]
    prob = 1 / (1 + np.exp(-logit))
    prob = np.clip(prob, 1e-9, 1 - 1e-9)
    return -(y * np.log(prob) + (1 - y) * np.log(1 - prob)).mean()


def gradients(p):
    z1, h1, cat, z2, h2, logit = net(p)
    prob = 1 / (1 + np.exp(-logit))
    dlogit = (prob - y) / n
    dw3 = h2.T @ dlogit
    db3 = dlogit.sum()
    dh2 = dlogit[:, None] * p["w3"][None, :]
    dz2 = dh2 * (1 - h2**2)
    dW2 = cat.T @ dz2
    db2 = dz2.sum(axis=0)
    dcat = dz2 @ p["W2"].T
    dh1 = dcat[:, :4]
    dz1 = dh1 * mask * (z1 > 0)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "w3": dw3, "b3": db3}


# --- planted mistakes ---

MISTAKES = """
dropout mask forgotten: missing-factor at layer 1
- dz1 = dh1 * mask * (z1 > 0)
+ dz1 = dh1 * (z1 > 0)

dropout 1/keep forgotten: factor or missing-factor or wrong-factor at layer 1
- dz1 = dh1 * mask * (z1 > 0)
+ dz1 = dh1 * (mask > 0) * (z1 > 0)

dropout twice: extra-factor or wrong-factor at layer 1
- dz1 = dh1 * mask * (z1 > 0)
+ dz1 = dh1 * mask * mask * (z1 > 0)

relu missing: missing-derivative at layer 1
- dz1 = dh1 * mask * (z1 > 0)
+ dz1 = dh1 * mask

relu of the gradient: wrong-mask at layer 1
- dz1 = dh1 * mask * (z1 > 0)
+ dz1 = dh1 * mask * (dh1 > 0)

wrong half of cat: wrong-order anywhere
- dh1 = dcat[:, :4]
+ dh1 = dcat[:, 3:]

tanh missing: missing-derivative at layer 2
- dz2 = dh2 * (1 - h2**2)
+ dz2 = dh2

tanh at z: derivative-at-pre-activation at layer 2
- dz2 = dh2 * (1 - h2**2)
+ dz2 = dh2 * (1 - z2**2)

sigmoid extra: extra-derivative or squared-error-gradient at layer 3
- dlogit = (prob - y) / n
+ dlogit = (prob - y) * prob * (1 - prob) / n

n forgotten: factor at the loss
- dlogit = (prob - y) / n
+ dlogit = prob - y

sign: sign at the loss
- dlogit = (prob - y) / n
+ dlogit = (y - prob) / n

rounded prob: wrong-output at layer 3
- dlogit = (prob - y) / n
+ dlogit = ((prob > 0.5) - y) / n

b2 mean: factor at db2
- db2 = dz2.sum(axis=0)
+ db2 = dz2.mean(axis=0)

b1 not summed: bias-not-summed at db1
- db1 = dz1.sum(axis=0)
+ db1 = dz1

b1 axis: bias-axis at db1
- db1 = dz1.sum(axis=0)
+ db1 = dz1.sum()

z2 in dw3: wrong-factor at dw3
- dw3 = h2.T @ dlogit
+ dw3 = z2.T @ dlogit

w3 updated first: updated-first at layer 3
+ p["w3"] = p["w3"] - 0.3 * dw3
  dh2 = dlogit[:, None] * p["w3"][None, :]

logit instead of prob: wrong-output at layer 3
- dlogit = (prob - y) / n
+ dlogit = (logit - y) / n
"""
