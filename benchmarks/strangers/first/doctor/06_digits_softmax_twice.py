from sklearn.datasets import load_digits
from pellucid import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 32, rng=0)
        self.relu = nn.ReLU()
        self.out = nn.Linear(32, 10, rng=1)
        self.softmax = nn.Softmax()

    def forward(self, x):
        return self.softmax(self.out(self.relu(self.hidden(x))))


def make():
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
    return dict(net=Classifier(), train=(x[:1300], y[:1300]), validation=(x[1300:], y[1300:]), loss="cross_entropy",
                optimizer="sgd", lr=0.05, epochs=15, batch_size=32)
