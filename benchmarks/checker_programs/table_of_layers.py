"""A table of activations and their derivatives: ELU, softplus, SiLU."""

import numpy as np

g = np.random.RandomState(3)
x = g.normal(size=(6, 3))
y = g.normal(size=(6, 2))
parameters = dict(
    l1_w=g.normal(size=(3, 5)) * 0.8,
    l1_b=g.normal(size=(5,)) * 0.3,
    l2_w=g.normal(size=(5, 5)) * 0.6,
    l2_b=g.normal(size=(5,)) * 0.3,
    l3_w=g.normal(size=(5, 4)) * 0.6,
    l3_b=g.normal(size=(4,)) * 0.3,
    l4_w=g.normal(size=(4, 2)) * 0.6,
    l4_b=g.normal(size=(2,)) * 0.3,
)


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def d_elu(z, alpha=1.0):
    return np.where(z > 0, 1, alpha * np.exp(z))


def softplus(z):
    return np.log(1 + np.exp(z))


def d_softplus(z):
    return 1 / (1 + np.exp(-z))


def silu(z):
    return z / (1 + np.exp(-z))


def d_silu(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)


LAYERS = [
    ("l1", elu, d_elu),
    ("l2", softplus, d_softplus),
    ("l3", silu, d_silu),
    ("l4", None, None),
]


def forward(p):
    cache = {"a0": x}
    a = x
    for k, (name, f, _) in enumerate(LAYERS, 1):
        z = a.dot(p[name + "_w"]) + p[name + "_b"]
        a = f(z) if f else z
        cache["z%d" % k] = z
        cache["a%d" % k] = a
    return a, cache


def loss(p):
    out, _ = forward(p)
    return ((out - y) ** 2).mean()


def gradients(p):
    out, cache = forward(p)
    grads = {}
    delta = 2 * (out - y) / y.size
    for k in range(len(LAYERS), 0, -1):
        name, f, df = LAYERS[k - 1]
        if df:
            delta = delta * df(cache["z%d" % k])
        grads[name + "_w"] = cache["a%d" % (k - 1)].T.dot(delta)
        grads[name + "_b"] = delta.sum(axis=0)
        delta = delta.dot(p[name + "_w"].T)
    return grads


# --- planted mistakes ---

MISTAKES = """
divide by n not size: factor at the loss
- delta = 2 * (out - y) / y.size
+ delta = 2 * (out - y) / len(y)

no factor 2: factor at the loss
- delta = 2 * (out - y) / y.size
+ delta = (out - y) / y.size

sum: factor at the loss
- delta = 2 * (out - y) / y.size
+ delta = 2 * (out - y)

at activation: derivative-at-activation at layers 1, 2, 3
- delta = delta * df(cache["z%d" % k])
+ delta = delta * df(cache["a%d" % k])

elu at a only: derivative-at-activation at layer 1
- delta = delta * df(cache["z%d" % k])
+ delta = delta * df(cache["a%d" % k] if k == 1 else cache["z%d" % k])

softplus at a only: derivative-at-activation at layer 2
- delta = delta * df(cache["z%d" % k])
+ delta = delta * df(cache["a%d" % k] if k == 2 else cache["z%d" % k])

silu at a only: derivative-at-activation at layer 3
- delta = delta * df(cache["z%d" % k])
+ delta = delta * df(cache["a%d" % k] if k == 3 else cache["z%d" % k])

elu' is relu's: wrong-derivative or other-derivative at layer 1
- return np.where(z > 0, 1, alpha * np.exp(z))
+ return np.where(z > 0, 1, 0)

elu' = elu + 1 wrong: elu: wrong-derivative or other-derivative at layer 1
- return np.where(z > 0, 1, alpha * np.exp(z))
+ return np.where(z > 0, 1, alpha * (np.exp(z) - 1))

silu' without z s (1-s): wrong-derivative or other-derivative or missing-term at layer 3
- return s + z * s * (1 - s)
+ return s

silu' without s: wrong-derivative or missing-term at layer 3
- return s + z * s * (1 - s)
+ return z * s * (1 - s)

silu' = sigmoid': other-derivative at layer 3
- return s + z * s * (1 - s)
+ return s * (1 - s)

softplus' = s(1-s): other-derivative or wrong-derivative at layer 2
- return 1 / (1 + np.exp(-z))
+ s = 1 / (1 + np.exp(-z))
+ return s * (1 - s)

softplus' = 1/(1+exp(z)): wrong-derivative or other-derivative at layer 2
- return 1 / (1 + np.exp(-z))
+ return 1 / (1 + np.exp(z))

softplus missing: missing-derivative at layer 2
- ("l2", softplus, d_softplus),
+ ("l2", softplus, np.ones_like),

wrong activation cached: wrong-factor anywhere
- grads[name + "_w"] = cache["a%d" % (k - 1)].T.dot(delta)
+ grads[name + "_w"] = (cache["z%d" % (k - 1)] if k > 1 else x).T.dot(delta)

bias mean: factor at layers 1, 2, 3, 4
- grads[name + "_b"] = delta.sum(axis=0)
+ grads[name + "_b"] = delta.mean(axis=0)

bias scalar: bias-axis at layers 1, 2, 3, 4
- grads[name + "_b"] = delta.sum(axis=0)
+ grads[name + "_b"] = delta.sum()

half in every dW: factor at layers 1, 2, 3, 4
- grads[name + "_w"] = cache["a%d" % (k - 1)].T.dot(delta)
+ grads[name + "_w"] = 0.5 * cache["a%d" % (k - 1)].T.dot(delta)
"""
