import numpy as np

np.random.seed(0)
N = 30
X = np.random.normal(size=(N, 2))
y = (X[:, 0] - 2 * X[:, 1] + 0.3 * np.random.normal(size=N) > 0).astype(float)

parameters = {"w": np.array([[0.3], [-0.5]]), "b": np.array([0.1])}


def predict_proba(parameters):
    return 1 / (1 + np.exp(-(X @ parameters["w"] + parameters["b"])))


def loss(parameters):
    p = predict_proba(parameters)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def gradients(parameters):
    p = predict_proba(parameters)
    error = p - y.reshape(-1, 1)
    return {"w": X.T @ error / N, "b": error.mean(axis=0)}
