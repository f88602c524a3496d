import numpy as np

np.random.seed(3)
X = np.random.randn(60, 4)
Y = np.sin(X[:, :1]) + 0.3 * X[:, 1:2]

W1 = np.random.randn(4, 8) * 0.3
b1 = np.zeros(8)
W2 = np.random.randn(8, 1) * 0.3
b2 = np.zeros(1)
learning_rate = 0.05


def forward(x):
    h = np.tanh(x @ W1 + b1)
    return h, h @ W2 + b2


def train(epochs):
    for epoch in range(epochs):
        h = np.tanh(X @ W1 + b1)
        pred = h @ W2 + b2
        loss = np.mean((pred - Y) ** 2)

        d_pred = 2 * (pred - Y) / len(X)
        d_h = (d_pred @ W2.T) * (1 - h ** 2)

        W2 -= learning_rate * h.T @ d_pred
        b2 -= learning_rate * d_pred.sum(axis=0)
        W1 -= learning_rate * X.T @ d_h
        b1 -= learning_rate * d_h.sum(axis=0)
        if epoch % 100 == 0:
            print(epoch, loss)


train(500)
print(np.mean((forward(X)[1] - Y) ** 2))
