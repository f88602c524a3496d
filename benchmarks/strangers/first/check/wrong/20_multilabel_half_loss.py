import numpy as np

# multi-label tagging: every output is its own sigmoid
rng = np.random.default_rng(14)
docs = rng.poisson(1.0, size=(10, 6)).astype(float)
tags = (rng.random((10, 4)) < 0.4) * 1.0

parameters = {
    "W": rng.normal(size=(6, 5)) * 0.3,
    "b": np.zeros((1, 5)),
    "V": rng.normal(size=(5, 4)) * 0.3,
    "c": np.zeros((1, 4)),
}


def forward(params):
    h = np.tanh(docs @ params["W"] + params["b"])
    out = 1 / (1 + np.exp(-(h @ params["V"] + params["c"])))
    return h, out


def loss(params):
    out = forward(params)[1]
    return -np.sum(tags * np.log(out + 1e-12)) / len(docs)


def gradients(params):
    h, out = forward(params)
    dout = (out - tags) / len(docs)
    dh = dout @ params["V"].T
    dpre = dh * (1 - h * h)
    return {
        "W": docs.T @ dpre,
        "b": np.sum(dpre, axis=0, keepdims=True),
        "V": h.T @ dout,
        "c": np.sum(dout, axis=0, keepdims=True),
    }
