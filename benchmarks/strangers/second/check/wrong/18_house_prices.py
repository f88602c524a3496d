import numpy as np

np.random.seed(6)
area = np.random.rand(20) * 2
price = 3 * area + 1 + 0.1 * np.random.randn(20)

x = area.reshape(-1, 1)
y = price

w = np.random.randn(1, 1)
b = np.zeros(1)
lr = 0.1

for epoch in range(500):
    y_pred = x.dot(w) + b
    loss = np.mean((y_pred - y) ** 2)

    dw = 2 * np.mean(x * (y_pred - y))
    db = 2 * np.mean(y_pred - y)

    w -= lr * dw
    b -= lr * db
    if epoch % 100 == 0:
        print("epoch", epoch, "loss", loss)

print("w =", w[0, 0], "b =", b[0])
