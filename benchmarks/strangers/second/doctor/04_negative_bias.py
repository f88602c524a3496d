import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, size=(500, 5)).astype("float32")
    y = (x[:, 0] * x[:, 1] > 0).astype("int64")
    net = nn.Sequential(nn.Linear(5, 32, rng=1, bias_init=nn.init.Constant(-6.0)), nn.ReLU(),
                        nn.Linear(32, 32, rng=2), nn.ReLU(), nn.Linear(32, 2, rng=3))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="adam", lr=1e-3, epochs=20, batch_size=32)
