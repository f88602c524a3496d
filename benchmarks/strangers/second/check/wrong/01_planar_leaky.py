# two-layer network, examples are the columns (as in the well-known course)
import numpy as np

np.random.seed(3)
m = 9
X = np.random.randn(2, m)
Y = (X[0:1] * X[1:2] > 0).astype(float)

parameters = {
    "W1": np.random.randn(5, 2) * 0.7,
    "b1": np.random.randn(5, 1) * 0.1,
    "W2": np.random.randn(1, 5) * 0.7,
    "b2": np.zeros((1, 1)),
}


def leaky_relu(Z):
    return np.where(Z > 0, Z, 0.1 * Z)


def forward(parameters):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = leaky_relu(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return Z1, A1, Z2, A2


def loss(parameters):
    A2 = forward(parameters)[3]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    return float(-np.sum(logprobs) / m)


def gradients(parameters):
    Z1, A1, Z2, A2 = forward(parameters)
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(parameters["W2"].T, dZ2)
    dZ1 = np.array(dA1, copy=True)
    dZ1[Z1 <= 0] = 0
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
