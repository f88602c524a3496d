import numpy as np

rng = np.random.RandomState(99)
sizes = [4, 7, 5, 3]
X = rng.randn(9, 4)
Y = np.eye(3)[rng.randint(0, 3, 9)]
lam = 0.1

parameters = {}
for i in range(len(sizes) - 1):
    parameters["W%d" % i] = rng.randn(sizes[i], sizes[i + 1]) * np.sqrt(1.0 / sizes[i])
    parameters["b%d" % i] = 0.5 * rng.randn(1, sizes[i + 1])

L = len(sizes) - 1


def forward(params):
    A = [X]
    for i in range(L):
        Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
        if i < L - 1:
            A.append(1 / (1 + np.exp(-Z)))
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A.append(E / E.sum(axis=1, keepdims=True))
    return A


def loss(params):
    P = forward(params)[-1]
    data_loss = -np.sum(Y * np.log(P)) / len(X)
    reg_loss = 0.5 * lam * sum(np.sum(params[f"W{i}"] ** 2) for i in range(L))
    return data_loss + reg_loss


def gradients(params):
    A = forward(params)
    grads = {}
    delta = (A[-1] - Y) / len(X)
    for i in range(L - 1, -1, -1):
        grads[f"W{i}"] = A[i].T @ delta
        grads[f"b{i}"] = delta.sum(axis=0, keepdims=True)
        if i > 0:
            delta = delta @ params[f"W{i}"].T * A[i] * (1 - A[i])
    for name in params:
        grads[name] += lam * params[name]
    return grads
