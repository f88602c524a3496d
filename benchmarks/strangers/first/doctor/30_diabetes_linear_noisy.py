from sklearn.datasets import load_diabetes
from pellucid import nn


def make():
    x, y = load_diabetes(return_X_y=True)
    x = x / x.std(0)
    y = ((y - y.mean()) / y.std())[:, None]
    net = nn.Sequential(nn.Linear(10, 1, rng=0))
    return dict(net=net, train=(x[:340], y[:340]), validation=(x[340:], y[340:]), loss="mean_squared_error",
                optimizer="sgd", lr=0.02, epochs=40, batch_size=20)
