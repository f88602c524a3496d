"""Layers as classes that keep what they need, leaky ReLU, labels in place of one-hot."""

import numpy as np

rng = np.random.default_rng(7)
X = rng.standard_normal((6, 4))
t = np.array([0, 2, 1, 1, 0, 2])


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.matmul(x, self.W) + self.b

    def backward(self, g):
        self.dW = np.matmul(self.x.T, g)
        self.db = g.sum(0)
        return np.matmul(g, self.W.T)


class LeakyReLU:
    def __init__(self, alpha=0.1):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, g):
        dx = np.ones_like(self.x)
        dx[self.x < 0] = self.alpha
        return g * dx


class SoftmaxCE:
    def forward(self, z, t):
        z = z - z.max(axis=1, keepdims=True)
        self.p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        self.t = t
        return -np.log(self.p[np.arange(len(t)), t]).mean()

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.t)), self.t] -= 1
        return d / len(self.t)


class Net:
    def __init__(self, p):
        self.layers = []
        for i in range(4):
            self.layers.append(Linear(p[f"w{i}"], p[f"b{i}"]))
            if i < 3:
                self.layers.append(LeakyReLU())
        self.head = SoftmaxCE()

    def forward(self, x, t):
        for layer in self.layers:
            x = layer.forward(x)
        return self.head.forward(x, t)

    def backward(self):
        g = self.head.backward()
        for layer in reversed(self.layers):
            g = layer.backward(g)
        out = {}
        linear = [l for l in self.layers if isinstance(l, Linear)]
        for i, l in enumerate(linear):
            out[f"w{i}"], out[f"b{i}"] = l.dW, l.db
        return out


sizes = [4, 5, 5, 5, 3]
parameters = {}
for i in range(4):
    parameters[f"w{i}"] = rng.standard_normal((sizes[i], sizes[i + 1])) * 0.6
    parameters[f"b{i}"] = rng.standard_normal(sizes[i + 1]) * 0.3


def loss(parameters):
    return Net(parameters).forward(X, t)


def gradients(parameters):
    net = Net(parameters)
    net.forward(X, t)
    return net.backward()


# --- planted mistakes ---

MISTAKES = """
mean forgotten: factor at the loss
- return d / len(self.t)
+ return d

leaky slope wrong constant: wrong-derivative or other-derivative at layers 1, 2, 3
- dx[self.x < 0] = self.alpha
+ dx[self.x < 0] = 0

leaky slope 0.01: wrong-derivative or other-derivative at layers 1, 2, 3
- dx[self.x < 0] = self.alpha
+ dx[self.x < 0] = 0.01

leaky forgotten: missing-derivative at layers 1, 2, 3
- return g * dx
+ return g

leaky mask from g: wrong-mask at layers 1, 2, 3
- dx[self.x < 0] = self.alpha
+ dx[g < 0] = self.alpha

minus one forgotten: missing-target or missing-shift at layer 4
- d[np.arange(len(self.t)), self.t] -= 1
+ pass

db not summed: bias-not-summed at layers 1, 2, 3, 4
- self.db = g.sum(0)
+ self.db = g

db mean: factor at layers 1, 2, 3, 4
- self.db = g.sum(0)
+ self.db = g.mean(0)

db over axis 1: bias-axis at layers 1, 2, 3, 4
- self.db = g.sum(0)
+ self.db = g.sum(1)

updated in backward: updated-first anywhere
+ self.W = self.W - 0.1 * self.dW
  return np.matmul(g, self.W.T)

sum -> sign: sign at the loss
- return d / len(self.t)
+ return -d / len(self.t)

extra p(1-p): extra-derivative or squared-error-gradient at layer 4
- return d / len(self.t)
+ return self.p * (1 - self.p) * d / len(self.t)

dW divided by n: factor at layers 1, 2, 3, 4
- self.dW = np.matmul(self.x.T, g)
+ self.dW = np.matmul(self.x.T, g) / len(g)

skip last leaky (wrong order of layers): missing-derivative or missing-term or stopped anywhere
- for layer in reversed(self.layers):
+ for layer in reversed(self.layers[:5] + self.layers[6:]):
"""
