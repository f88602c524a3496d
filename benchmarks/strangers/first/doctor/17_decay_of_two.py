from sklearn.datasets import load_wine
from pellucid import nn, optim


def make():
    x, y = load_wine(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    order = [(i * 67) % 178 for i in range(178)]
    x, y = x[order], y[order]
    net = nn.Sequential(nn.Linear(13, 16, rng=0), nn.ReLU(), nn.Linear(16, 3, rng=1))
    optimizer = optim.SGD(net.parameters(), lr=0.1, weight_decay=2.0)
    return dict(net=net, train=(x[:130], y[:130]), validation=(x[130:], y[130:]), loss="cross_entropy",
                optimizer=optimizer, lr=None, epochs=30, batch_size=16)
