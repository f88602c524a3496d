from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    net = nn.Sequential(nn.Linear(64, 40, bias_init=nn.init.Constant(-10.0), rng=0), nn.ReLU(), nn.Linear(40, 10, rng=1))
    return dict(net=net, train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="sgd", lr=0.1, epochs=10, batch_size=32)
