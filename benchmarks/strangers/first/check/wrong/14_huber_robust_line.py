import numpy as np

rng = np.random.default_rng(33)
x = np.linspace(-2, 2, 15)
y = np.sin(2 * x) + 0.1 * rng.standard_normal(15)
y[::4] += 6.0        # outliers
DELTA = 1.5

parameters = {
    "w1": rng.standard_normal(7),
    "b1": rng.standard_normal(7),
    "w2": rng.standard_normal(7),
    "b2": np.zeros(1),
}


def net(p):
    hid = np.tanh(x[:, None] * p["w1"] + p["b1"])     # (15, 7)
    return hid, hid @ p["w2"] + p["b2"]


def loss(p):
    r = net(p)[1] - y
    small = np.abs(r) <= DELTA
    return np.where(small, 0.5 * r ** 2, DELTA * (np.abs(r) - 0.5 * DELTA)).mean()


def gradients(p):
    hid, out = net(p)
    r = out - y
    small = np.abs(r) <= DELTA
    d = np.where(small, r, np.sign(r)) / r.size
    dw2 = d @ hid
    dhid = np.outer(d, p["w2"]) * (1 - hid ** 2)
    return {
        "w1": x @ dhid,
        "b1": dhid.sum(axis=0),
        "w2": dw2,
        "b2": np.array([d.sum()]),
    }
