import numpy as np

# house prices in dollars: losses of 1e10, a parameter of 1e-3 beside one of 1e5, a dead unit, a kink away from zero
area = np.array([[850.0], [1200.0], [2100.0], [400.0]])
dollars = np.array([150000.0, 210000.0, 380000.0, 90000.0])
parameters = {
    "V": np.array([[0.001, -0.002, 0.003]]),
    "a": np.array([0.5, -1.0, -2.0]),
    "u": np.array([90000.0, 1000.0, 50000.0]),
    "b": np.array([5e4]),
}


def loss(p):
    h = np.maximum(area @ p["V"] + p["a"], 0)
    return np.mean((h @ p["u"] + p["b"] - dollars) ** 2) / 2


def gradients(p):
    z = area @ p["V"] + p["a"]
    h = np.maximum(z, 0)
    r = (h @ p["u"] + p["b"] - dollars) / len(area)
    dz = np.outer(r, p["u"]) * np.heaviside(z, 0)
    return {"V": area.T @ dz, "a": np.ones(4) @ dz, "u": r @ h, "b": np.array([r.sum()])}
