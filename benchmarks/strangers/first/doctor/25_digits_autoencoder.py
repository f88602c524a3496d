from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x = load_digits().data / 16.0
    net = nn.Sequential(nn.Linear(64, 40, rng=0), nn.ReLU(), nn.Linear(40, 12, rng=1), nn.ReLU(),
                        nn.Linear(12, 40, rng=2), nn.ReLU(), nn.Linear(40, 64, rng=3), nn.Sigmoid())
    return dict(net=net, train=(x[:1500], x[:1500]), validation=(x[1500:], x[1500:]), loss="mean_squared_error",
                optimizer="adam", lr=0.003, epochs=30, batch_size=32)
