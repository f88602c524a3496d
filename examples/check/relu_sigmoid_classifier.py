"""A ReLU/sigmoid classifier with the cross-entropy, samples in columns: right.

Check it:  pellucid check examples/check/relu_sigmoid_classifier.py
Train it:  python examples/check/relu_sigmoid_classifier.py
"""

import numpy as np

X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])  # (features 2, samples 4)
Y = np.array([[0, 1, 1, 0]])

np.random.seed(0)
parameters = {
    "W1": np.random.randn(4, 2) * 0.01,
    "b1": np.zeros((4, 1)),
    "W2": np.random.randn(1, 4) * 0.01,
    "b2": np.zeros((1, 1)),
}


def forward(parameters):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return Z1, A1, A2


def loss(parameters):
    _, _, A2 = forward(parameters)
    m = Y.shape[1]
    return -1 / m * np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def gradients(parameters):
    Z1, A1, A2 = forward(parameters)
    m = Y.shape[1]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (Z1 > 0)
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


if __name__ == "__main__":
    for _ in range(10_000):
        for name, slope in gradients(parameters).items():
            parameters[name] -= 0.5 * slope
    print(loss(parameters))
