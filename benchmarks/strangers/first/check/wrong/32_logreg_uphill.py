import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 3))
w_true = np.array([1.5, -2.0, 0.5])
y = (X @ w_true + rng.normal(size=80) * 0.5 > 0).astype(int)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


w = np.zeros(3)
b = 0.0
lr = 0.1
lam = 0.01

for epoch in range(100):
    p = sigmoid(X @ w + b)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)) + lam / 2 * np.sum(w ** 2)

    error = p - y
    dw = X.T @ error / len(y) + lam * w
    db = np.mean(error)
    # go downhill
    w = w + lr * dw
    b = b + lr * db
    if epoch % 10 == 0:
        print(epoch, loss, np.mean((p > 0.5) == y))
