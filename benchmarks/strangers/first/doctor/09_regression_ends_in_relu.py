import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (400, 5))
    y = (3 * x[:, 0] - 2 * x[:, 1] * x[:, 2] + x[:, 3])[:, None]
    y = (y - y.mean()) / y.std()
    net = nn.Sequential(nn.Linear(5, 32, rng=0), nn.ReLU(), nn.Linear(32, 32, rng=1), nn.ReLU(),
                        nn.Linear(32, 1, rng=2), nn.ReLU())
    return dict(net=net, train=(x[:300], y[:300]), validation=(x[300:], y[300:]), loss="mean_squared_error",
                optimizer="adam", lr=0.003, epochs=60, batch_size=32)
