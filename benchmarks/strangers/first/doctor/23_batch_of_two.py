from sklearn.datasets import load_breast_cancer
from pellucid import nn


def make():
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    net = nn.Sequential(nn.Linear(30, 12, rng=0), nn.ReLU(), nn.Linear(12, 2, rng=1))
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]), loss="cross_entropy",
                optimizer="sgd", lr=0.01, epochs=6, batch_size=2)
