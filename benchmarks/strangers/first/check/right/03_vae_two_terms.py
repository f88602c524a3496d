import numpy as np

rng = np.random.default_rng(100)
x = rng.random((6, 9))
noise = rng.normal(size=(6, 2))          # drawn once: the reparametrisation trick
BETA = 0.7

shapes = {"We": (9, 5), "be": (5,), "Wmu": (5, 2), "bmu": (2,), "Wlv": (5, 2), "blv": (2,),
          "Wd": (2, 5), "bd": (5,), "Wo": (5, 9), "bo": (9,)}
parameters = {k: rng.normal(size=s) * 0.4 for k, s in shapes.items()}


def softplus(a):
    return np.log1p(np.exp(-np.abs(a))) + np.maximum(a, 0)


def sigm(a):
    return 1 / (1 + np.exp(-a))


def forward(p):
    c = {}
    c["a"] = x @ p["We"] + p["be"]
    c["h"] = softplus(c["a"])
    c["mu"] = c["h"] @ p["Wmu"] + p["bmu"]
    c["lv"] = c["h"] @ p["Wlv"] + p["blv"]
    c["z"] = c["mu"] + np.exp(0.5 * c["lv"]) * noise
    c["g"] = np.tanh(c["z"] @ p["Wd"] + p["bd"])
    c["logit"] = c["g"] @ p["Wo"] + p["bo"]
    return c


def loss(p):
    c = forward(p)
    recon = np.sum(softplus(c["logit"]) - x * c["logit"])
    kl = -0.5 * np.sum(1 + c["lv"] - c["mu"] ** 2 - np.exp(c["lv"]))
    return (recon + BETA * kl) / len(x)


def gradients(p):
    c = forward(p)
    n = len(x)
    dlogit = (sigm(c["logit"]) - x) / n
    dg = dlogit @ p["Wo"].T
    dpre = dg * (1 - c["g"] ** 2)
    dz = dpre @ p["Wd"].T
    dmu = dz + BETA * c["mu"] / n
    dlv = dz * noise * 0.5 * np.exp(0.5 * c["lv"]) - 0.5 * BETA * (1 - np.exp(c["lv"])) / n
    dh = dmu @ p["Wmu"].T + dlv @ p["Wlv"].T
    da = dh * sigm(c["a"])
    return {
        "We": x.T @ da, "be": da.sum(0),
        "Wmu": c["h"].T @ dmu, "bmu": dmu.sum(0),
        "Wlv": c["h"].T @ dlv, "blv": dlv.sum(0),
        "Wd": c["z"].T @ dpre, "bd": dpre.sum(0),
        "Wo": c["g"].T @ dlogit, "bo": dlogit.sum(0),
    }
