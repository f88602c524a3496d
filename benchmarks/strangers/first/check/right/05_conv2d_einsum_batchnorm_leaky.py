import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.RandomState(77)
imgs = rng.randn(4, 2, 7, 7)             # N, C, H, W
y = rng.randn(4)
ALPHA, EPS = 0.1, 1e-5

parameters = {
    "K": rng.randn(3, 2, 3, 3) * 0.3,
    "gamma": np.ones(3),
    "beta": np.zeros(3),
    "w": rng.randn(3),
}


def bc(v):
    return v[None, :, None, None]


def forward(p):
    win = sliding_window_view(imgs, (3, 3), axis=(2, 3))[:, :, ::2, ::2]     # stride 2
    z = np.einsum("nchwij,fcij->nfhw", win, p["K"])
    mu = z.mean((0, 2, 3))
    sd = np.sqrt(z.var((0, 2, 3)) + EPS)
    xhat = (z - bc(mu)) / bc(sd)
    u = bc(p["gamma"]) * xhat + bc(p["beta"])
    a = np.where(u >= 0, u, ALPHA * u)
    feat = a.mean((2, 3))                # global average pooling
    return win, xhat, sd, u, feat, feat @ p["w"]


def loss(p):
    # log-cosh
    return np.log(np.cosh(forward(p)[-1] - y)).sum()


def gradients(p):
    win, xhat, sd, u, feat, out = forward(p)
    dout = np.tanh(out - y)
    dw = feat.T @ dout
    dfeat = np.outer(dout, p["w"])
    h, w = u.shape[2:]
    du = dfeat[:, :, None, None] / (h * w) * np.where(u >= 0, 1.0, ALPHA)
    dgamma = (du * xhat).sum((0, 2, 3))
    dbeta = du.sum((0, 2, 3))
    dxh = du * bc(p["gamma"])
    M = u.shape[0] * h * w
    dz = (dxh - bc(dxh.sum((0, 2, 3))) / M - xhat * bc((dxh * xhat).sum((0, 2, 3))) / M) / bc(sd)
    dK = np.einsum("nfhw,nchwij->fcij", dz, win)
    return {"K": dK, "gamma": dgamma, "beta": dbeta, "w": dw}
