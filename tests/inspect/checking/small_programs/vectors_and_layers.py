"""A list of layers, one vector at a time, np.outer for the weights."""

import numpy as np

draw = np.random.default_rng(4)
SIZES = [3, 4, 4, 2]
parameters = {}
for n in range(3):
    parameters[f"W{n}"] = draw.normal(size=(SIZES[n + 1], SIZES[n])) * 0.8
    parameters[f"b{n}"] = draw.normal(size=SIZES[n + 1]) * 0.3
inputs, targets = draw.normal(size=(5, 3)), draw.normal(size=(5, 2))


def outputs(p, x):
    found = [x]
    for n in range(3):
        found.append(np.tanh(np.dot(p[f"W{n}"], found[-1]) + p[f"b{n}"]))
    return found


def loss(p):
    errors = [outputs(p, x)[-1] - t for x, t in zip(inputs, targets, strict=True)]
    return sum(0.5 * np.sum(e**2) for e in errors)


def gradients(p):
    g = {name: np.zeros_like(value) for name, value in p.items()}
    for x, t in zip(inputs, targets, strict=True):
        a = outputs(p, x)
        up = a[3] - t
        for n in (2, 1, 0):
            delta = up * (1 - a[n + 1] ** 2)
            g[f"W{n}"] += np.outer(delta, a[n])
            g[f"b{n}"] += delta
            up = np.dot(p[f"W{n}"].T, delta)
    return g


# --- planted mistakes ---

MISTAKES = """
no slope in the weights: missing-derivative anywhere
- g[f"W{n}"] += np.outer(delta, a[n])
+ g[f"W{n}"] += np.outer(up, a[n])

no slope in the biases: missing-derivative anywhere
- g[f"b{n}"] += delta
+ g[f"b{n}"] += up

sum of all in every bias: summed-over-everything anywhere
- g[f"b{n}"] += delta
+ g[f"b{n}"] += np.sum(delta)

only the last sample: overwritten anywhere
- g[f"W{n}"] += np.outer(delta, a[n])
+ g[f"W{n}"] = np.outer(delta, a[n])

slope alone: missing-upstream anywhere
- delta = up * (1 - a[n + 1] ** 2)
+ delta = 1 - a[n + 1] ** 2

slope of the slope: derivative-at-activation anywhere
- delta = up * (1 - a[n + 1] ** 2)
+ delta = up * (1 - np.tanh(a[n + 1]) ** 2)

mean in every bias: summed-over-everything anywhere
- g[f"b{n}"] += delta
+ g[f"b{n}"] += np.mean(delta)

slope without square, bias summed: wrong-derivative or summed-over-everything anywhere
- delta = up * (1 - a[n + 1] ** 2)
+ delta = up * (1 - a[n + 1])
...
- g[f"b{n}"] += delta
+ g[f"b{n}"] += np.sum(delta)
"""
