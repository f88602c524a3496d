import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(8)
    n = 3000
    y = (rng.random(n) < 0.03).astype(int)
    x = rng.normal(size=(n, 6)) + 0.9 * y[:, None] * np.array([1, 1, 0, 0, 0.5, 0])
    net = nn.Sequential(nn.Linear(6, 16, rng=0), nn.ReLU(), nn.Linear(16, 2, rng=1))
    return dict(net=net, train=(x[:2000], y[:2000]), validation=(x[2000:], y[2000:]), loss="cross_entropy",
                optimizer="adam", lr=0.001, epochs=12, batch_size=64)
