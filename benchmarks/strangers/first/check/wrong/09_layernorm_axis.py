import numpy as np

np.random.seed(11)
X = np.random.randn(5, 3)
Y = np.random.randn(5, 2)

parameters = {
    "W": np.random.randn(3, 6),
    "b": np.random.randn(6),
    "g": 1 + 0.3 * np.random.randn(6),
    "s": 0.1 * np.random.randn(6),
    "V": np.random.randn(6, 2),
}


def layer_norm(a):
    mean = a.mean(axis=1, keepdims=True)
    std = np.sqrt(((a - mean) ** 2).mean(axis=1, keepdims=True) + 1e-6)
    return (a - mean) / std, std


def forward(p):
    a = X @ p["W"] + p["b"]
    n, std = layer_norm(a)
    u = np.tanh(p["g"] * n + p["s"])
    return n, std, u, u @ p["V"]


def loss(p):
    out = forward(p)[-1]
    return ((out - Y) ** 2).sum() / len(X)


def gradients(p):
    n, std, u, out = forward(p)
    dout = 2 * (out - Y) / len(X)
    dV = u.T @ dout
    du = (dout @ p["V"].T) * (1 - u ** 2)
    dg = (du * n).sum(axis=0)
    ds = du.sum(axis=0)
    dn = du * p["g"]
    da = (dn - dn.mean(axis=0, keepdims=True) - n * (dn * n).mean(axis=0, keepdims=True)) / std
    return dict(W=X.T @ da, b=da.sum(axis=0), g=dg, s=ds, V=dV)
