"""Two heads of causal attention with einsum."""

import numpy as np

rng = np.random.default_rng(17)
B, T, D, nh = 2, 3, 4, 2
hd = D // nh
x = rng.normal(size=(B, T, D))
tgt = rng.normal(size=(B, T, D))
parameters = {n: rng.normal(size=(D, D)) * 0.6 for n in ("Wq", "Wk", "Wv", "Wo")}
parameters["bo"] = rng.normal(size=D) * 0.2


def split(u):
    return u.reshape(B, T, nh, hd).transpose(0, 2, 1, 3)


def merge(u):
    return u.transpose(0, 2, 1, 3).reshape(B, T, D)


def forward(p):
    q, k, v = split(x @ p["Wq"]), split(x @ p["Wk"]), split(x @ p["Wv"])
    s = np.einsum("bhtd,bhsd->bhts", q, k) / np.sqrt(hd)
    s = s + np.triu(np.full((T, T), -1e9), 1)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    a = e / e.sum(axis=-1, keepdims=True)
    c = merge(np.einsum("bhts,bhsd->bhtd", a, v))
    return q, k, v, a, c, c @ p["Wo"] + p["bo"]


def loss(p):
    return np.mean((forward(p)[-1] - tgt) ** 2)


def gradients(p):
    q, k, v, a, c, out = forward(p)
    dout = 2 * (out - tgt) / tgt.size
    dWo = np.einsum("btd,bte->de", c, dout)
    dbo = dout.sum(axis=(0, 1))
    dc = split(dout @ p["Wo"].T)
    da = np.einsum("bhtd,bhsd->bhts", dc, v)
    dv = np.einsum("bhts,bhtd->bhsd", a, dc)
    ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
    ds /= np.sqrt(hd)
    dq = np.einsum("bhts,bhsd->bhtd", ds, k)
    dk = np.einsum("bhts,bhtd->bhsd", ds, q)
    xt = x.reshape(-1, D).T
    return {
        "Wq": xt @ merge(dq).reshape(-1, D),
        "Wk": xt @ merge(dk).reshape(-1, D),
        "Wv": xt @ merge(dv).reshape(-1, D),
        "Wo": dWo,
        "bo": dbo,
    }


# --- planted mistakes ---

MISTAKES = """
sqrt forgotten: missing-factor or factor anywhere
- ds /= np.sqrt(hd)
+ pass

sqrt(D) instead of hd: factor or missing-factor anywhere
- ds /= np.sqrt(hd)
+ ds /= np.sqrt(D)

diagonal: diagonal-softmax anywhere
- ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
+ ds = a * (1 - a) * da

normaliser: softmax-normaliser anywhere
- ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
+ ds = a * da

missing: missing-derivative anywhere
- ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
+ ds = da

axis: softmax-axis anywhere
- ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
+ ds = a * (da - np.sum(da * a, axis=-2, keepdims=True))

dk transposed: transposed anywhere
- dk = np.einsum("bhts,bhtd->bhsd", ds, q)
+ dk = np.einsum("bhts,bhsd->bhtd", ds, q)

dq transposed: transposed anywhere
- dq = np.einsum("bhts,bhsd->bhtd", ds, k)
+ dq = np.einsum("bhts,bhtd->bhsd", ds, k)

dv transposed: transposed anywhere
- dv = np.einsum("bhts,bhtd->bhsd", a, dc)
+ dv = np.einsum("bhts,bhsd->bhtd", a, dc)

dq with q: wrong-factor anywhere
- dq = np.einsum("bhts,bhsd->bhtd", ds, k)
+ dq = np.einsum("bhts,bhsd->bhtd", ds, q)

merge without transpose: wrong-order or transposed anywhere
- "Wq": xt @ merge(dq).reshape(-1, D),
+ "Wq": xt @ dq.reshape(-1, D),

dc no split transpose: wrong-order or transposed anywhere
- dc = split(dout @ p["Wo"].T)
+ dc = (dout @ p["Wo"].T).reshape(B, nh, T, hd)

Wo not transposed: transposed anywhere
- dc = split(dout @ p["Wo"].T)
+ dc = split(dout @ p["Wo"])

Wo grad transposed: transposed at dWo
- dWo = np.einsum("btd,bte->de", c, dout)
+ dWo = np.einsum("btd,bte->ed", c, dout)

bo one axis: bias-axis at dbo
- dbo = dout.sum(axis=(0, 1))
+ dbo = dout.sum(axis=0)

bo mean: factor at dbo
- dbo = dout.sum(axis=(0, 1))
+ dbo = dout.mean(axis=(0, 1))

size: only B: factor at the loss
- dout = 2 * (out - tgt) / tgt.size
+ dout = 2 * (out - tgt) / B

2 missing: factor at the loss
- dout = 2 * (out - tgt) / tgt.size
+ dout = (out - tgt) / tgt.size

sign: sign at the loss
- dout = 2 * (out - tgt) / tgt.size
+ dout = 2 * (tgt - out) / tgt.size

Wq Wk exchanged: exchanged anywhere
- "Wq": xt @ merge(dq).reshape(-1, D),
- "Wk": xt @ merge(dk).reshape(-1, D),
+ "Wk": xt @ merge(dq).reshape(-1, D),
+ "Wq": xt @ merge(dk).reshape(-1, D),

bmm sum forgot batch: factor or missing-term or overwritten at dWo
- dWo = np.einsum("btd,bte->de", c, dout)
+ dWo = c[0].T @ dout[0]
"""
