import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # two layers, nothing in between
    rng = np.random.default_rng(9)
    radius = np.r_[rng.normal(1.0, 0.1, 250), rng.normal(2.0, 0.1, 250)]
    angle = rng.uniform(0, 2 * np.pi, 500)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).astype("float32")
    y = np.repeat([0, 1], 250)
    mix = rng.permutation(500)
    x, y = x[mix], y[mix]
    net = nn.Sequential(nn.Linear(2, 64, rng=1), nn.Linear(64, 2, rng=2))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="adam", lr=0.01, epochs=30, batch_size=32)
