import numpy as np

rng = np.random.default_rng(4)
images = rng.random((3, 6, 6))
labels = np.array([0, 2, 1])

parameters = dict(
    filters=rng.normal(0, 0.5, (2, 3, 3)),
    fbias=np.zeros(2),
    W=rng.normal(0, 0.5, (8, 3)),
    b=np.zeros(3),
)


def convolve(img, filters, fbias):
    out = np.zeros((len(filters), 4, 4))
    for f in range(len(filters)):
        for i in range(4):
            for j in range(4):
                out[f, i, j] = np.sum(img[i:i + 3, j:j + 3] * filters[f]) + fbias[f]
    return out


def maxpool(x):
    out = np.zeros((x.shape[0], 2, 2))
    for f in range(x.shape[0]):
        for i in range(2):
            for j in range(2):
                out[f, i, j] = np.max(x[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2])
    return out


def maxpool_backprop(d_out, x):
    d_x = np.zeros_like(x)
    for f in range(x.shape[0]):
        for i in range(2):
            for j in range(2):
                d_x[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2] = d_out[f, i, j]
    return d_x


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def loss(p):
    total = 0
    for img, lab in zip(images, labels):
        pooled = maxpool(convolve(img, p["filters"], p["fbias"]))
        total -= np.log(softmax(pooled.flatten() @ p["W"] + p["b"])[lab])
    return total / len(images)


def gradients(p):
    g = {k: np.zeros_like(v) for k, v in p.items()}
    for img, lab in zip(images, labels):
        conv = convolve(img, p["filters"], p["fbias"])
        pooled = maxpool(conv)
        flat = pooled.flatten()
        d = softmax(flat @ p["W"] + p["b"])
        d[lab] -= 1
        d /= len(images)
        g["W"] += np.outer(flat, d)
        g["b"] += d
        d_conv = maxpool_backprop((p["W"] @ d).reshape(pooled.shape), conv)
        for f in range(2):
            g["fbias"][f] += d_conv[f].sum()
            for i in range(4):
                for j in range(4):
                    g["filters"][f] += d_conv[f, i, j] * img[i:i + 3, j:j + 3]
    return g
