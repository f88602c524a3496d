"""Softmax regression with a temperature, smoothed labels and a penalty."""

import numpy as np

rng = np.random.default_rng(5)
n, d, K = 8, 4, 3
X = np.hstack([np.ones((n, 1)), rng.normal(size=(n, d))])
y = rng.integers(0, K, n)
smooth, tau, reg = 0.1, 0.5, 0.01
theta = rng.normal(size=(K, d + 1))
parameters = {"theta": theta}


def probabilities(theta):
    s = X @ theta.T / tau
    s = s - np.max(s, axis=1, keepdims=True)
    e = np.exp(s)
    return e / np.sum(e, axis=1, keepdims=True)


def targets():
    t = np.zeros((n, K))
    t[np.arange(n), y] = 1
    return (1 - smooth) * t + smooth / K


def loss(p):
    P = probabilities(p["theta"])
    return -np.sum(targets() * np.log(P)) / n + reg * np.sum(p["theta"][:, 1:] ** 2)


def gradients(p):
    P = probabilities(p["theta"])
    G = (P - targets()).T @ X / (n * tau)
    R = 2 * reg * p["theta"]
    R[:, 0] = 0
    return {"theta": G + R}


# --- planted mistakes ---

MISTAKES = """
tau forgotten: missing-factor or factor anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (P - targets()).T @ X / n

tau inverted: wrong-factor or missing-factor or factor anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (P - targets()).T @ X * tau / n

n forgotten: factor anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (P - targets()).T @ X / tau

penalty forgotten: missing-regulariser anywhere
- return {"theta": G + R}
+ return {"theta": G}

penalty 2 forgotten: factor at the regulariser
- R = 2 * reg * p["theta"]
+ R = reg * p["theta"]

penalty on intercept: extra-regulariser or missing-term or wrong-factor anywhere
- R[:, 0] = 0
+ pass

penalty sign: sign at the regulariser
- return {"theta": G + R}
+ return {"theta": G - R}

sign: sign anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (targets() - P).T @ X / (n * tau)

smoothing forgotten: wrong-factor anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (P - np.eye(K)[y]).T @ X / (n * tau)

target forgotten: missing-target anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = P.T @ X / (n * tau)

p(1-p): extra-derivative anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = ((P - targets()) * P * (1 - P)).T @ X / (n * tau)

shift forgotten: missing-shift anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (-targets()).T @ X / (n * tau)

n K: factor anywhere
- G = (P - targets()).T @ X / (n * tau)
+ G = (P - targets()).T @ X / (n * tau * K)

transposed: transposed at dtheta
- return {"theta": G + R}
+ return {"theta": (G + R).T}
"""
