import numpy as np

np.random.seed(31)
n = 200
X = np.random.randn(n, 6)
labels = (np.sign(X[:, 0]) + np.sign(X[:, 1]) > 0).astype(int) + (X[:, 2] > 0.5)
Y = np.eye(3)[labels]

W1, b1 = np.random.randn(6, 16) * np.sqrt(2 / 6), np.zeros(16)
W2, b2 = np.random.randn(16, 3) * np.sqrt(2 / 16), np.zeros(3)
lr0, decay, wd, bs = 0.3, 0.02, 1e-3, 25

for epoch in range(40):
    lr = lr0 / (1 + decay * epoch)
    perm = np.random.permutation(n)
    for k in range(0, n, bs):
        idx = perm[k:k + bs]
        xb, yb = X[idx], Y[idx]

        h = np.maximum(0, xb @ W1 + b1)
        o = h @ W2 + b2
        o = np.exp(o - o.max(1, keepdims=True))
        o /= o.sum(1, keepdims=True)

        g = (o - yb) / len(idx)
        gh = g @ W2.T * (h > 0)

        # decoupled weight decay, weights only
        W2 -= lr * (h.T @ g + wd * W2)
        b2 -= lr * g.sum(0)
        W1 -= lr * (xb.T @ gh + wd * W1)
        b1 -= lr * gh.sum(0)

pred = (np.maximum(0, X @ W1 + b1) @ W2 + b2).argmax(1)
print("train accuracy:", (pred == labels).mean())
