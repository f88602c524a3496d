from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    net = nn.Sequential(nn.Linear(64, 10, weight_init="zeros"))
    return dict(net=net, train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="sgd", lr=1.0, epochs=30, batch_size=130)
