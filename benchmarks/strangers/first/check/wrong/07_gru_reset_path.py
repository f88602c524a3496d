import numpy as np

rng = np.random.default_rng(21)
T, B, D, H = 4, 3, 2, 4
x = rng.standard_normal((T, B, D))
y = rng.standard_normal((B, H)) * 0.5

parameters = {}
for g in ("z", "r", "n"):
    parameters["W" + g] = rng.standard_normal((D, H)) * 0.5
    parameters["U" + g] = rng.standard_normal((H, H)) * 0.5

sigmoid = lambda a: 1 / (1 + np.exp(-a))


def step(xt, h, p):
    z = sigmoid(xt @ p["Wz"] + h @ p["Uz"])
    r = sigmoid(xt @ p["Wr"] + h @ p["Ur"])
    n = np.tanh(xt @ p["Wn"] + (r * h) @ p["Un"])
    return (1 - z) * h + z * n, (xt, h, z, r, n)


def loss(p):
    h = np.zeros((B, H))
    for t in range(T):
        h, _ = step(x[t], h, p)
    return np.mean((h - y) ** 2)


def gradients(p):
    h = np.zeros((B, H))
    caches = []
    for t in range(T):
        h, cache = step(x[t], h, p)
        caches.append(cache)

    grads = {k: np.zeros_like(v) for k, v in p.items()}
    dh = 2 * (h - y) / y.size
    for xt, hp, z, r, n in caches[::-1]:
        dn = dh * z * (1 - n * n)
        dz = dh * (n - hp) * z * (1 - z)
        drh = dn @ p["Un"].T
        dr = drh * hp * r * (1 - r)
        grads["Wn"] += xt.T @ dn
        grads["Un"] += (r * hp).T @ dn
        grads["Wz"] += xt.T @ dz
        grads["Uz"] += hp.T @ dz
        grads["Wr"] += xt.T @ dr
        grads["Ur"] += hp.T @ dr
        dh = dh * (1 - z) + drh + dz @ p["Uz"].T + dr @ p["Ur"].T
    return grads
