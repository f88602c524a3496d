import numpy as np

# a GRU read left to right, batch of sequences, rows are samples
r = np.random.default_rng(8)
B, T, D, H = 5, 3, 2, 4
seq = r.normal(size=(B, T, D))
label = r.normal(size=(B, 1))
shape = {"Uz": (D, H), "Wz": (H, H), "Ur": (D, H), "Wr": (H, H), "Uh": (D, H), "Wh": (H, H), "V": (H, 1)}
parameters = {n: r.normal(size=s) * 0.6 for n, s in shape.items()}
sig = lambda a: 1 / (1 + np.exp(-a))


def forward(p):
    h = np.zeros((B, H))
    tape = []
    for t in range(T):
        x = seq[:, t]
        z = sig(x @ p["Uz"] + h @ p["Wz"])
        rr = sig(x @ p["Ur"] + h @ p["Wr"])
        cand = np.tanh(x @ p["Uh"] + (rr * h) @ p["Wh"])
        new = (1 - z) * h + z * cand
        tape.append((x, h, z, rr, cand))
        h = new
    return h, tape


def loss(p):
    h, _ = forward(p)
    return np.mean((h @ p["V"] - label) ** 2)


def gradients(p):
    h, tape = forward(p)
    dy = 2 * (h @ p["V"] - label) / B
    g = {n: np.zeros_like(v) for n, v in p.items()}
    g["V"] = h.T @ dy
    dh = dy @ p["V"].T
    for x, hp, z, rr, cand in reversed(tape):
        dz = dh * (cand - hp) * z * (1 - z)
        dcand = dh * z * (1 - cand**2)
        drh = dcand @ p["Wh"].T
        dr = drh * hp * rr * (1 - rr)
        g["Uz"] += x.T @ dz
        g["Wz"] += hp.T @ dz
        g["Ur"] += x.T @ dr
        g["Wr"] += hp.T @ dr
        g["Uh"] += x.T @ dcand
        g["Wh"] += (rr * hp).T @ dcand
        dh = dh * (1 - z) + drh + dz @ p["Wz"].T + dr @ p["Wr"].T
    return g
