"""The 3-4-2 exercise with a softmax on both layers, and its published backward pass: wrong.

The derivative of the softmax is written p (1 − p), entry by entry, like that of the sigmoid. That
is only the diagonal of the softmax's Jacobian. The checker says so for half the squared error,
which is `loss`; and for the cross-entropy:

Check it:  pellucid check examples/check/softmax_3_4_2.py
           pellucid check examples/check/softmax_3_4_2.py --loss cross_entropy
Train it:  python examples/check/softmax_3_4_2.py
"""

import numpy as np

X = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]])
y = np.array([[1, 0], [0, 1], [0, 1], [1, 0]])

np.random.seed(42)
parameters = {
    "W1": np.random.uniform(size=(3, 4)),
    "W2": np.random.uniform(size=(4, 2)),
    "b1": np.random.uniform(size=(1, 4)),
    "b2": np.random.uniform(size=(1, 2)),
}


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def forward(parameters):
    h = softmax(np.dot(X, parameters["W1"]) + parameters["b1"])
    p = softmax(np.dot(h, parameters["W2"]) + parameters["b2"])
    return h, p


def loss(parameters):
    _, p = forward(parameters)
    return 0.5 * np.sum((y - p) ** 2)


def cross_entropy(parameters):
    _, p = forward(parameters)
    return -np.sum(y * np.log(p))


def gradients(parameters):
    h, p = forward(parameters)
    d2 = (y - p) * p * (1 - p)
    d1 = np.dot(d2, parameters["W2"].T) * h * (1 - h)
    # The exercise adds these to the weights, so they are minus the gradient.
    return {
        "W1": -np.dot(X.T, d1),
        "W2": -np.dot(h.T, d2),
        "b1": -np.sum(d1, axis=0, keepdims=True),
        "b2": -np.sum(d2, axis=0, keepdims=True),
    }


if __name__ == "__main__":
    for _ in range(5_000):
        for name, slope in gradients(parameters).items():
            parameters[name] -= 0.1 * slope
    print(forward(parameters)[1])
