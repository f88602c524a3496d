import numpy as np

# ReLU RNN started from the identity, for the adding problem
rng = np.random.RandomState(8)
T, H = 7, 5
sequences = []
for _ in range(4):
    v = rng.rand(T)
    mark = np.zeros(T)
    mark[rng.choice(T, 2, replace=False)] = 1
    sequences.append((np.stack([v, mark], axis=1), v @ mark))

parameters = {
    "Wxh": rng.randn(H, 2) * 0.3,
    "Whh": np.eye(H),
    "bh": np.full(H, 0.05),
    "why": rng.randn(H) * 0.3,
    "by": np.array(0.0),
}


def unroll(seq, p):
    h = np.zeros(H)
    zs, hs = [], [h]
    for xt in seq:
        z = p["Wxh"] @ xt + p["Whh"] @ h + p["bh"]
        h = np.maximum(z, 0)
        zs.append(z)
        hs.append(h)
    return zs, hs, p["why"] @ h + p["by"]


def loss(p):
    return sum((unroll(s, p)[2] - t) ** 2 for s, t in sequences) / len(sequences)


def gradients(p):
    g = {k: np.zeros_like(v) for k, v in p.items()}
    for s, t in sequences:
        zs, hs, out = unroll(s, p)
        d = 2 * (out - t) / len(sequences)
        g["why"] += d * hs[-1]
        g["by"] += d
        dh = d * p["why"]
        for k in range(T - 1, -1, -1):
            dz = dh * (zs[k] > 0)
            g["Wxh"] += np.outer(dz, s[k])
            g["Whh"] += np.outer(dz, hs[k])
            g["bh"] += dz
            dh = p["Whh"] @ dz
    return g
