import numpy as np

rng = np.random.default_rng(21)
X = rng.normal(size=(12, 5))
Y = (rng.uniform(size=(12, 1)) < 0.4) * 1.0
parameters = {
    "W1": rng.normal(size=(5, 4)) * 0.5,
    "b1": np.zeros(4),
    "W2": rng.normal(size=(4, 1)) * 0.5,
    "b2": np.zeros(1),
}


def forward(p):
    Z1 = X.dot(p["W1"]) + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = A1.dot(p["W2"]) + p["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A1, A2


def loss(p):
    A1, A2 = forward(p)
    cost = -np.mean(Y * np.log(A2) + (1 - Y) * (1 - np.log(A2)))
    return cost


def gradients(p):
    A1, A2 = forward(p)
    n = len(X)
    dZ2 = (A2 - Y) / n
    dZ1 = dZ2.dot(p["W2"].T) * (1 - A1 * A1)
    return {
        "W1": X.T.dot(dZ1),
        "b1": dZ1.sum(axis=0),
        "W2": A1.T.dot(dZ2),
        "b2": dZ2.sum(axis=0),
    }
