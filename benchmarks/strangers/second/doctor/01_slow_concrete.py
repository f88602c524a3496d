import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 6)).astype("float32")
    y = (x[:, :1] * 1.5 - np.sin(2 * x[:, 1:2]) + 0.1 * rng.normal(size=(400, 1))).astype("float32")
    net = nn.Sequential(nn.Linear(6, 24, rng=1), nn.Tanh(), nn.Linear(24, 1, rng=2))
    return dict(net=net, train=(x[:300], y[:300]), validation=(x[300:], y[300:]), loss="mean_squared_error",
                optimizer="sgd", lr=2e-6, epochs=20, batch_size=32)
