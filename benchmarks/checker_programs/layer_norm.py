"""Layer norm, ReLU and half the squared error."""

import numpy as np

rng = np.random.default_rng(33)
N, D, H = 6, 5, 4
x = rng.normal(size=(N, D))
y = rng.normal(size=(N, 2))
parameters = {
    "g": 1 + 0.3 * rng.normal(size=(1, H)),
    "s": 0.3 * rng.normal(size=(1, H)),
    "A": rng.normal(size=(D, H)),
    "a": 0.2 * rng.normal(size=(1, H)),
    "C": rng.normal(size=(H, 2)),
    "c": 0.2 * rng.normal(size=(1, 2)),
}


def layer_norm(u, gain, shift):
    mu = u.mean(axis=-1, keepdims=True)
    sd = np.sqrt(((u - mu) ** 2).mean(axis=-1, keepdims=True) + 1e-6)
    n = (u - mu) / sd
    return n * gain + shift, n, sd


def loss(p):
    u = x @ p["A"] + p["a"]
    v, n, sd = layer_norm(u, p["g"], p["s"])
    h = np.maximum(v, 0)
    return 0.5 * np.mean(np.sum((h @ p["C"] + p["c"] - y) ** 2, axis=1))


def gradients(p):
    u = x @ p["A"] + p["a"]
    v, n, sd = layer_norm(u, p["g"], p["s"])
    h = np.maximum(v, 0)
    do = (h @ p["C"] + p["c"] - y) / N
    dh = do @ p["C"].T
    dv = dh * (v > 0)
    dg = np.sum(dv * n, axis=0, keepdims=True)
    ds = np.sum(dv, axis=0, keepdims=True)
    dn = dv * p["g"]
    du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
    return {
        "A": x.T @ du,
        "a": du.sum(axis=0, keepdims=True),
        "g": dg,
        "s": ds,
        "C": h.T @ do,
        "c": do.sum(axis=0, keepdims=True),
    }


# --- planted mistakes ---

MISTAKES = """
ln: only dn/sd: missing-term or stopped at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = dn / sd

ln: no mean: missing-term or stopped at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = (dn - n * (dn * n).mean(axis=-1, keepdims=True)) / sd

ln: no variance: missing-term or stopped at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = (dn - dn.mean(axis=-1, keepdims=True)) / sd

ln: sd forgotten: missing-factor at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)

ln: axis 0: normalised-axis at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = (dn - dn.mean(axis=0, keepdims=True) - n * (dn * n).mean(axis=0, keepdims=True)) / sd

ln: sum not mean: factor or missing-factor at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = (dn - dn.sum(axis=-1, keepdims=True) - n * (dn * n).sum(axis=-1, keepdims=True)) / sd

ln: gain forgotten: missing-factor at layer 1
- dn = dv * p["g"]
+ dn = dv

ln: dg with u: wrong-factor at dg
- dg = np.sum(dv * n, axis=0, keepdims=True)
+ dg = np.sum(dv * u, axis=0, keepdims=True)

ln: dg without n: missing-factor at dg
- dg = np.sum(dv * n, axis=0, keepdims=True)
+ dg = np.sum(dv, axis=0, keepdims=True)

ln: whole backward missing: missing-derivative or missing-term at layer 1
- du = (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd
+ du = dn  # (dn - dn.mean(axis=-1, keepdims=True) - n * (dn * n).mean(axis=-1, keepdims=True)) / sd

relu missing: missing-derivative at layer 1
- dv = dh * (v > 0)
+ dv = dh

relu of u: wrong-mask at layer 1
- dv = dh * (v > 0)
+ dv = dh * (u > 0)

relu of dh: wrong-mask at layer 1
- dv = dh * (v > 0)
+ dv = dh * (dh > 0)

N forgotten: factor at the loss
- do = (h @ p["C"] + p["c"] - y) / N
+ do = h @ p["C"] + p["c"] - y

all outputs mean: factor at the loss
- do = (h @ p["C"] + p["c"] - y) / N
+ do = (h @ p["C"] + p["c"] - y) / y.size

factor 2: factor at the loss
- do = (h @ p["C"] + p["c"] - y) / N
+ do = 2 * (h @ p["C"] + p["c"] - y) / N

a axis: bias-axis at da
- "a": du.sum(axis=0, keepdims=True),
+ "a": du.sum(axis=-1, keepdims=True),

ds not summed: bias-not-summed at ds
- ds = np.sum(dv, axis=0, keepdims=True)
+ ds = dv

v in dC: wrong-factor at dC
- "C": h.T @ do,
+ "C": v.T @ do,

sign: sign at the loss
- do = (h @ p["C"] + p["c"] - y) / N
+ do = (y - h @ p["C"] - p["c"]) / N
"""
