"""Logistic regression from zeros."""

import numpy as np

X = np.array([[0.5, 1.2], [-1.0, 0.3], [1.5, -0.7], [-0.2, -1.1], [0.9, 0.4]])
y = np.array([1, 0, 1, 0, 1])
parameters = {"w": np.zeros(2), "b": 0.0}


def loss(p):
    z = np.dot(X, p["w"]) + p["b"]
    h = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(h + 1e-15) + (1 - y) * np.log(1 - h + 1e-15))


def gradients(p):
    z = np.dot(X, p["w"]) + p["b"]
    h = 1 / (1 + np.exp(-z))
    return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}


# --- planted mistakes ---

MISTAKES = """
size forgotten: factor anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, h - y), "b": np.sum(h - y)}

size forgotten in w: factor at dw
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, h - y), "b": np.sum(h - y) / y.size}

size forgotten in b: factor at db
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y)}

sign: sign anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, y - h) / y.size, "b": np.sum(y - h) / y.size}

sign in w: sign at dw
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, y - h) / y.size, "b": np.sum(h - y) / y.size}

h(1-h): extra-derivative or squared-error-gradient anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {
+     "w": np.dot(X.T, (h - y) * h * (1 - h)) / y.size,
+     "b": np.sum((h - y) * h * (1 - h)) / y.size,
+ }

linear z: wrong-output anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, z - y) / y.size, "b": np.sum(z - y) / y.size}

factor 2: factor anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": 2 * np.dot(X.T, h - y) / y.size, "b": 2 * np.sum(h - y) / y.size}

b as mean again: factor at db
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, h - y) / y.size, "b": np.mean(h - y) / y.size}

b is vector: bias-not-summed at db
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, h - y) / y.size, "b": (h - y) / y.size}

extra h: wrong-derivative or extra-derivative anywhere
- return {"w": np.dot(X.T, h - y) / y.size, "b": np.sum(h - y) / y.size}
+ return {"w": np.dot(X.T, (h - y) * h) / y.size, "b": np.sum(h - y) / y.size}
"""
