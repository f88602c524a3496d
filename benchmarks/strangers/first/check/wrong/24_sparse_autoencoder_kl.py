import numpy as np

rng = np.random.RandomState(123)
patches = rng.rand(10, 15)                # visible size 10, 15 patches as columns
visible, hidden = 10, 4
m = patches.shape[1]
LAMBDA, RHO, BETA = 1e-3, 0.05, 0.3

r = np.sqrt(6) / np.sqrt(hidden + visible + 1)
parameters = {
    "W1": rng.rand(hidden, visible) * 2 * r - r,
    "W2": rng.rand(visible, hidden) * 2 * r - r,
    "b1": np.zeros((hidden, 1)),
    "b2": np.zeros((visible, 1)),
}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def feed(theta):
    a2 = sigmoid(theta["W1"].dot(patches) + theta["b1"])
    a3 = sigmoid(theta["W2"].dot(a2) + theta["b2"])
    rho_hat = np.sum(a2, axis=1, keepdims=True) / m
    return a2, a3, rho_hat


def loss(theta):
    a2, a3, rho_hat = feed(theta)
    cost = np.sum((a3 - patches) ** 2) / (2 * m)
    weight_decay = LAMBDA / 2 * (np.sum(theta["W1"] ** 2) + np.sum(theta["W2"] ** 2))
    kl = np.sum(RHO * np.log(RHO / rho_hat) + (1 - RHO) * np.log((1 - RHO) / (1 - rho_hat)))
    return cost + weight_decay + BETA * kl


def gradients(theta):
    a2, a3, rho_hat = feed(theta)
    sparsity_delta = RHO / rho_hat - (1 - RHO) / (1 - rho_hat)
    delta3 = (a3 - patches) * a3 * (1 - a3)
    delta2 = (theta["W2"].T.dot(delta3) + BETA * sparsity_delta) * a2 * (1 - a2)
    return {
        "W1": delta2.dot(patches.T) / m + LAMBDA * theta["W1"],
        "W2": delta3.dot(a2.T) / m + LAMBDA * theta["W2"],
        "b1": np.sum(delta2, axis=1, keepdims=True) / m,
        "b2": np.sum(delta3, axis=1, keepdims=True) / m,
    }
