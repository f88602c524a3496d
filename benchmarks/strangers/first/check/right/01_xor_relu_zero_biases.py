import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([0, 1, 1, 0], dtype=float)

rng = np.random.default_rng(11)
parameters = {
    "W1": rng.normal(size=(2, 6)) * np.sqrt(2 / 2),
    "b1": np.zeros(6),
    "W2": rng.normal(size=6) * np.sqrt(2 / 6),
    "b2": np.zeros(()),
}


def relu(a):
    return np.maximum(a, 0.0)


def score(p):
    z = X @ p["W1"] + p["b1"]
    return z, relu(z) @ p["W2"] + p["b2"]


def loss(p):
    _, s = score(p)
    # numerically stable BCE with logits
    return np.mean(np.maximum(s, 0) - s * y + np.log1p(np.exp(-np.abs(s))))


def gradients(p):
    z, s = score(p)
    ds = (1 / (1 + np.exp(-s)) - y) / y.size
    dz = np.outer(ds, p["W2"])
    dz[z <= 0] = 0.0
    return {"W1": X.T @ dz, "b1": dz.sum(0), "W2": relu(z).T @ ds, "b2": ds.sum()}
