import numpy as np

# 2-D convolution, ReLU, max pooling 2x2 and a linear read-out; all loops
rng = np.random.RandomState(23)
images = rng.randn(3, 6, 6)
truth = rng.randn(3)
parameters = {"F": rng.randn(2, 3, 3) * 0.5, "c": rng.randn(2) * 0.1, "R": rng.randn(2, 2, 2)}


def stack(img, p):
    conv = np.zeros((2, 4, 4))
    for f in range(2):
        for i in range(4):
            for j in range(4):
                conv[f, i, j] = (img[i : i + 3, j : j + 3] * p["F"][f]).sum() + p["c"][f]
    act = conv * (conv > 0)
    pooled, where = np.zeros((2, 2, 2)), {}
    for f in range(2):
        for i in range(2):
            for j in range(2):
                patch = act[f, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                di, dj = np.unravel_index(patch.argmax(), (2, 2))
                where[f, i, j] = (2 * i + di, 2 * j + dj)
                pooled[f, i, j] = patch[di, dj]
    return conv, pooled, where


def loss(p):
    return sum((np.sum(stack(im, p)[1] * p["R"]) - t) ** 2 for im, t in zip(images, truth))


def gradients(p):
    g = {k: np.zeros(v.shape) for k, v in p.items()}
    for im, t in zip(images, truth):
        conv, pooled, where = stack(im, p)
        e = 2 * (np.sum(pooled * p["R"]) - t)
        g["R"] += e * pooled
        for (f, i, j), (r, s) in where.items():
            if conv[f, r, s] > 0:
                d = e * p["R"][f, i, j]
                g["F"][f] += d * im[r : r + 3, s : s + 3]
                g["c"][f] += d
    return g
