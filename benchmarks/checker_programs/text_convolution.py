"""A convolution over words with maximum pooling over time."""

import numpy as np

rng = np.random.default_rng(77)
ids = np.array([[0, 3, 1, 4, 2], [5, 1, 1, 0, 3], [2, 2, 4, 5, 0]])
t = np.array([1.0, 0.0, 1.0])
parameters = {
    "E": rng.normal(size=(6, 3)),
    "F": rng.normal(size=(2, 3, 4)) * 0.7,
    "fb": rng.normal(size=4) * 0.2,
    "w": rng.normal(size=4),
    "b": np.array([0.1]),
}


def forward(p):
    e = p["E"][ids]  # (B, L, D)
    B, L, D = e.shape
    W = p["F"].shape[0]
    conv = np.zeros((B, L - W + 1, 4))
    for j in range(W):
        conv = conv + e[:, j : j + L - W + 1] @ p["F"][j]
    conv = conv + p["fb"]
    act = np.maximum(conv, 0.01 * conv)
    pooled = act.max(axis=1)
    arg = act.argmax(axis=1)
    logit = pooled @ p["w"] + p["b"]
    return e, conv, act, pooled, arg, logit


def loss(p):
    logit = forward(p)[-1]
    return np.mean(np.maximum(logit, 0) - logit * t + np.log(1 + np.exp(-np.abs(logit))))


def gradients(p):
    e, conv, act, pooled, arg, logit = forward(p)
    B, P, C = act.shape
    dl = (1 / (1 + np.exp(-logit)) - t) / B
    g = {"w": pooled.T @ dl, "b": np.array([dl.sum()])}
    dpool = dl[:, None] * p["w"]
    dact = np.zeros_like(act)
    for i in range(B):
        for c in range(C):
            dact[i, arg[i, c], c] = dpool[i, c]
    dconv = np.where(conv > 0, dact, 0.01 * dact)
    g["fb"] = dconv.sum(axis=(0, 1))
    g["F"] = np.zeros_like(p["F"])
    de = np.zeros_like(e)
    for j in range(2):
        win = e[:, j : j + P]
        g["F"][j] = np.tensordot(win, dconv, axes=([0, 1], [0, 1]))
        de[:, j : j + P] += dconv @ p["F"][j].T
    g["E"] = np.zeros_like(p["E"])
    for i in range(ids.shape[0]):
        for k in range(ids.shape[1]):
            g["E"][ids[i, k]] += de[i, k]
    return g


# --- planted mistakes ---

MISTAKES = """
max pool spread: spread-maximum anywhere
- dact[i, arg[i, c], c] = dpool[i, c]
+ dact[i, :, c] = dpool[i, c]

max pool mean: spread-maximum anywhere
- dact[i, arg[i, c], c] = dpool[i, c]
+ dact[i, :, c] = dpool[i, c] / P

leaky missing: missing-derivative at layers 1, 2
- dconv = np.where(conv > 0, dact, 0.01 * dact)
+ dconv = dact

leaky as relu: other-derivative or wrong-derivative at layers 1, 2
- dconv = np.where(conv > 0, dact, 0.01 * dact)
+ dconv = np.where(conv > 0, dact, 0)

leaky mask of gradient: wrong-mask at layers 1, 2
- dconv = np.where(conv > 0, dact, 0.01 * dact)
+ dconv = np.where(dact > 0, dact, 0.01 * dact)

B forgotten: factor at the loss
- dl = (1 / (1 + np.exp(-logit)) - t) / B
+ dl = 1 / (1 + np.exp(-logit)) - t

sign: sign at the loss
- dl = (1 / (1 + np.exp(-logit)) - t) / B
+ dl = (t - 1 / (1 + np.exp(-logit))) / B

target forgotten: missing-target anywhere
- dl = (1 / (1 + np.exp(-logit)) - t) / B
+ dl = (1 / (1 + np.exp(-logit))) / B

extra sigmoid': extra-derivative or squared-error-gradient anywhere
+ s = 1 / (1 + np.exp(-logit))
+ dl = dl * s * (1 - s)
  g = {"w": pooled.T @ dl, "b": np.array([dl.sum()])}

E overwritten: overwritten or missing-term at dE
- g["E"][ids[i, k]] += de[i, k]
+ g["E"][ids[i, k]] = de[i, k]

de overwritten: overwritten or missing-term anywhere
- de[:, j : j + P] += dconv @ p["F"][j].T
+ de[:, j : j + P] = dconv @ p["F"][j].T

F kernel flipped: flipped-kernel or exchanged at dF
- g["F"][j] = np.tensordot(win, dconv, axes=([0, 1], [0, 1]))
+ g["F"][1 - j] = np.tensordot(win, dconv, axes=([0, 1], [0, 1]))

F not transposed in de: flipped: flipped-kernel or wrong-factor anywhere
- de[:, j : j + P] += dconv @ p["F"][j].T
+ de[:, j : j + P] += dconv @ p["F"][1 - j].T

fb batch only: bias-axis at dfb
- g["fb"] = dconv.sum(axis=(0, 1))
+ g["fb"] = dconv.sum(axis=0)

fb mean: factor at dfb
- g["fb"] = dconv.sum(axis=(0, 1))
+ g["fb"] = dconv.mean(axis=(0, 1))

E scaled: factor at dE
- g["E"][ids[i, k]] += de[i, k]
+ g["E"][ids[i, k]] += de[i, k] / 5

E one pass only: stopped or zero or missing-term at dE
- g["E"][ids[i, k]] += de[i, k]
+ pass

w with act mean: wrong-factor at dw
- g = {"w": pooled.T @ dl, "b": np.array([dl.sum()])}
+ g = {"w": act.mean(axis=1).T @ dl, "b": np.array([dl.sum()])}
"""
