import numpy as np

# robust line fit: y = w * x + b
x = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
y = [1.1, 1.4, 2.3, 2.4, 3.2, 3.3]
delta = 2.5
parameters = {"w": np.array(0.7), "b": np.array(0.4)}


def huber(r):
    if abs(r) <= delta:
        return 0.5 * r * r
    return delta * (abs(r) - 0.5 * delta)


def huber_slope(r):
    if abs(r) <= delta:
        return r
    return 1.0 if r > 0 else -1.0


def loss(p):
    total = 0.0
    for xi, yi in zip(x, y):
        total += huber(p["w"] * xi + p["b"] - yi)
    return total / len(x)


def gradients(p):
    dw, db = 0.0, 0.0
    for xi, yi in zip(x, y):
        s = huber_slope(p["w"] * xi + p["b"] - yi)
        dw += s * xi
        db += s
    return {"w": np.array(dw / len(x)), "b": np.array(db / len(x))}
