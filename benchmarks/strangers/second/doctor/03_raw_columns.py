import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # income, year of birth, height in metres, share; as they stand in the table
    rng = np.random.default_rng(3)
    n = 500
    income, born = rng.lognormal(10.5, 0.4, n), rng.integers(1940, 2005, n)
    height, share = rng.normal(1.72, 0.1, n), rng.uniform(0, 1, n)
    x = np.column_stack([income, born, height, share]).astype("float32")
    y = ((height - 1.72) / 0.1 + 3 * (share - 0.5) + 0.3 * rng.normal(size=n) > 0).astype("int64")
    net = nn.Sequential(nn.Linear(4, 16, rng=1), nn.Tanh(), nn.Linear(16, 2, rng=2))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="sgd", lr=0.05, epochs=25, batch_size=32)
