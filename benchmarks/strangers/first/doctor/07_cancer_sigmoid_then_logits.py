from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from pellucid import nn


def make():
    x, y = load_breast_cancer(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    net = nn.Sequential(nn.Linear(30, 16, rng=0), nn.ReLU(), nn.Linear(16, 1, rng=1), nn.Sigmoid())
    return dict(net=net, train=(x[:400], y[:400]), validation=(x[400:], y[400:]),
                loss="binary_cross_entropy_with_logits", optimizer="adam", lr=0.003, epochs=25, batch_size=32)
