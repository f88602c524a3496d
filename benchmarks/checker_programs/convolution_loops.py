"""A convolution with stride and padding in nested loops, average pooling."""

import numpy as np

rng = np.random.default_rng(2)
N, C, S = 2, 2, 6
X = rng.normal(size=(N, C, S, S))
lab = np.array([1, 0])
pad, stride, dil = 1, 2, 1
parameters = {
    "K": rng.normal(size=(3, C, 3, 3)) * 0.4,
    "kb": rng.normal(size=3) * 0.2,
    "F": rng.normal(size=(3, 2)),
    "fb": rng.normal(size=2) * 0.2,
}


def conv(x, K, kb):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, _, hp, wp = xp.shape
    oh = (hp - 3) // stride + 1
    out = np.zeros((n, K.shape[0], oh, oh))
    for i in range(oh):
        for j in range(oh):
            win = xp[:, :, i * stride : i * stride + 3, j * stride : j * stride + 3]
            for f in range(K.shape[0]):
                out[:, f, i, j] = np.sum(win * K[f], axis=(1, 2, 3)) + kb[f]
    return xp, out


def forward(p):
    xp, z = conv(X, p["K"], p["kb"])
    a = np.where(z > 0, z, 0.0)
    pooled = a.mean(axis=(2, 3))
    s = pooled @ p["F"] + p["fb"]
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return xp, z, a, pooled, e / e.sum(axis=1, keepdims=True)


def loss(p):
    probs = forward(p)[-1]
    return -np.sum(np.log(probs[np.arange(N), lab])) / N


def gradients(p):
    xp, z, a, pooled, probs = forward(p)
    ds = probs.copy()
    ds[np.arange(N), lab] -= 1
    ds /= N
    dF = pooled.T @ ds
    dfb = ds.sum(axis=0)
    dpooled = ds @ p["F"].T
    oh, ow = a.shape[2:]
    da = np.ones_like(a) * dpooled[:, :, None, None] / (oh * ow)
    dz = da * (z > 0)
    dK = np.zeros_like(p["K"])
    for i in range(oh):
        for j in range(ow):
            win = xp[:, :, i * stride : i * stride + 3, j * stride : j * stride + 3]
            for f in range(3):
                dK[f] += np.sum(win * dz[:, f, i, j][:, None, None, None], axis=0)
    dkb = dz.sum(axis=(0, 2, 3))
    return {"K": dK, "kb": dkb, "F": dF, "fb": dfb}


# --- planted mistakes ---

MISTAKES = """
avg pool divisor forgotten: missing-factor or factor anywhere
- da = np.ones_like(a) * dpooled[:, :, None, None] / (oh * ow)
+ da = np.ones_like(a) * dpooled[:, :, None, None]

avg pool divisor oh: factor anywhere
- da = np.ones_like(a) * dpooled[:, :, None, None] / (oh * ow)
+ da = np.ones_like(a) * dpooled[:, :, None, None] / oh

relu missing: missing-derivative at layer 1
- dz = da * (z > 0)
+ dz = da

relu mask of da: wrong-mask at layer 1
- dz = da * (z > 0)
+ dz = da * (da > 0)

dK overwritten: overwritten at dK
- dK[f] += np.sum(win * dz[:, f, i, j][:, None, None, None], axis=0)
+ dK[f] = np.sum(win * dz[:, f, i, j][:, None, None, None], axis=0)

flipped: flipped-kernel at dK
- return {"K": dK, "kb": dkb, "F": dF, "fb": dfb}
+ return {"K": dK[:, :, ::-1, ::-1], "kb": dkb, "F": dF, "fb": dfb}

transposed window: transposed at dK
- return {"K": dK, "kb": dkb, "F": dF, "fb": dfb}
+ return {"K": dK.transpose(0, 1, 3, 2), "kb": dkb, "F": dF, "fb": dfb}

mean over samples: factor at dK
- dK[f] += np.sum(win * dz[:, f, i, j][:, None, None, None], axis=0)
+ dK[f] += np.sum(win * dz[:, f, i, j][:, None, None, None], axis=0) / N

kb over batch only: bias-axis or bias-not-summed or not-summed at dkb
- dkb = dz.sum(axis=(0, 2, 3))
+ dkb = dz.sum(axis=0)

kb over positions only: bias-axis or bias-not-summed or not-summed at dkb
- dkb = dz.sum(axis=(0, 2, 3))
+ dkb = dz.sum(axis=(2, 3))

kb mean: factor at dkb
- dkb = dz.sum(axis=(0, 2, 3))
+ dkb = dz.mean(axis=(0, 2, 3))

kb zero: zero at dkb
- dkb = dz.sum(axis=(0, 2, 3))
+ dkb = np.zeros(3)

kb mean over positions: factor at dkb
- dkb = dz.sum(axis=(0, 2, 3))
+ dkb = dz.mean(axis=(2, 3)).sum(axis=0)

stride forgotten: wrong-factor at dK
- win = xp[:, :, i * stride : i * stride + 3, j * stride : j * stride + 3]
+ win = xp[:, :, i : i + 3, j : j + 3]
  for f in range(3):

padding forgotten: wrong-factor at dK
- win = xp[:, :, i * stride : i * stride + 3, j * stride : j * stride + 3]
+ win = np.pad(X, ((0, 0), (0, 0), (0, 2), (0, 2)))[
+     :, :, i * stride : i * stride + 3, j * stride : j * stride + 3
+ ]
  for f in range(3):

N forgotten: factor at the loss
- ds /= N
+ pass

sign: sign at the loss
- ds /= N
+ ds /= -N

extra softmax: extra-derivative at layer 2
- ds /= N
+ ds = ds * probs * (1 - probs) / N

a in F: wrong-factor at dF
- dF = pooled.T @ ds
+ dF = a.max(axis=(2, 3)).T @ ds
"""
