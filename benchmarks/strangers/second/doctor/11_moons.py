import numpy as np
import pellucid as pl
from pellucid import nn
from sklearn.datasets import make_moons


def make():
    x, y = make_moons(500, noise=0.15, random_state=11)
    x = ((x - x.mean(0)) / x.std(0)).astype("float32")
    net = nn.Sequential(nn.Linear(2, 32, rng=1), nn.ReLU(), nn.Linear(32, 32, rng=2), nn.ReLU(), nn.Linear(32, 2, rng=3))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="adam", lr=5e-3, epochs=40, batch_size=32)
