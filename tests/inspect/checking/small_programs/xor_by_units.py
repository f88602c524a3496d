"""XOR unit by unit and sample by sample, in plain Python numbers."""

import math

POINTS = [((0.0, 0.2), 0.0), ((0.1, 1.0), 1.0), ((1.0, 0.0), 1.0), ((0.9, 1.0), 0.0)]
parameters = {
    "w": [[0.9, -0.4], [0.3, 0.5], [-0.7, 0.2]],
    "b": [0.1, -0.2, 0.05],
    "v": [0.8, -0.6, 0.4],
    "c": [0.15],
}


def squash(t):
    return 1.0 / (1.0 + math.exp(-t))


def run(p, x):
    h = [squash(p["w"][j][0] * x[0] + p["w"][j][1] * x[1] + p["b"][j]) for j in range(3)]
    o = squash(p["v"][0] * h[0] + p["v"][1] * h[1] + p["v"][2] * h[2] + p["c"][0])
    return h, o


def loss(p):
    total = 0.0
    for x, t in POINTS:
        _, o = run(p, x)
        total = total + 0.5 * (o - t) ** 2
    return total


def gradients(p):
    gw, gb = [[0.0, 0.0] for _ in range(3)], [0.0] * 3
    gv, gc = [0.0] * 3, [0.0]
    for x, t in POINTS:
        h, o = run(p, x)
        d = (o - t) * o * (1 - o)
        gc[0] += d
        for j in range(3):
            e = d * p["v"][j] * h[j] * (1 - h[j])
            gv[j] += d * h[j]
            gb[j] += e
            for i in range(2):
                gw[j][i] += e * x[i]
    return {"w": gw, "b": gb, "v": gv, "c": gc}


# --- planted mistakes ---

MISTAKES = """
output weights lack the slope: missing-derivative at dv
- gv[j] += d * h[j]
+ gv[j] += (o - t) * h[j]

output bias lacks the slope: missing-derivative at dc
- gc[0] += d
+ gc[0] += o - t

hidden weights lack the slope: missing-derivative at dw
- gw[j][i] += e * x[i]
+ gw[j][i] += d * p["v"][j] * x[i]

both output parameters lack the slope: missing-derivative at layer 2
- gc[0] += d
+ gc[0] += o - t
...
- gv[j] += d * h[j]
+ gv[j] += (o - t) * h[j]

own output: wrong-factor at dv
- gv[j] += d * h[j]
+ gv[j] += d * o

weight forgotten: missing-factor at v
- e = d * p["v"][j] * h[j] * (1 - h[j])
+ e = d * h[j] * (1 - h[j])

only the last sample: overwritten at dv
- gv[j] += d * h[j]
+ gv[j] = d * h[j]

only the last sample, hidden: overwritten at dw
- gw[j][i] += e * x[i]
+ gw[j][i] = e * x[i]

slope without the error: missing-upstream at layer 2
- d = (o - t) * o * (1 - o)
+ d = o * (1 - o)

twice in dv: factor or missing-factor anywhere
- gv[j] += d * h[j]
+ gv[j] += 2 * d * h[j]

no slope in dv and minus in db: missing-derivative or sign anywhere
- gv[j] += d * h[j]
+ gv[j] += (o - t) * h[j]
...
- gb[j] += e
+ gb[j] -= e

no slope in dv, bias overwritten: missing-derivative or overwritten anywhere
- gv[j] += d * h[j]
+ gv[j] += (o - t) * h[j]
...
- gb[j] += e
+ gb[j] = e
"""
