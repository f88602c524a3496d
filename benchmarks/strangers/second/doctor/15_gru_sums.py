import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # the sum of twelve numbers, read one after the other
    rng = np.random.default_rng(15)
    x = rng.uniform(-1, 1, size=(800, 12, 1)).astype("float32")
    y = (x.sum(axis=1) / 2).astype("float32")
    net = nn.Sequential(nn.GRU(1, 16, rng=1), nn.LastStep(), nn.Linear(16, 1, rng=2))
    return dict(net=net, train=(x[:640], y[:640]), validation=(x[640:], y[640:]), loss="mean_squared_error",
                optimizer="adam", lr=0.01, epochs=20, batch_size=32)
