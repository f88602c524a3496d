import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(12)
    rooms, age, dist = rng.uniform(1, 8, 500), rng.uniform(0, 80, 500), rng.exponential(5, 500)
    price = 90_000 + 45_000 * rooms - 600 * age - 4_000 * dist + rng.normal(0, 12_000, 500)
    x = np.stack([rooms, age, dist], 1)
    x = (x - x.mean(0)) / x.std(0)
    net = nn.Sequential(nn.Linear(3, 32, rng=0), nn.ReLU(), nn.Linear(32, 1, rng=1))
    return dict(net=net, train=(x[:400], price[:400, None]), validation=(x[400:], price[400:, None]),
                loss="mean_squared_error", optimizer="adam", lr=0.001, epochs=50, batch_size=32)
