"""Three layers with samples in columns, unpacked caches, ReLU and a sigmoid."""

import numpy as np

np.random.seed(1)
m = 5
X = np.random.randn(3, m)
Y = (np.random.rand(1, m) > 0.5).astype(int)
parameters = {
    "W1": np.random.randn(4, 3) * 0.7,
    "b1": np.random.randn(4, 1) * 0.2,
    "W2": np.random.randn(4, 4) * 0.7,
    "b2": np.random.randn(4, 1) * 0.2,
    "W3": np.random.randn(1, 4) * 0.7,
    "b3": np.random.randn(1, 1) * 0.2,
}


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def forward_propagation(X, parameters):
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = np.maximum(0, Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)


def loss(parameters):
    A3, _ = forward_propagation(X, parameters)
    logprobs = np.multiply(-np.log(A3), Y) + np.multiply(-np.log(1 - A3), 1 - Y)
    return 1.0 / m * np.sum(logprobs)


def gradients(parameters):
    A3, cache = forward_propagation(X, parameters)
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dW3 = 1.0 / m * np.dot(dZ3, A2.T)
    db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = np.multiply(dA2, np.int64(A2 > 0))
    dW2 = 1.0 / m * np.dot(dZ2, A1.T)
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = np.multiply(dA1, np.int64(A1 > 0))
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "W3": dW3, "b3": db3}


# --- planted mistakes ---

MISTAKES = """
1/m in dW3: factor at dW3
- dW3 = 1.0 / m * np.dot(dZ3, A2.T)
+ dW3 = np.dot(dZ3, A2.T)

1/m in dW2: factor at dW2
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
+ dW2 = np.dot(dZ2, A1.T)

1/m in db1: factor at db1
- db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
+ db1 = np.sum(dZ1, axis=1, keepdims=True)

1/m everywhere: factor anywhere
- dW3 = 1.0 / m * np.dot(dZ3, A2.T)
- db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)
+ dW3 = np.dot(dZ3, A2.T)
+ db3 = np.sum(dZ3, axis=1, keepdims=True)
...
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
- db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
+ dW2 = np.dot(dZ2, A1.T)
+ db2 = np.sum(dZ2, axis=1, keepdims=True)
...
- dW1 = 1.0 / m * np.dot(dZ1, X.T)
- db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
+ dW1 = np.dot(dZ1, X.T)
+ db1 = np.sum(dZ1, axis=1, keepdims=True)

dW2 wrong 1/m twice: factor at dW2
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
+ dW2 = 1.0 / m / m * np.dot(dZ2, A1.T)

sign at output: sign at the loss
- dZ3 = A3 - Y
+ dZ3 = Y - A3

extra sigmoid derivative: extra-derivative or squared-error-gradient at layer 3
- dZ3 = A3 - Y
+ dZ3 = (A3 - Y) * A3 * (1 - A3)

mask forgotten 2: missing-derivative at layer 2
- dZ2 = np.multiply(dA2, np.int64(A2 > 0))
+ dZ2 = dA2

mask forgotten 1: missing-derivative at layer 1
- dZ1 = np.multiply(dA1, np.int64(A1 > 0))
+ dZ1 = dA1

mask of other layer: wrong-mask at layer 1
- dZ1 = np.multiply(dA1, np.int64(A1 > 0))
+ dZ1 = np.multiply(dA1, np.int64(A2 > 0))

mask of gradient: wrong-mask at layer 2
- dZ2 = np.multiply(dA2, np.int64(A2 > 0))
+ dZ2 = np.multiply(dA2, np.int64(dA2 > 0))

A1 * in place of mask: wrong-derivative or derivative-at-pre-activation at layer 1
- dZ1 = np.multiply(dA1, np.int64(A1 > 0))
+ dZ1 = np.multiply(dA1, A1)

W2 not transposed: transposed at layer 2 or dA1
- dA1 = np.dot(W2.T, dZ2)
+ dA1 = np.dot(W2, dZ2)

dW2 transposed: transposed at dW2
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
+ dW2 = 1.0 / m * np.dot(A1, dZ2.T)

A2 in dW2: wrong-factor at dW2
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
+ dW2 = 1.0 / m * np.dot(dZ2, A2.T)

Z1 in dW2: wrong-factor at dW2
- dW2 = 1.0 / m * np.dot(dZ2, A1.T)
+ dW2 = 1.0 / m * np.dot(dZ2, Z1.T)

b2 axis 0: bias-axis at db2
- db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
+ db2 = 1.0 / m * np.sum(dZ2, axis=0, keepdims=True)

b1 no axis: bias-axis at db1
- db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
+ db1 = 1.0 / m * np.sum(dZ1)

b3 not summed: bias-not-summed at db3
- db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)
+ db3 = 1.0 / m * dZ3

b1 mean: factor at db1
- db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
+ db1 = 1.0 / m * np.mean(dZ1, axis=1, keepdims=True)

squared error gradient: squared-error-gradient or extra-derivative at layer 3
- dZ3 = A3 - Y
+ dZ3 = (A3 - Y) * (A3 - A3**2)

sigmoid' in hidden: other-derivative at layer 2
- dZ2 = np.multiply(dA2, np.int64(A2 > 0))
+ dZ2 = np.multiply(dA2, A2 * (1 - A2))

W3 updated first: updated-first at layer 3 or W3
+ W3 = W3 - 0.5 * dW3
  dA2 = np.dot(W3.T, dZ3)
"""
