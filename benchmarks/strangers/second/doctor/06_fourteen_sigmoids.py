import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(500, 8)).astype("float32")
    y = (x[:, 0] + x[:, 1] - x[:, 2] > 0).astype("int64")
    layers = [nn.Linear(8, 20, rng=0), nn.Sigmoid()]
    for k in range(11):
        layers += [nn.Linear(20, 20, rng=k + 1), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(20, 2, rng=99))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="sgd", lr=0.1, epochs=20, batch_size=32)
