import numpy as np

rng = np.random.default_rng(17)
V = rng.random((12, 8))

parameters = {
    "W": rng.normal(size=(8, 3)) * 0.5,
    "b_enc": np.zeros(3),
    "b_dec": np.zeros(8),
}


def sigma(a):
    return 1 / (1 + np.exp(-a))


def encode_decode(p):
    code = sigma(V @ p["W"] + p["b_enc"])
    recon = sigma(code @ p["W"].T + p["b_dec"])
    return code, recon


def loss(p):
    _, recon = encode_decode(p)
    # cross-entropy reconstruction error
    return -np.mean(np.sum(V * np.log(recon) + (1 - V) * np.log(1 - recon), axis=1))


def gradients(p):
    code, recon = encode_decode(p)
    d_out = (recon - V) / len(V)
    d_code = d_out @ p["W"]
    d_hid = d_code * code * (1 - code)
    gW = V.T @ d_hid
    return {"W": gW, "b_enc": d_hid.sum(0), "b_dec": d_out.sum(0)}
