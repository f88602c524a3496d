import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(500, 4)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5], [0.0]])
    y = ((y - y.mean()) / y.std()).astype("float32")
    net = nn.Sequential(nn.Linear(4, 32, rng=1), nn.ReLU(), nn.Linear(32, 1, rng=2), nn.ReLU())
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="mean_squared_error",
                optimizer="adam", lr=3e-3, epochs=30, batch_size=32)
