# 2-2-2 network, every weight by hand
from math import exp

import numpy as np

i1, i2 = 0.05, 0.10
t1, t2 = 0.01, 0.99

start = dict(w1=0.15, w2=0.20, w3=0.25, w4=0.30, w5=0.40, w6=0.45, w7=0.50, w8=0.65,
             b1=0.35, b2=0.60)
parameters = {k: np.array(v) for k, v in start.items()}


def logistic(net):
    return 1 / (1 + exp(-net))


def forward(p):
    h1 = logistic(p["w1"] * i1 + p["w2"] * i2 + p["b1"])
    h2 = logistic(p["w3"] * i1 + p["w4"] * i2 + p["b1"])
    o1 = logistic(p["w5"] * h1 + p["w6"] * h2 + p["b2"])
    o2 = logistic(p["w7"] * h1 + p["w8"] * h2 + p["b2"])
    return h1, h2, o1, o2


def loss(p):
    _, _, o1, o2 = forward(p)
    return 0.5 * (t1 - o1) ** 2 + 0.5 * (t2 - o2) ** 2


def gradients(p):
    h1, h2, o1, o2 = forward(p)
    d1 = -(t1 - o1) * o1 * (1 - o1)
    d2 = -(t2 - o2) * o2 * (1 - o2)
    e1 = (d1 * p["w5"] + d2 * p["w8"]) * h1 * (1 - h1)
    e2 = (d1 * p["w6"] + d2 * p["w8"]) * h2 * (1 - h2)
    g = {"w5": d1 * h1, "w6": d1 * h2, "w7": d2 * h1, "w8": d2 * h2,
         "w1": e1 * i1, "w2": e1 * i2, "w3": e2 * i1, "w4": e2 * i2,
         "b1": e1 + e2, "b2": d1 + d2}
    return {k: np.array(v) for k, v in g.items()}
