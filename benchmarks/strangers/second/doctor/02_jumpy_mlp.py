import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(600, 10)).astype("float32")
    y = np.argmax(x[:, :4] + 0.2 * rng.normal(size=(600, 4)), axis=1)
    net = nn.Sequential(nn.Linear(10, 32, rng=1), nn.Tanh(), nn.Linear(32, 32, rng=2), nn.Tanh(), nn.Linear(32, 4, rng=3))
    return dict(net=net, train=(x[:450], y[:450]), validation=(x[450:], y[450:]), loss="cross_entropy",
                optimizer="adam", lr=1.5, epochs=15, batch_size=32)
