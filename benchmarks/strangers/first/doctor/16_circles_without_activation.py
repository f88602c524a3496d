from sklearn.datasets import make_circles
from pellucid import nn


def make():
    x, y = make_circles(400, noise=0.08, factor=0.4, random_state=1)
    net = nn.Sequential(nn.Linear(2, 32, rng=0), nn.Linear(32, 32, rng=1), nn.Linear(32, 2, rng=2))
    return dict(net=net, train=(x[:300], y[:300]), validation=(x[300:], y[300:]), loss="cross_entropy",
                optimizer="adam", lr=0.01, epochs=40, batch_size=32)
