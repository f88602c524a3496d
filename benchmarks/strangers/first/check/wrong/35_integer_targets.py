import numpy as np

np.random.seed(9)
X = np.random.randn(50, 2)
y = np.array([[1 if a > b else 0] for a, b in X])

W1 = np.random.randn(2, 6)
b1 = np.zeros(6)
W2 = np.random.randn(6, 1)
b2 = np.zeros(1)


def act(t):
    return 1 / (1 + np.exp(-t))


for epoch in range(200):
    H = act(np.dot(X, W1) + b1)
    O = act(np.dot(H, W2) + b2)
    sse = 0
    delta = np.zeros_like(y)
    for i in range(len(y)):
        e = O[i, 0] - y[i, 0]
        sse += e ** 2 / 2
        delta[i, 0] = e * O[i, 0] * (1 - O[i, 0])
    deltaH = np.dot(delta, W2.T) * H * (1 - H)
    W2 -= 0.1 * np.dot(H.T, delta)
    b2 -= 0.1 * delta.sum(axis=0)
    W1 -= 0.1 * np.dot(X.T, deltaH)
    b1 -= 0.1 * deltaH.sum(axis=0)
    if epoch % 40 == 0:
        print('epoch', epoch, 'error', sse)
