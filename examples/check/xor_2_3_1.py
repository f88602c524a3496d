"""The 2-3-1 network of sigmoid units on XOR, with the tutorial's backward pass.

It is the gradient of half the squared error, ½ Σ (y − p)²: right.

Check it:  pellucid check examples/check/xor_2_3_1.py
Train it:  python examples/check/xor_2_3_1.py
"""

import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

np.random.seed(42)
parameters = {
    "W1": np.random.uniform(size=(2, 3)),
    "W2": np.random.uniform(size=(3, 1)),
    "b1": np.random.uniform(size=(1, 3)),
    "b2": np.random.uniform(size=(1, 1)),
}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(a):
    return a * (1 - a)


def forward(parameters):
    hidden = sigmoid(np.dot(X, parameters["W1"]) + parameters["b1"])
    return hidden, sigmoid(np.dot(hidden, parameters["W2"]) + parameters["b2"])


def loss(parameters):
    _, p = forward(parameters)
    return 0.5 * np.sum((y - p) ** 2)


def gradients(parameters):
    hidden, p = forward(parameters)
    d_output = (y - p) * sigmoid_derivative(p)
    d_hidden = d_output.dot(parameters["W2"].T) * sigmoid_derivative(hidden)
    # The tutorial adds these to the weights, so they are minus the gradient.
    return {
        "W1": -X.T.dot(d_hidden),
        "W2": -hidden.T.dot(d_output),
        "b1": -np.sum(d_hidden, axis=0, keepdims=True),
        "b2": -np.sum(d_output, axis=0, keepdims=True),
    }


if __name__ == "__main__":
    for _ in range(10_000):
        for name, slope in gradients(parameters).items():
            parameters[name] -= 0.1 * slope
    print(forward(parameters)[1])
