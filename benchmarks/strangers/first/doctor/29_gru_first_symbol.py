import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(4)
    s = rng.integers(0, 4, (600, 12))
    x = np.eye(4)[s]
    y = s[:, 0]
    net = nn.Sequential(nn.GRU(4, 24, rng=0), nn.LastStep(), nn.Linear(24, 4, rng=1))
    return dict(net=net, train=(x[:480], y[:480]), validation=(x[480:], y[480:]), loss="cross_entropy",
                optimizer="adam", lr=0.01, epochs=30, batch_size=32)
