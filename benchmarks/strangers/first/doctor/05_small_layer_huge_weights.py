from sklearn.datasets import load_iris
from pellucid import nn


def make():
    x, y = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    order = [(i * 37) % 150 for i in range(150)]
    x, y = x[order], y[order]
    net = nn.Sequential(nn.Linear(4, 6, weight_init=nn.init.Normal(40.0), rng=0), nn.Tanh(),
                        nn.Linear(6, 3, weight_init=nn.init.Normal(40.0), rng=1))
    return dict(net=net, train=(x[:110], y[:110]), validation=(x[110:], y[110:]), loss="cross_entropy",
                optimizer="sgd", lr=0.05, epochs=40, batch_size=16)
