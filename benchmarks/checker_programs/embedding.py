"""Embeddings, their mean, a tanh layer and log-softmax with in-place steps."""

import numpy as np

rng = np.random.default_rng(0)
V, E, C = 7, 4, 3
docs = np.array([[1, 2, 2, 5], [0, 3, 6, 1], [4, 4, 2, 0]])
labels = np.array([0, 2, 1])
parameters = {
    "emb": rng.normal(size=(V, E)),
    "W": rng.normal(size=(E, 5)),
    "b": rng.normal(size=5) * 0.1,
    "out": rng.normal(size=(5, C)),
    "out_b": np.zeros(C) + 0.05,
}


def forward(p):
    e = p["emb"][docs]  # (B, L, E)
    pooled = e.mean(axis=1)
    h = np.tanh(pooled @ p["W"] + p["b"])
    scores = h @ p["out"] + p["out_b"]
    scores -= scores.max(axis=1, keepdims=True)
    logp = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return e, pooled, h, logp


def loss(p):
    logp = forward(p)[-1]
    return -logp[range(len(labels)), labels].mean()


def gradients(p):
    e, pooled, h, logp = forward(p)
    B, L = docs.shape
    dscores = np.exp(logp)
    dscores[range(B), labels] -= 1
    dscores /= B
    g = {}
    g["out"] = h.T @ dscores
    g["out_b"] = dscores.sum(axis=0)
    dh = dscores @ p["out"].T
    dz = dh * (1 - h**2)
    g["W"] = pooled.T @ dz
    g["b"] = dz.sum(axis=0)
    dpooled = dz @ p["W"].T
    de = np.repeat(dpooled[:, None, :], L, axis=1) / L
    g["emb"] = np.zeros_like(p["emb"])
    np.add.at(g["emb"], docs, de)
    return g


# --- planted mistakes ---

MISTAKES = """
emb overwritten (no add.at): overwritten or missing-term at layer 1 or demb
- np.add.at(g["emb"], docs, de)
+ g["emb"][docs] += de

emb assigned: overwritten or missing-term at layer 1 or demb
- np.add.at(g["emb"], docs, de)
+ g["emb"][docs] = de

pooling 1/L forgotten: missing-factor or factor at layer 1 or demb
- de = np.repeat(dpooled[:, None, :], L, axis=1) / L
+ de = np.repeat(dpooled[:, None, :], L, axis=1)

pooling / B: factor at layer 1 or demb or dpooled
- de = np.repeat(dpooled[:, None, :], L, axis=1) / L
+ de = np.repeat(dpooled[:, None, :], L, axis=1) / B

B forgotten: factor at the loss
- dscores /= B
+ pass

sign: sign at the loss
- dscores /= B
+ dscores /= -B

one-hot forgotten: missing-target or missing-shift at layer 3
- dscores[range(B), labels] -= 1
+ pass

logp in place of p: wrong-output at layer 3
- dscores = np.exp(logp)
+ dscores = logp.copy()

softmax shift forgotten: missing-shift at layer 3
- dscores = np.exp(logp)
+ dscores = np.zeros_like(logp)

tanh missing: missing-derivative at layer 2
- dz = dh * (1 - h**2)
+ dz = dh

tanh squared: extra-derivative at layer 2
- dz = dh * (1 - h**2)
+ dz = dh * (1 - h**2) ** 2

tanh 1 +: wrong-derivative at layer 2
- dz = dh * (1 - h**2)
+ dz = dh * (1 + h**2)

sigmoid': other-derivative at layer 2
- dz = dh * (1 - h**2)
+ dz = dh * h * (1 - h)

only last token: overwritten or missing-term or wrong-factor at layer 1 or demb
- np.add.at(g["emb"], docs, de)
+ np.add.at(g["emb"], docs[:, -1], de[:, -1])

out_b mean: factor at dout_b
- g["out_b"] = dscores.sum(axis=0)
+ g["out_b"] = dscores.mean(axis=0)

W from sum pooling: factor or wrong-factor at dW
- g["W"] = pooled.T @ dz
+ g["W"] = e.sum(axis=1).T @ dz

dh in place of dz in dW: missing-derivative at dW
- g["W"] = pooled.T @ dz
+ g["W"] = pooled.T @ dh
"""
