import numpy as np
from pellucid import nn


def make():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, 60, 2))
    y = x[:, :, 0].mean(1, keepdims=True) * 5
    net = nn.Sequential(nn.RNN(2, 24, activation="relu", recurrent_init=nn.init.Normal(0.5), rng=0),
                        nn.LastStep(), nn.Linear(24, 1, rng=1))
    return dict(net=net, train=(x[:150], y[:150]), validation=(x[150:], y[150:]), loss="mean_squared_error",
                optimizer="adam", lr=0.001, epochs=10, batch_size=25)
