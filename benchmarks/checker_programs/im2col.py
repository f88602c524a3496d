"""A convolution as one product with columns of patches."""

import numpy as np

rng = np.random.default_rng(9)
N, C, HW, F, k = 3, 1, 5, 2, 3
images = rng.normal(size=(N, C, HW, HW))
onehot = np.eye(3)[[2, 0, 1]]
parameters = {
    "w1": rng.normal(size=(F, C * k * k)) * 0.5,
    "b1": rng.normal(size=(F, 1)) * 0.2,
    "w2": rng.normal(size=(F * 9, 3)) * 0.5,
    "b2": rng.normal(size=(1, 3)) * 0.2,
}


def im2col(x):
    n, c, h, w = x.shape
    oh, ow = h - k + 1, w - k + 1
    cols = np.empty((c * k * k, n * oh * ow))
    col = 0
    for b in range(n):
        for i in range(oh):
            for j in range(ow):
                cols[:, col] = x[b, :, i : i + k, j : j + k].reshape(-1)
                col += 1
    return cols


def forward(p):
    cols = im2col(images)
    z = p["w1"] @ cols + p["b1"]  # F, N*9
    a = np.tanh(z)
    maps = a.reshape(F, N, 3, 3).transpose(1, 0, 2, 3)
    flat = maps.reshape(N, -1)
    logits = flat @ p["w2"] + p["b2"]
    ex = np.exp(logits - logits.max(axis=1)[:, None])
    return cols, z, a, flat, ex / ex.sum(axis=1)[:, None]


def loss(p):
    probs = forward(p)[-1]
    return -np.sum(onehot * np.log(np.clip(probs, 1e-12, 1.0))) / N


def gradients(p):
    cols, z, a, flat, probs = forward(p)
    dlogits = (probs - onehot) / N
    dw2 = flat.T @ dlogits
    db2 = dlogits.sum(axis=0, keepdims=True)
    dflat = dlogits @ p["w2"].T
    da = dflat.reshape(N, F, 3, 3).transpose(1, 0, 2, 3).reshape(F, -1)
    dz = da * (1 - a**2)
    dw1 = dz @ cols.T
    db1 = dz.sum(axis=1, keepdims=True)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}


# --- planted mistakes ---

MISTAKES = """
transpose forgotten: wrong-order or transposed at layers 1, 2
- da = dflat.reshape(N, F, 3, 3).transpose(1, 0, 2, 3).reshape(F, -1)
+ da = dflat.reshape(F, -1)

transpose in wrong order: wrong-order or transposed at layers 1, 2
- da = dflat.reshape(N, F, 3, 3).transpose(1, 0, 2, 3).reshape(F, -1)
+ da = dflat.reshape(N, F, 3, 3).transpose(1, 0, 3, 2).reshape(F, -1)

tanh missing: missing-derivative at layer 1
- dz = da * (1 - a**2)
+ dz = da

tanh at z: derivative-at-pre-activation at layer 1
- dz = da * (1 - a**2)
+ dz = da * (1 - z**2)

tanh of tanh: derivative-at-activation at layer 1
- dz = da * (1 - a**2)
+ dz = da * (1 - np.tanh(a) ** 2)

sigmoid': other-derivative at layer 1
- dz = da * (1 - a**2)
+ dz = da * a * (1 - a)

b1 axis 0: bias-axis at db1
- db1 = dz.sum(axis=1, keepdims=True)
+ db1 = dz.sum()

b1 mean: factor at db1
- db1 = dz.sum(axis=1, keepdims=True)
+ db1 = dz.mean(axis=1, keepdims=True)

N forgotten: factor at the loss
- dlogits = (probs - onehot) / N
+ dlogits = probs - onehot

sign: sign at the loss
- dlogits = (probs - onehot) / N
+ dlogits = (onehot - probs) / N

Jacobian again: squared-error-gradient at layer 2
+ dlogits = probs * (dlogits - (dlogits * probs).sum(axis=1, keepdims=True))
  dw2 = flat.T @ dlogits

p(1-p) again: extra-derivative at layer 2
- dlogits = (probs - onehot) / N
+ dlogits = (probs - onehot) * probs * (1 - probs) / N

dw1 divided by positions: factor at dw1
- dw1 = dz @ cols.T
+ dw1 = dz @ cols.T / 9

dw1 divided by columns: factor at dw1
- dw1 = dz @ cols.T
+ dw1 = dz @ cols.T / cols.shape[1]

b2 not summed: bias-not-summed at db2
- db2 = dlogits.sum(axis=0, keepdims=True)
+ db2 = dlogits

z in dw2: wrong-factor at dw2
- dw2 = flat.T @ dlogits
+ dw2 = z.reshape(F, N, 3, 3).transpose(1, 0, 2, 3).reshape(N, -1).T @ dlogits

w2 updated first: updated-first at layer 2
+ p["w2"] -= 0.1 * dw2
  dflat = dlogits @ p["w2"].T
"""
