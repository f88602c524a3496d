"""A gated recurrent unit over four steps."""

import numpy as np

rng = np.random.default_rng(12)
T, B, I, H = 4, 2, 3, 3
xs = rng.normal(size=(T, B, I))
target = rng.normal(size=(B, 2))


def w(*s):
    return rng.normal(size=s) * 0.7


parameters = {
    "Wz": w(I, H),
    "Uz": w(H, H),
    "bz": w(H) * 0.3,
    "Wr": w(I, H),
    "Ur": w(H, H),
    "br": w(H) * 0.3,
    "Wh": w(I, H),
    "Uh": w(H, H),
    "bh": w(H) * 0.3,
    "Wo": w(H, 2),
    "bo": w(2) * 0.3,
}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(p):
    h = np.zeros((B, H))
    steps = []
    for t in range(T):
        x = xs[t]
        z = sigmoid(x @ p["Wz"] + h @ p["Uz"] + p["bz"])
        r = sigmoid(x @ p["Wr"] + h @ p["Ur"] + p["br"])
        hh = np.tanh(x @ p["Wh"] + (r * h) @ p["Uh"] + p["bh"])
        new = (1 - z) * h + z * hh
        steps.append((x, h, z, r, hh, new))
        h = new
    return steps, h @ p["Wo"] + p["bo"]


def loss(p):
    _, o = forward(p)
    return np.sum((o - target) ** 2) / B


def gradients(p):
    steps, o = forward(p)
    g = {k: np.zeros_like(v) for k, v in p.items()}
    do = 2 * (o - target) / B
    g["Wo"] = steps[-1][-1].T @ do
    g["bo"] = do.sum(0)
    dh = do @ p["Wo"].T
    for x, h, z, r, hh, new in reversed(steps):
        dhh = dh * z
        dz = dh * (hh - h)
        dah = dhh * (1 - hh**2)
        drh = dah @ p["Uh"].T
        dr = drh * h
        daz = dz * z * (1 - z)
        dar = dr * r * (1 - r)
        g["Wh"] += x.T @ dah
        g["Uh"] += (r * h).T @ dah
        g["bh"] += dah.sum(0)
        g["Wz"] += x.T @ daz
        g["Uz"] += h.T @ daz
        g["bz"] += daz.sum(0)
        g["Wr"] += x.T @ dar
        g["Ur"] += h.T @ dar
        g["br"] += dar.sum(0)
        dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
    return g


# --- planted mistakes ---

MISTAKES = """
carry (1-z) forgotten: missing-term anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T

path drh*r forgotten: missing-term anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = dh * (1 - z) + daz @ p["Uz"].T + dar @ p["Ur"].T

path Uz forgotten: missing-term anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = dh * (1 - z) + drh * r + dar @ p["Ur"].T

path Ur forgotten: missing-term anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T

r forgotten in drh: missing-factor anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = dh * (1 - z) + drh + daz @ p["Uz"].T + dar @ p["Ur"].T

dz without -h: missing-term anywhere
- dz = dh * (hh - h)
+ dz = dh * hh

dz sign: sign anywhere
- dz = dh * (hh - h)
+ dz = dh * (h - hh)

z swapped: wrong-factor anywhere
- dhh = dh * z
+ dhh = dh * (1 - z)

tanh missing: missing-derivative anywhere
- dah = dhh * (1 - hh**2)
+ dah = dhh

tanh as sigmoid: other-derivative anywhere
- dah = dhh * (1 - hh**2)
+ dah = dhh * hh * (1 - hh)

z gate derivative missing: missing-derivative anywhere
- daz = dz * z * (1 - z)
+ daz = dz

r gate derivative missing: missing-derivative anywhere
- dar = dr * r * (1 - r)
+ dar = dr

Uh input without r: wrong-factor or missing-factor at dUh
- g["Uh"] += (r * h).T @ dah
+ g["Uh"] += h.T @ dah

Uz transposed back: transposed anywhere
- dh = dh * (1 - z) + drh * r + daz @ p["Uz"].T + dar @ p["Ur"].T
+ dh = dh * (1 - z) + drh * r + daz @ p["Uz"] + dar @ p["Ur"].T

Uh not transposed: transposed anywhere
- drh = dah @ p["Uh"].T
+ drh = dah @ p["Uh"]

dWz overwritten: overwritten at dWz
- g["Wz"] += x.T @ daz
+ g["Wz"] = x.T @ daz

bz overwritten: overwritten at dbz
- g["bz"] += daz.sum(0)
+ g["bz"] = daz.sum(0)

new in dUz: wrong-factor at dUz
- g["Uz"] += h.T @ daz
+ g["Uz"] += new.T @ daz

B forgotten: factor at the loss
- do = 2 * (o - target) / B
+ do = 2 * (o - target)

swapped Wz Wr: exchanged anywhere
- g["Wz"] += x.T @ daz
+ g["Wr"] += x.T @ daz
...
- g["Wr"] += x.T @ dar
+ g["Wz"] += x.T @ dar

dr with hh: wrong-factor anywhere
- dr = drh * h
+ dr = drh * hh
"""
