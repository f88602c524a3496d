"""Single-head self attention, one sentence, mean pooled, squared error."""
import numpy as np

rng = np.random.default_rng(8)
L, D, d = 5, 6, 4
x = rng.normal(size=(L, D))
target = rng.normal(size=d)

parameters = {n: rng.normal(size=(D, d)) / np.sqrt(D) for n in ("Wq", "Wk", "Wv")}


def softmax(s):
    s = s - s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=-1, keepdims=True)


def attend(p):
    q, k, v = x @ p["Wq"], x @ p["Wk"], x @ p["Wv"]
    scores = q @ k.T / np.sqrt(d)
    w = softmax(scores)
    o = w @ v
    return q, k, v, w, o


def loss(p):
    o = attend(p)[-1]
    return 0.5 * np.sum((o.mean(axis=0) - target) ** 2)


def gradients(p):
    q, k, v, w, o = attend(p)
    dpool = o.mean(axis=0) - target
    do = np.tile(dpool / L, (L, 1))
    dv = w.T @ do
    dw = do @ v.T
    dscores = w * (dw - np.sum(dw * w, axis=-1, keepdims=True))
    dq = dscores @ k / np.sqrt(d)
    dk = dscores.T @ q
    return {"Wq": x.T @ dq, "Wk": x.T @ dk, "Wv": x.T @ dv}
