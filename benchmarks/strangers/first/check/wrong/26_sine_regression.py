import numpy as np

np.random.seed(0)
x = np.linspace(-3, 4, 60).reshape(-1, 1)
y = np.sin(x)

hidden = 16
W1 = np.random.randn(1, hidden)
b1 = np.zeros((1, hidden))
W2 = np.random.randn(hidden, 1) * 0.1
b2 = np.zeros((1, 1))
learning_rate = 0.05

losses = []
for epoch in range(2000):
    # forward
    z1 = x @ W1 + b1
    a1 = np.tanh(z1)
    y_hat = a1 @ W2 + b2
    loss = np.mean((y_hat - y) ** 2)
    losses.append(loss)

    # backward + update, layer by layer
    dy = 2 * (y_hat - y) / len(x)
    dW2 = a1.T @ dy
    db2 = dy.sum(axis=0, keepdims=True)
    W2 = W2 - learning_rate * dW2
    b2 = b2 - learning_rate * db2
    da1 = dy @ W2.T
    dz1 = da1 * (1 - a1 ** 2)
    dW1 = x.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    W1 = W1 - learning_rate * dW1
    b1 = b1 - learning_rate * db1

    if epoch % 500 == 0:
        print("epoch", epoch, "loss", loss)
