import numpy as np
from sklearn.datasets import make_moons
from pellucid import nn


def make():
    x, y = make_moons(400, noise=0.2, random_state=0)
    x = (x - x.mean(0)) / x.std(0)
    net = nn.Sequential(nn.Linear(2, 24, rng=1), nn.Tanh(), nn.Linear(24, 24, rng=2), nn.Tanh(), nn.Linear(24, 2, rng=3))
    return dict(net=net, train=(x[:300], y[:300]), validation=(x[300:], y[300:]), loss="cross_entropy",
                optimizer="sgd", lr=30.0, epochs=30, batch_size=16)
