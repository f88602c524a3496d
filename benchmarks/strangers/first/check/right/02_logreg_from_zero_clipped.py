import numpy as np

rng = np.random.RandomState(0)
n, d = 40, 5
X = rng.randn(n, d)
X = (X - X.mean(0)) / X.std(0)
y = (X @ np.array([1.0, -1.0, 0.5, 0.0, 2.0]) + rng.randn(n) > 0).astype(float)
lam = 0.5

parameters = {"theta": np.zeros(d + 1)}
Xb = np.c_[np.ones(n), X]


def hypothesis(theta):
    return 1.0 / (1.0 + np.exp(-Xb.dot(theta)))


def loss(parameters):
    theta = parameters["theta"]
    h = np.clip(hypothesis(theta), 1e-10, 1 - 1e-10)
    cost = -(y.dot(np.log(h)) + (1 - y).dot(np.log(1 - h))) / n
    return cost + lam / (2 * n) * theta[1:].dot(theta[1:])


def gradients(parameters):
    theta = parameters["theta"]
    grad = Xb.T.dot(hypothesis(theta) - y) / n
    grad[1:] += lam / n * theta[1:]
    return {"theta": grad}
