from sklearn.datasets import load_digits
from pellucid import nn


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    blocks = [nn.Residual(nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32, rng=i), nn.ReLU(), nn.Linear(32, 32, rng=50 + i)))
              for i in range(12)]
    net = nn.Sequential(nn.Linear(64, 32, rng=90), *blocks, nn.LayerNorm(32), nn.Linear(32, 10, rng=91))
    return dict(net=net, train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="adam", lr=0.001, epochs=10, batch_size=32)
