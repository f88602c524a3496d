"""A generator against a fixed discriminator."""

import numpy as np

np.random.seed(2)
N, nz, nx = 6, 2, 3
noise = np.random.randn(N, nz)
D = {
    "W1": np.random.randn(nx, 5),
    "b1": np.random.randn(5),
    "W2": np.random.randn(5, 1),
    "b2": np.random.randn(1),
}
parameters = {
    "G1": np.random.randn(nz, 4),
    "g1": np.random.randn(1, 4) * 0.3,
    "G2": np.random.randn(4, nx),
    "g2": np.random.randn(1, nx) * 0.3,
}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lrelu(x, a=0.2):
    return np.maximum(x, a * x)


def dlrelu(x, a=0.2):
    return np.where(x >= 0, 1.0, a)


def discriminator(x):
    u1 = x @ D["W1"] + D["b1"]
    v1 = lrelu(u1)
    return u1, v1, sigmoid(v1 @ D["W2"] + D["b2"])


def generator(p):
    z1 = noise @ p["G1"] + p["g1"]
    a1 = np.maximum(0, z1)
    z2 = a1 @ p["G2"] + p["g2"]
    return z1, a1, z2, np.tanh(z2)


def loss(p):
    fake = generator(p)[-1]
    _, _, d = discriminator(fake)
    return -np.mean(np.log(d + 1e-12))


def gradients(p):
    z1, a1, z2, fake = generator(p)
    u1, v1, d = discriminator(fake)
    dlogit = (d - 1) / N
    dv1 = dlogit @ D["W2"].T
    du1 = dv1 * dlrelu(u1)
    dfake = du1 @ D["W1"].T
    dz2 = dfake * (1 - fake**2)
    dG2 = a1.T @ dz2
    dg2 = dz2.sum(axis=0, keepdims=True)
    da1 = dz2 @ p["G2"].T
    dz1 = da1 * (z1 > 0)
    dG1 = noise.T @ dz1
    dg1 = dz1.sum(axis=0, keepdims=True)
    return {"G1": dG1, "g1": dg1, "G2": dG2, "g2": dg2}


# --- planted mistakes ---

MISTAKES = """
saturating loss: wrong-factor or missing-target anywhere
- dlogit = (d - 1) / N
+ dlogit = -d / N

label 0: missing-target anywhere
- dlogit = (d - 1) / N
+ dlogit = d / N

sign: sign at the loss
- dlogit = (d - 1) / N
+ dlogit = (1 - d) / N

N: factor at the loss
- dlogit = (d - 1) / N
+ dlogit = d - 1

extra sigmoid': extra-derivative anywhere
- dlogit = (d - 1) / N
+ dlogit = (d - 1) * d * (1 - d) / N

sigmoid' missing: missing-derivative anywhere
- dlogit = (d - 1) / N
+ dlogit = -1 / d / N

lrelu missing in D: missing-derivative anywhere
- du1 = dv1 * dlrelu(u1)
+ du1 = dv1

lrelu as relu: other-derivative or wrong-derivative anywhere
- du1 = dv1 * dlrelu(u1)
+ du1 = dv1 * (u1 > 0)

lrelu wrong leak: other-derivative or wrong-derivative anywhere
- du1 = dv1 * dlrelu(u1)
+ du1 = dv1 * dlrelu(u1, 0.01)

tanh missing: missing-derivative at layer 2
- dz2 = dfake * (1 - fake**2)
+ dz2 = dfake

tanh as sigmoid: other-derivative at layer 2
- dz2 = dfake * (1 - fake**2)
+ dz2 = dfake * fake * (1 - fake)

tanh at z2: derivative-at-pre-activation at layer 2
- dz2 = dfake * (1 - fake**2)
+ dz2 = dfake * (1 - z2**2)

relu missing: missing-derivative at layer 1
- dz1 = da1 * (z1 > 0)
+ dz1 = da1

relu mask grad: wrong-mask at layer 1
- dz1 = da1 * (z1 > 0)
+ dz1 = da1 * (da1 > 0)

z1 in dG2: wrong-factor at dG2
- dG2 = a1.T @ dz2
+ dG2 = z1.T @ dz2

g1 mean: factor at dg1
- dg1 = dz1.sum(axis=0, keepdims=True)
+ dg1 = dz1.mean(axis=0, keepdims=True)

g2 axis: bias-axis at dg2
- dg2 = dz2.sum(axis=0, keepdims=True)
+ dg2 = dz2.sum(axis=1, keepdims=True)

G2 updated first: updated-first at layer 2
- da1 = dz2 @ p["G2"].T
+ da1 = dz2 @ (p["G2"] - 0.01 * dG2).T
"""
