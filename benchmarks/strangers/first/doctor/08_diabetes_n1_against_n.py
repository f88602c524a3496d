from sklearn.datasets import load_diabetes
from pellucid import nn


def mse(prediction, target):
    return ((prediction - target) ** 2).mean()


def make():
    x, y = load_diabetes(return_X_y=True)
    x = x / x.std(0)
    y = (y - y.mean()) / y.std()
    net = nn.Sequential(nn.Linear(10, 24, rng=0), nn.ReLU(), nn.Linear(24, 1, rng=1))
    return dict(net=net, train=(x[:340], y[:340]), validation=(x[340:], y[340:]), loss=mse,
                optimizer="adam", lr=0.003, epochs=40, batch_size=32)
