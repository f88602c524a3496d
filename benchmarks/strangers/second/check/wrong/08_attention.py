import numpy as np

# single-head self-attention with a squared error on the output
np.random.seed(2)
L, d = 5, 4
X = np.random.randn(L, d)
target = np.random.randn(L, d)
parameters = {name: np.random.randn(d, d) * 0.8 for name in ("Wq", "Wk", "Wv", "Wo")}


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def forward(p):
    Q, K, V = X @ p["Wq"], X @ p["Wk"], X @ p["Wv"]
    A = softmax(Q @ K.T / np.sqrt(d))
    ctx = A @ V
    return Q, K, V, A, ctx, ctx @ p["Wo"]


def loss(p):
    return np.mean((forward(p)[-1] - target) ** 2)


def gradients(p):
    Q, K, V, A, ctx, out = forward(p)
    dout = 2 * (out - target) / out.size
    dWo = ctx.T @ dout
    dctx = dout @ p["Wo"].T
    dV = A.T @ dctx
    dA = dctx @ V.T
    dS = A * (dA - np.sum(dA * A, axis=0, keepdims=True)) / np.sqrt(d)
    dQ = dS @ K
    dK = dS.T @ Q
    return {"Wq": X.T @ dQ, "Wk": X.T @ dK, "Wv": X.T @ dV, "Wo": dWo}
