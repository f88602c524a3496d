"""Residual blocks with stacked weights, swish, log-sum-exp by hand."""

import numpy as np

rng = np.random.default_rng(44)
x = rng.normal(size=(5, 4))
y = rng.integers(0, 3, 5)
parameters = {
    "layers": rng.normal(size=(3, 4, 4)) * 0.5,
    "biases": rng.normal(size=(3, 4)) * 0.2,
    "head": rng.normal(size=(4, 3)),
    "head_b": rng.normal(size=3) * 0.2,
}


def swish(u):
    return u * (1 / (1 + np.exp(-u)))


def forward(p):
    h = x
    tape = []
    for W, b in zip(p["layers"], p["biases"]):
        u = np.einsum("ni,ij->nj", h, W) + b
        tape.append((h, u))
        h = h + swish(u)
    logits = np.einsum("ni,ik->nk", h, p["head"]) + p["head_b"]
    return tape, h, logits


def loss(p):
    _, _, logits = forward(p)
    m = logits.max(axis=1)
    lse = m + np.log(np.sum(np.exp(logits - m[:, None]), axis=1))
    return np.mean(lse - logits[np.arange(len(y)), y])


def gradients(p):
    tape, h, logits = forward(p)
    q = np.exp(logits - logits.max(axis=1)[:, None])
    q /= q.sum(axis=1)[:, None]
    q[np.arange(len(y)), y] -= 1
    q /= len(y)
    g = {"head": np.einsum("ni,nk->ik", h, q), "head_b": q.sum(axis=0)}
    dh = np.einsum("nk,ik->ni", q, p["head"])
    dW, db = np.zeros_like(p["layers"]), np.zeros_like(p["biases"])
    for l in (2, 1, 0):
        h, u = tape[l]
        s = 1 / (1 + np.exp(-u))
        du = dh * (s + u * s * (1 - s))
        dW[l] = np.einsum("ni,nj->ij", h, du)
        db[l] = du.sum(axis=0)
        dh = dh + np.einsum("nj,ij->ni", du, p["layers"][l])
    g["layers"], g["biases"] = dW, db
    return g


# --- planted mistakes ---

MISTAKES = """
skip forgotten: missing-term anywhere
- dh = dh + np.einsum("nj,ij->ni", du, p["layers"][l])
+ dh = np.einsum("nj,ij->ni", du, p["layers"][l])

branch forgotten: missing-term anywhere
- dh = dh + np.einsum("nj,ij->ni", du, p["layers"][l])
+ dh = dh

swish' = s: wrong-derivative or other-derivative or missing-term anywhere
- du = dh * (s + u * s * (1 - s))
+ du = dh * s

swish' = s(1-s): other-derivative anywhere
- du = dh * (s + u * s * (1 - s))
+ du = dh * (s * (1 - s))

swish missing: missing-derivative anywhere
- du = dh * (s + u * s * (1 - s))
+ du = dh

swish' u forgotten: wrong-derivative or missing-factor anywhere
- du = dh * (s + u * s * (1 - s))
+ du = dh * (s + s * (1 - s))

W not transposed: transposed anywhere
- dh = dh + np.einsum("nj,ij->ni", du, p["layers"][l])
+ dh = dh + np.einsum("nj,ji->ni", du, p["layers"][l])

dW transposed: transposed at dlayers
- dW[l] = np.einsum("ni,nj->ij", h, du)
+ dW[l] = np.einsum("ni,nj->ji", h, du)

wrong layer's weights: wrong-factor anywhere
- dh = dh + np.einsum("nj,ij->ni", du, p["layers"][l])
+ dh = dh + np.einsum("nj,ij->ni", du, p["layers"][0])

db mean: factor at dbiases
- db[l] = du.sum(axis=0)
+ db[l] = du.mean(axis=0)

db axis: bias-axis at dbiases
- db[l] = du.sum(axis=0)
+ db[l] = du.sum()

mean forgotten: factor at the loss
- q /= len(y)
+ pass

sign: sign at the loss
- q /= len(y)
+ q /= -len(y)

target forgotten: missing-target anywhere
- q[np.arange(len(y)), y] -= 1
+ pass

head_b mean: factor at dhead_b
- g = {"head": np.einsum("ni,nk->ik", h, q), "head_b": q.sum(axis=0)}
+ g = {"head": np.einsum("ni,nk->ik", h, q), "head_b": q.mean(axis=0)}

u in dW: wrong-factor at dlayers
- dW[l] = np.einsum("ni,nj->ij", h, du)
+ dW[l] = np.einsum("ni,nj->ij", u, du)

dW layer order reversed: flipped-kernel at dlayers
- g["layers"], g["biases"] = dW, db
+ g["layers"], g["biases"] = dW[::-1], db
"""
