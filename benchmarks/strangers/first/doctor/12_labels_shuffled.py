import numpy as np
from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    ya = np.random.default_rng(0).permutation(y[:1300])
    net = nn.Sequential(nn.Linear(64, 48, rng=0), nn.ReLU(), nn.Linear(48, 10, rng=1))
    return dict(net=net, train=(x[:1300], ya), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="adam", lr=0.002, epochs=25, batch_size=32)
