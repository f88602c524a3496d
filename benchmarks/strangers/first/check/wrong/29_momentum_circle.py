import numpy as np

rng = np.random.RandomState(7)
X = rng.uniform(-1.5, 1.5, (100, 2))
y = ((X ** 2).sum(1) < 1).astype(float).reshape(-1, 1)

W1 = rng.randn(2, 12) * 0.5
b1 = rng.randn(1, 12) * 0.1
W2 = rng.randn(12, 1) * 0.5
b2 = np.zeros((1, 1))

vW1 = np.zeros(W1.shape)
vb1 = np.zeros(b1.shape)
vW2 = np.zeros(W2.shape)
vb2 = np.zeros(b2.shape)

alpha, mu = 0.1, 0.9
for it in range(400):
    A1 = np.tanh(X.dot(W1) + b1)
    A2 = 1 / (1 + np.exp(-(A1.dot(W2) + b2)))
    cost = -(y * np.log(A2) + (1 - y) * np.log(1 - A2)).mean()

    dZ2 = (A2 - y) / len(X)
    dW2 = A1.T.dot(dZ2)
    db2 = dZ2.sum(axis=0, keepdims=True)
    dZ1 = dZ2.dot(W2.T) * A1 * (1 - A1)
    dW1 = X.T.dot(dZ1)
    db1 = dZ1.sum(axis=0, keepdims=True)

    vW1 = mu * vW1 - alpha * dW1
    vb1 = mu * vb1 - alpha * db1
    vW2 = mu * vW2 - alpha * dW2
    vb2 = mu * vb2 - alpha * db2

    W1 += vW1
    b1 += vb1
    W2 += vW2

    if it % 50 == 0:
        print("cost after", it, ":", cost)
