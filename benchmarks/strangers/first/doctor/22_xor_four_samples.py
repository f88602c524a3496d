import numpy as np
from pellucid import nn


def make():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    y = np.array([[0], [1], [1], [0]], dtype=float)
    net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
    return dict(net=net, train=(x, y), loss="binary_cross_entropy_with_logits", optimizer="adam", lr=0.05,
                epochs=300, batch_size=4)
