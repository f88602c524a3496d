import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # one in eight is positive, and well separated
    rng = np.random.default_rng(13)
    y = (rng.uniform(size=1200) < 0.125).astype("float32")[:, None]
    x = (rng.normal(size=(1200, 6)) + 2.5 * y * np.array([1, -1, 0, 0, 0, 0])).astype("float32")
    net = nn.Sequential(nn.Linear(6, 16, rng=1), nn.GELU(), nn.Dropout(0.1, rng=5), nn.Linear(16, 1, rng=2))
    return dict(net=net, train=(x[:900], y[:900]), validation=(x[900:], y[900:]), loss="binary_cross_entropy_with_logits",
                optimizer="adamw", lr=5e-3, epochs=25, batch_size=32)
