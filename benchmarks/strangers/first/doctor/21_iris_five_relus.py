from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from pellucid import nn


def make():
    x, y = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    net = nn.Sequential(nn.Linear(4, 5, rng=2), nn.ReLU(), nn.Linear(5, 3, rng=3))
    return dict(net=net, train=(a, ya), validation=(b, yb), loss="cross_entropy", optimizer="adam", lr=0.02,
                epochs=50, batch_size=16)
