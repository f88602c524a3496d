import numpy as np

rng = np.random.default_rng(64)
text = "abracadabra"
chars = sorted(set(text))
ids = np.array([chars.index(c) for c in text])
src, dst = ids[:-1], ids[1:]
V, D = len(chars), 4

# one table is input embedding and output projection; wd on the table only
parameters = {"E": rng.normal(size=(V, D)) * 0.6, "M": rng.normal(size=(D, D)) * 0.6, "c": np.zeros(V)}
wd = 0.01


def forward(p):
    e = p["E"][src]
    pre = e @ p["M"]
    s = 1 / (1 + np.exp(-pre))
    h = pre * s                           # SiLU
    r = h + e                             # skip
    logits = r @ p["E"].T + p["c"]
    m = logits.max(1, keepdims=True)
    logp = logits - m - np.log(np.exp(logits - m).sum(1, keepdims=True))
    return e, pre, s, r, logp


def loss(p):
    logp = forward(p)[-1]
    return -logp[np.arange(len(dst)), dst].mean() + wd * (p["E"] ** 2).sum()


def gradients(p):
    e, pre, s, r, logp = forward(p)
    d = np.exp(logp)
    d[np.arange(len(dst)), dst] -= 1
    d /= len(dst)
    dr = d @ p["E"]
    dpre = dr * (s + pre * s * (1 - s))
    de = dr + dpre @ p["M"].T
    dE = d.T @ r
    np.add.at(dE, src, de)
    dE += 2 * wd * p["E"]
    return {"E": dE, "M": e.T @ dpre, "c": d.sum(0)}
