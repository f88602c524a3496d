from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    layers = [nn.Linear(64, 30, rng=0), nn.Sigmoid()]
    for i in range(8):
        layers += [nn.Linear(30, 30, rng=i + 1), nn.Sigmoid()]
    net = nn.Sequential(*layers, nn.Linear(30, 10, rng=20))
    return dict(net=net, train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="sgd", lr=0.1, epochs=15, batch_size=32)
