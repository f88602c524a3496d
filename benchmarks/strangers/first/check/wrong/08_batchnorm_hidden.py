import numpy as np

rng = np.random.default_rng(5)
N, D, H, C = 8, 4, 6, 3
X = rng.normal(size=(N, D))
t = rng.integers(0, C, size=N)
eps = 1e-5

parameters = {
    "W1": rng.normal(size=(D, H)) * 0.5,
    "gamma": rng.uniform(0.5, 1.5, H),
    "beta": rng.normal(size=H) * 0.1,
    "W2": rng.normal(size=(H, C)) * 0.5,
    "b2": np.zeros(C),
}


def batchnorm_forward(x, gamma, beta):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    xhat = (x - mu) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, var)


def batchnorm_backward(dout, cache):
    xhat, gamma, var = cache
    dgamma = (dout * xhat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dx = dout * gamma / np.sqrt(var + eps)
    return dx, dgamma, dbeta


def model(p):
    z = X @ p["W1"]
    y, cache = batchnorm_forward(z, p["gamma"], p["beta"])
    h = np.maximum(y, 0)
    s = h @ p["W2"] + p["b2"]
    s = s - s.max(axis=1, keepdims=True)
    prob = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    return y, cache, h, prob


def loss(p):
    prob = model(p)[-1]
    return -np.log(prob[np.arange(N), t]).mean()


def gradients(p):
    y, cache, h, prob = model(p)
    ds = prob.copy()
    ds[np.arange(N), t] -= 1
    ds /= N
    dh = ds @ p["W2"].T
    dh[y <= 0] = 0
    dz, dgamma, dbeta = batchnorm_backward(dh, cache)
    return {"W1": X.T @ dz, "gamma": dgamma, "beta": dbeta,
            "W2": h.T @ ds, "b2": ds.sum(0)}
