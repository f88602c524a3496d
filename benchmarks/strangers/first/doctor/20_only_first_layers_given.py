from sklearn.datasets import load_digits
from pellucid import nn, optim


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        small = nn.init.Normal(0.01)
        self.features = nn.Sequential(nn.Linear(64, 24, weight_init=small, rng=0), nn.Tanh(),
                                      nn.Linear(24, 6, weight_init=small, rng=1), nn.Tanh())
        self.classifier = nn.Linear(6, 10, rng=2)

    def forward(self, x):
        return self.classifier(self.features(x))


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    net = Net()
    optimizer = optim.SGD(net.classifier.parameters(), lr=0.1)
    return dict(net=net, train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer=optimizer, lr=None, epochs=15, batch_size=32)
