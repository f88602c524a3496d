import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(240, 60)).astype("float32")
    y = (x[:, 0] + 1.5 * rng.normal(size=240) > 0).astype("int64")
    net = nn.Sequential(nn.Linear(60, 128, rng=1), nn.ReLU(), nn.Linear(128, 128, rng=2), nn.ReLU(), nn.Linear(128, 2, rng=3))
    return dict(net=net, train=(x[:40], y[:40]), validation=(x[40:], y[40:]), loss="cross_entropy",
                optimizer="adam", lr=2e-3, epochs=60, batch_size=8)
