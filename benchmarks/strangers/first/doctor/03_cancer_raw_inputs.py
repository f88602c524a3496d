from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from pellucid import nn


def make():
    x, y = load_breast_cancer(return_X_y=True)
    a, b, ya, yb = train_test_split(x, y, test_size=0.3, random_state=0, stratify=y)
    net = nn.Sequential(nn.Linear(30, 16, rng=4), nn.Sigmoid(), nn.Linear(16, 1, rng=5))
    return dict(net=net, train=(a, ya), validation=(b, yb), loss="binary_cross_entropy_with_logits",
                optimizer="sgd", lr=0.1, epochs=30, batch_size=32)
