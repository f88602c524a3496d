import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0, keepdims=True)
        return grad @ self.W.T


class LeakyReLU:
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, 0.01 * x)

    def backward(self, grad):
        return grad * np.where(self.x > 0, 1, 0.01)


class Adam:
    def __init__(self, lr=0.01, b1=0.9, b2=0.999):
        self.lr, self.b1, self.b2, self.t, self.state = lr, b1, b2, 0, {}

    def update(self, layers):
        self.t += 1
        for i, layer in enumerate(layers):
            for name in ("W", "b"):
                if not hasattr(layer, name):
                    continue
                g = getattr(layer, "d" + name)
                m, v = self.state.get((i, name), (0, 0))
                m = self.b1 * m + (1 - self.b1) * g
                v = self.b2 * v + (1 - self.b2) * g * g
                self.state[i, name] = m, v
                mh, vh = m / (1 - self.b1 ** self.t), v / (1 - self.b2 ** self.t)
                setattr(layer, name, getattr(layer, name) - self.lr * mh / (np.sqrt(vh) + 1e-8))


np.random.seed(12)
X = np.random.uniform(-2, 2, (80, 2))
Y = np.sin(X[:, :1]) * X[:, 1:]

net = [Dense(2, 20), LeakyReLU(), Dense(20, 20), LeakyReLU(), Dense(20, 1)]
opt = Adam()
for epoch in range(300):
    out = X
    for layer in net:
        out = layer.forward(out)
    loss = np.mean(np.abs(out - Y) ** 2)
    grad = 2 * (out - Y) / Y.size
    for layer in reversed(net):
        grad = layer.backward(grad)
    opt.update(net)
    if epoch % 50 == 0:
        print(epoch, loss)
