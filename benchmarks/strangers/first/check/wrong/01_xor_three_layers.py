import numpy as np

np.random.seed(3)

# three inputs, parity of the bits
X = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=float)
y = (X.sum(axis=1) % 2).reshape(-1, 1)

parameters = {
    "W1": np.random.randn(3, 5),
    "b1": np.random.randn(5) * 0.1,
    "W2": np.random.randn(5, 4),
    "b2": np.random.randn(4) * 0.1,
    "W3": np.random.randn(4, 1),
    "b3": np.zeros(1),
}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def sigmoid_prime(x):
    s = sigmoid(x)
    return s * (1 - s)


def forward(p):
    z1 = np.dot(X, p["W1"]) + p["b1"]
    a1 = sigmoid(z1)
    z2 = np.dot(a1, p["W2"]) + p["b2"]
    a2 = sigmoid(z2)
    z3 = np.dot(a2, p["W3"]) + p["b3"]
    a3 = sigmoid(z3)
    return z1, a1, z2, a2, z3, a3


def loss(p):
    a3 = forward(p)[-1]
    return 0.5 * np.sum((y - a3) ** 2)


def gradients(p):
    z1, a1, z2, a2, z3, a3 = forward(p)
    delta3 = (a3 - y) * sigmoid_prime(a3)
    delta2 = np.dot(delta3, p["W3"].T) * sigmoid_prime(a2)
    delta1 = np.dot(delta2, p["W2"].T) * sigmoid_prime(a1)
    return {
        "W3": np.dot(a2.T, delta3),
        "b3": delta3.sum(axis=0),
        "W2": np.dot(a1.T, delta2),
        "b2": delta2.sum(axis=0),
        "W1": np.dot(X.T, delta1),
        "b1": delta1.sum(axis=0),
    }
