import numpy as np

rng = np.random.RandomState(1)
images = rng.rand(48, 9)
labels = (images[:, :3].sum(1) > images[:, 6:].sum(1)).astype(int)
onehot = np.eye(2)[labels]


class Network:
    def __init__(self):
        self.W1 = rng.randn(9, 7) * 0.3
        self.b1 = np.zeros(7)
        self.W2 = rng.randn(7, 2) * 0.3
        self.b2 = np.zeros(2)

    def train_batch(self, x, t, lr):
        n = len(x)
        z1 = x.dot(self.W1) + self.b1
        a1 = 1 / (1 + np.exp(-z1))
        z2 = a1.dot(self.W2) + self.b2
        a2 = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)
        loss = -np.log((a2 * t).sum(axis=1)).mean()

        dW2 = a1.T.dot(dz2)
        db2 = dz2.sum(axis=0)
        dz1 = dz2.dot(self.W2.T) * a1 * (1 - a1)
        dW1 = x.T.dot(dz1)
        db1 = dz1.sum(axis=0)

        self.W1 -= lr * dW1
        self.b1 -= lr * db1
        self.W2 -= lr * dW2
        self.b2 -= lr * db2
        return loss


net = Network()
for epoch in range(50):
    for s in range(0, 48, 16):
        loss = net.train_batch(images[s : s + 16], onehot[s : s + 16], 0.5)
    print("epoch", epoch, "loss", loss)
