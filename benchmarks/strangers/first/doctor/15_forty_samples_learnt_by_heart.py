import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(240, 30))
    y = (x[:, 0] + x[:, 1] + rng.normal(0, 1.5, 240) > 0).astype(int)
    net = nn.Sequential(nn.Linear(30, 200, rng=0), nn.ReLU(), nn.Linear(200, 200, rng=1), nn.ReLU(), nn.Linear(200, 2, rng=2))
    return dict(net=net, train=(x[:40], y[:40]), validation=(x[40:], y[40:]), loss="cross_entropy",
                optimizer="adam", lr=0.002, epochs=80, batch_size=8)
