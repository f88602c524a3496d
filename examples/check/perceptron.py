"""A single sigmoid unit on XOR, with the tutorial's backward pass: right.

Check it:  pellucid check examples/check/perceptron.py
Train it:  python examples/check/perceptron.py
"""

import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

np.random.seed(1)
parameters = {"w": np.random.randn(2, 1), "b": np.zeros(1)}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def loss(parameters):
    p = sigmoid(np.dot(X, parameters["w"]) + parameters["b"])
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def gradients(parameters):
    p = sigmoid(np.dot(X, parameters["w"]) + parameters["b"])
    dz = (p - y) / len(X)
    return {"w": np.dot(X.T, dz), "b": np.sum(dz, axis=0)}


if __name__ == "__main__":
    for _ in range(10_000):
        for name, slope in gradients(parameters).items():
            parameters[name] -= 0.1 * slope
    print(loss(parameters))
