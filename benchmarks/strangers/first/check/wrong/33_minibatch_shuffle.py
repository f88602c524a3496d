import numpy as np

np.random.seed(21)
n = 120
X = np.random.uniform(-1, 1, (n, 4))
y = (X[:, :1] * X[:, 1:2] + 0.5 * X[:, 2:3] > 0) * 1.0

sizes = [4, 10, 6, 1]
weights = [np.random.randn(a, b) / np.sqrt(a) for a, b in zip(sizes[:-1], sizes[1:])]
biases = [np.zeros(b) for b in sizes[1:]]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


lr = 0.8
batch_size = 20
for epoch in range(60):
    order = np.random.permutation(n)
    X = X[order]
    total = 0.0
    for start in range(0, n, batch_size):
        xb = X[start:start + batch_size]
        yb = y[start:start + batch_size]

        acts = [xb]
        for w, b in zip(weights, biases):
            acts.append(sigmoid(acts[-1] @ w + b))
        out = acts[-1]
        total += -np.mean(yb * np.log(out) + (1 - yb) * np.log(1 - out))

        delta = (out - yb) / len(xb)
        for i in range(len(weights) - 1, -1, -1):
            dw = acts[i].T @ delta
            db = delta.sum(axis=0)
            delta = (delta @ weights[i].T) * acts[i] * (1 - acts[i])
            weights[i] -= lr * dw
            biases[i] -= lr * db
    if epoch % 10 == 0:
        print(epoch, total / (n // batch_size))
