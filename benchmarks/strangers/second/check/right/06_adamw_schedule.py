import numpy as np

rng = np.random.default_rng(6)
X = rng.normal(size=(90, 5))
t = (np.sum(X[:, :2] ** 2, axis=1) > 2).astype(np.int64)


class Layer:
    def __init__(self, i, o, last=False):
        self.p = {"W": rng.normal(size=(i, o)) * np.sqrt(2 / i), "b": np.zeros(o)}
        self.m = {k: np.zeros_like(a) for k, a in self.p.items()}
        self.v = {k: np.zeros_like(a) for k, a in self.p.items()}
        self.last = last

    def forward(self, x):
        self.x = x
        self.z = x @ self.p["W"] + self.p["b"]
        return self.z if self.last else np.maximum(self.z, 0)

    def backward(self, d):
        if not self.last:
            d = d * (self.z > 0)
        self.g = {"W": self.x.T @ d, "b": d.sum(0)}
        return d @ self.p["W"].T

    def update(self, lr, k, wd=0.01):
        for n, a in self.p.items():
            self.m[n] += 0.1 * (self.g[n] - self.m[n])
            self.v[n] += 0.001 * (self.g[n] ** 2 - self.v[n])
            if n == "W":
                a *= 1 - lr * wd
            a -= lr * (self.m[n] / (1 - 0.9**k)) / (np.sqrt(self.v[n] / (1 - 0.999**k)) + 1e-8)


net = [Layer(5, 12), Layer(12, 8), Layer(8, 2, last=True)]
step = 0
for epoch in range(30):
    order = rng.permutation(len(X))
    for batch in np.array_split(order, 6):
        step += 1
        out = X[batch]
        for layer in net:
            out = layer.forward(out)
        out = out - out.max(1, keepdims=True)
        logp = out - np.log(np.exp(out).sum(1, keepdims=True))
        loss = -logp[np.arange(len(batch)), t[batch]].mean()
        d = np.exp(logp)
        d[np.arange(len(batch)), t[batch]] -= 1
        d /= len(batch)
        for layer in reversed(net):
            d = layer.backward(d)
        lr = 0.01 * 0.5 * (1 + np.cos(np.pi * step / 180))
        for layer in net:
            layer.update(lr, step)
    if epoch % 10 == 9:
        print(epoch, loss)
