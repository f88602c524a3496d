import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (60, 2))
    y = (x[:, :1] + 0.5 * x[:, 1:]) * 1.2 + 0.2 * x[:, :1] ** 2
    net = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))
    return dict(net=net, train=(x[:20], y[:20]), validation=(x[20:], y[20:]), loss="mean_squared_error",
                optimizer="adam", lr=0.02, epochs=150, batch_size=10)
