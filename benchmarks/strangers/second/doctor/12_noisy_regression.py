import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # half the variance is noise: the loss cannot fall below about 0.5, and that is no illness
    rng = np.random.default_rng(12)
    x = rng.normal(size=(3000, 5)).astype("float32")
    clean = np.sin(x[:, :1]) + 0.5 * x[:, 1:2]
    y = clean / clean.std() * np.sqrt(0.5) + np.sqrt(0.5) * rng.normal(size=(3000, 1))
    y = y.astype("float32")
    net = nn.Sequential(nn.Linear(5, 16, rng=1), nn.Tanh(), nn.Linear(16, 1, rng=2))
    return dict(net=net, train=(x[:2400], y[:2400]), validation=(x[2400:], y[2400:]), loss="mean_squared_error",
                optimizer="sgd", lr=0.05, epochs=20, batch_size=32)
