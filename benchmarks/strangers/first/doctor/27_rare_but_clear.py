import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(6)
    n = 1500
    y = (rng.random(n) < 0.04).astype(int)
    x = rng.normal(size=(n, 4)) + 3.5 * y[:, None] * np.array([1, -1, 0, 0.5])
    net = nn.Sequential(nn.Linear(4, 16, rng=0), nn.ReLU(), nn.Linear(16, 2, rng=1))
    return dict(net=net, train=(x[:1000], y[:1000]), validation=(x[1000:], y[1000:]), loss="cross_entropy",
                optimizer="adam", lr=0.005, epochs=20, batch_size=32)
