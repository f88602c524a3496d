# 3-layer regression, weights are plain variables
import numpy as np

np.random.seed(9)
data = np.random.uniform(-1, 1, (30, 3))
X, Y = data[:, :2], data[:, 2:] * 0.2 + data[:, :1] ** 2

W1, b1 = np.random.randn(2, 8) * 0.5, np.zeros(8)
W2, b2 = np.random.randn(8, 6) * 0.5, np.zeros(6)
W3, b3 = np.random.randn(6, 1) * 0.5, np.zeros(1)
eta = 0.05

for i in range(300):
    H1 = np.tanh(X @ W1 + b1)
    H2 = np.tanh(H1 @ W2 + b2)
    yhat = H2 @ W3 + b3

    err = Y - yhat
    mse = (err**2).mean()
    if not i % 60:
        print(i, mse)

    d3 = 2 * err / len(X)
    d2 = (d3 @ W3.T) * (1 - H2**2)
    d1 = (d2 @ W2.T) * (1 - H1**2)

    W3 += eta * (H2.T @ d3)
    b3 += eta * d3.sum(0)
    W2 += eta * (H1.T @ d2)
    b2 -= eta * d2.sum(0)
    W1 += eta * (X.T @ d1)
    b1 += eta * d1.sum(0)
