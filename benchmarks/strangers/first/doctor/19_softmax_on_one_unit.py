from sklearn.datasets import load_breast_cancer
from pellucid import nn


def make():
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    net = nn.Sequential(nn.Linear(30, 16, rng=0), nn.ReLU(), nn.Linear(16, 1, rng=1), nn.Softmax())
    return dict(net=net, train=(x[:400], y[:400, None].astype(float)), validation=(x[400:], y[400:, None].astype(float)),
                loss="mean_squared_error", optimizer="adam", lr=0.003, epochs=15, batch_size=32)
