"""A network without NumPy: lists, loops and the math module."""

import math
import random

random.seed(4)
DATA = [
    ([random.gauss(0, 1) for _ in range(2)], [random.gauss(0, 1) for _ in range(2)])
    for _ in range(4)
]
parameters = {
    "w": [[random.gauss(0, 1) for _ in range(2)] for _ in range(3)],
    "b": [0.1, -0.2, 0.3],
    "v": [[random.gauss(0, 1) for _ in range(3)] for _ in range(2)],
    "c": [0.2, -0.1],
}


def s(z):
    return 1.0 / (1.0 + math.exp(-z))


def run(p, x):
    h = []
    for j in range(3):
        z = p["b"][j]
        for i in range(2):
            z += p["w"][j][i] * x[i]
        h.append(s(z))
    o = []
    for k in range(2):
        z = p["c"][k]
        for j in range(3):
            z += p["v"][k][j] * h[j]
        o.append(s(z))
    return h, o


def loss(p):
    E = 0.0
    for x, t in DATA:
        h, o = run(p, x)
        for k in range(2):
            E += 0.5 * (t[k] - o[k]) ** 2
    return E


def gradients(p):
    gw = [[0.0] * 2 for _ in range(3)]
    gb = [0.0] * 3
    gv = [[0.0] * 3 for _ in range(2)]
    gc = [0.0] * 2
    for x, t in DATA:
        h, o = run(p, x)
        d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
        for k in range(2):
            gc[k] += d[k]
            for j in range(3):
                gv[k][j] += d[k] * h[j]
        for j in range(3):
            e = 0.0
            for k in range(2):
                e += d[k] * p["v"][k][j]
            e *= h[j] * (1 - h[j])
            gb[j] += e
            for i in range(2):
                gw[j][i] += e * x[i]
    return {"w": gw, "b": gb, "v": gv, "c": gc}


# --- planted mistakes ---

MISTAKES = """
sign: sign at the loss
- d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
+ d = [(t[k] - o[k]) * o[k] * (1 - o[k]) for k in range(2)]

output derivative missing: missing-derivative or cross-entropy-gradient at layer 2
- d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
+ d = [(o[k] - t[k]) for k in range(2)]

hidden derivative missing: missing-derivative at layer 1
- e *= h[j] * (1 - h[j])
+ pass

tanh derivative hidden: other-derivative at layer 1
- e *= h[j] * (1 - h[j])
+ e *= 1 - h[j] ** 2

(1 - h) only: wrong-derivative at layer 1
- e *= h[j] * (1 - h[j])
+ e *= 1 - h[j]

factor 2: factor at the loss
- d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
+ d = [2 * (o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]

e = instead of +=: overwritten or missing-term at layers 1, 2 or v
- e += d[k] * p["v"][k][j]
+ e = d[k] * p["v"][k][j]

gv overwritten: overwritten at dv
- gv[k][j] += d[k] * h[j]
+ gv[k][j] = d[k] * h[j]

gb overwritten: overwritten at db
- gb[j] += e
+ gb[j] = e

gc forgotten: zero at dc
- gc[k] += d[k]
+ pass

mean over data: factor at the loss
- d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
+ d = [(o[k] - t[k]) / 4 * o[k] * (1 - o[k]) for k in range(2)]

h in place of x: wrong-factor at dw
- gw[j][i] += e * x[i]
+ gw[j][i] += e * h[i]

f'(f(z)): derivative-at-activation at layer 1
- e *= h[j] * (1 - h[j])
+ e *= s(h[j]) * (1 - s(h[j]))
"""
