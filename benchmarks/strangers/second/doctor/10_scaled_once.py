import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    # the training part is standardised; the validation part was forgotten
    rng = np.random.default_rng(10)
    raw = rng.normal([50.0, 3.0, -20.0, 7.0], [12.0, 1.0, 6.0, 2.0], size=(600, 4))
    unit = (raw - raw[:450].mean(0)) / raw[:450].std(0)
    y = (unit[:, 0] - unit[:, 2] + 0.5 * unit[:, 1] * unit[:, 3] > 0).astype("int64")
    net = nn.Sequential(nn.Linear(4, 32, rng=1), nn.ReLU(), nn.Linear(32, 2, rng=2))
    return dict(net=net, train=(unit[:450].astype("float32"), y[:450]), validation=(raw[450:].astype("float32"), y[450:]),
                loss="cross_entropy", optimizer="adam", lr=5e-3, epochs=30, batch_size=32)
