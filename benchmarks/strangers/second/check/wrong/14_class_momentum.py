import numpy as np

np.random.seed(0)


class NeuralNetwork:
    def __init__(self, n_in, n_hidden, n_out, lr=0.05, mu=0.9):
        self.W1 = np.random.randn(n_in, n_hidden) / np.sqrt(n_in)
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = np.random.randn(n_hidden, n_out) / np.sqrt(n_hidden)
        self.b2 = np.zeros((1, n_out))
        self.v = [0, 0, 0, 0]
        self.lr, self.mu = lr, mu

    def forward(self, X):
        self.X = X
        self.a1 = np.tanh(X @ self.W1 + self.b1)
        self.out = self.a1 @ self.W2 + self.b2
        return self.out

    def step(self, y):
        n = y.shape[0]
        d2 = (self.out - y) / n
        self.v[2] = self.mu * self.v[2] - self.lr * (self.a1.T @ d2)
        self.v[3] = self.mu * self.v[3] - self.lr * d2.sum(axis=0, keepdims=True)
        self.W2 += self.v[2]
        self.b2 += self.v[3]

        d1 = (d2 @ self.W2.T) * (1 - self.a1**2)
        self.v[0] = self.mu * self.v[0] - self.lr * (self.X.T @ d1)
        self.v[1] = self.mu * self.v[1] - self.lr * d1.sum(axis=0, keepdims=True)
        self.W1 += self.v[0]
        self.b1 += self.v[1]


X = np.linspace(-2, 2, 40).reshape(-1, 1)
y = np.sin(2 * X)
net = NeuralNetwork(1, 12, 1)
for epoch in range(400):
    order = np.random.permutation(len(X))
    for start in range(0, len(X), 10):
        idx = order[start : start + 10]
        net.forward(X[idx])
        net.step(y[idx])
    if epoch % 100 == 0:
        print(epoch, 0.5 * np.mean((net.forward(X) - y) ** 2))
