# Two-class net in the "columns are examples" layout
import numpy as np

rng = np.random.RandomState(1)
m = 20
angle = rng.uniform(0, 2 * np.pi, m)
X = np.vstack([np.cos(angle) * (1 + angle), np.sin(angle) * (1 + angle)]) * 0.3   # (2, m)
Y = (rng.rand(1, m) > 0.5).astype(float)                                         # (1, m)

parameters = {"W1": rng.randn(4, 2) * 0.5, "b1": np.zeros((4, 1)),
              "W2": rng.randn(1, 4) * 0.5, "b2": np.zeros((1, 1))}


def forward_propagation(X, parameters):
    W1, b1, W2, b2 = (parameters[k] for k in ("W1", "b1", "W2", "b2"))
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def loss(parameters):
    A2, _ = forward_propagation(X, parameters)
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    return -np.sum(logprobs) / m


def gradients(parameters):
    A2, cache = forward_propagation(X, parameters)
    A1 = cache["A1"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
