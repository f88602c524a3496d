import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # bars that lie or stand, in 8 by 8 pixels with noise
    rng = np.random.default_rng(14)
    y = rng.integers(0, 2, 700)
    x = 0.3 * rng.normal(size=(700, 1, 8, 8))
    for i, k in enumerate(y):
        a, s = rng.integers(0, 8), rng.integers(0, 4)
        if k:
            x[i, 0, s : s + 5, a] += 1
        else:
            x[i, 0, a, s : s + 5] += 1
    x = x.astype("float32")
    net = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False, rng=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
                        nn.Flatten(), nn.Linear(128, 2, rng=2))
    return dict(net=net, train=(x[:550], y[:550]), validation=(x[550:], y[550:]), loss="cross_entropy",
                optimizer="adam", lr=1e-2, epochs=20, batch_size=32)
