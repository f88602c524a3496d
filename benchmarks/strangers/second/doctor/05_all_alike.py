import numpy as np
import pellucid as pl
from pellucid import nn


def make():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 2)).astype("float32")
    y = (x[:, :1] * x[:, 1:] > 0).astype("float32")
    net = nn.Sequential(nn.Linear(2, 16, weight_init=nn.init.Constant(0.3)), nn.Sigmoid(),
                        nn.Linear(16, 1, weight_init=nn.init.Constant(0.3)))
    return dict(net=net, train=(x, y), loss="binary_cross_entropy_with_logits",
                optimizer="adam", lr=0.03, epochs=40, batch_size=32)
