from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from pellucid import nn


def make():
    x, y = load_wine(return_X_y=True)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=1, stratify=y)
    s = StandardScaler().fit(a)
    net = nn.Sequential(nn.Linear(13, 20, rng=0), nn.ReLU(), nn.Linear(20, 3, rng=1))
    return dict(net=net, train=(s.transform(a), ya), validation=(s.transform(b), yb), loss="cross_entropy",
                optimizer="sgd", lr=1e-5, epochs=40, batch_size=16)
