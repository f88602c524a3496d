"""An LSTM over four steps, column vectors in dicts, gates in a loop."""

import numpy as np

np.random.seed(10)
H, D, T = 3, 2, 4
S = [np.random.randn(D, 1) for _ in range(T)]
Y = [np.random.randint(0, 3) for _ in range(T)]
Z = H + D
parameters = {}
for gate in "fico":
    parameters["W_" + gate] = np.random.randn(H, Z) * 0.6
    parameters["b_" + gate] = np.random.randn(H, 1) * 0.2
parameters["W_y"] = np.random.randn(3, H)
parameters["b_y"] = np.random.randn(3, 1) * 0.2


def sigm(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def forward(p):
    h, c = {-1: np.zeros((H, 1))}, {-1: np.zeros((H, 1))}
    f, i, ct, o, z, y = {}, {}, {}, {}, {}, {}
    for t in range(T):
        z[t] = np.vstack((h[t - 1], S[t]))
        f[t] = sigm(p["W_f"] @ z[t] + p["b_f"])
        i[t] = sigm(p["W_i"] @ z[t] + p["b_i"])
        ct[t] = np.tanh(p["W_c"] @ z[t] + p["b_c"])
        o[t] = sigm(p["W_o"] @ z[t] + p["b_o"])
        c[t] = f[t] * c[t - 1] + i[t] * ct[t]
        h[t] = o[t] * np.tanh(c[t])
        y[t] = softmax(p["W_y"] @ h[t] + p["b_y"])
    return h, c, f, i, ct, o, z, y


def loss(p):
    y = forward(p)[-1]
    return sum(-np.log(y[t][Y[t], 0]) for t in range(T))


def gradients(p):
    h, c, f, i, ct, o, z, y = forward(p)
    g = {k: np.zeros_like(v) for k, v in p.items()}
    dh_next = np.zeros((H, 1))
    dc_next = np.zeros((H, 1))
    for t in reversed(range(T)):
        dy = np.copy(y[t])
        dy[Y[t]] -= 1
        g["W_y"] += np.dot(dy, h[t].T)
        g["b_y"] += dy
        dh = np.dot(p["W_y"].T, dy) + dh_next
        do = dh * np.tanh(c[t])
        da_o = o[t] * (1 - o[t]) * do
        dc = dc_next + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
        da_c = (1 - ct[t] ** 2) * (dc * i[t])
        da_i = i[t] * (1 - i[t]) * (dc * ct[t])
        da_f = f[t] * (1 - f[t]) * (dc * c[t - 1])
        dz = np.zeros((Z, 1))
        for gate, da in zip("fico", (da_f, da_i, da_c, da_o)):
            g["W_" + gate] += np.dot(da, z[t].T)
            g["b_" + gate] += da
            dz += np.dot(p["W_" + gate].T, da)
        dh_next = dz[:H, :]
        dc_next = f[t] * dc
    return g


# --- planted mistakes ---

MISTAKES = """
dh_next forgotten: missing-term anywhere
- dh = np.dot(p["W_y"].T, dy) + dh_next
+ dh = np.dot(p["W_y"].T, dy)

dc_next forgotten: missing-term anywhere
- dc = dc_next + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
+ dc = dh * o[t] * (1 - np.tanh(c[t]) ** 2)

f forgotten in dc_next: missing-factor anywhere
- dc_next = f[t] * dc
+ dc_next = dc

tanh(c) derivative missing: missing-derivative anywhere
- dc = dc_next + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
+ dc = dc_next + dh * o[t]

tanh' with c not tanh(c): derivative-at-pre-activation or wrong-derivative anywhere
- dc = dc_next + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
+ dc = dc_next + dh * o[t] * (1 - c[t] ** 2)

tanh' of ct missing: missing-derivative anywhere
- da_c = (1 - ct[t] ** 2) * (dc * i[t])
+ da_c = 1.0 * (dc * i[t])

ct derivative is sigmoid's: other-derivative anywhere
- da_c = (1 - ct[t] ** 2) * (dc * i[t])
+ da_c = ct[t] * (1 - ct[t]) * (dc * i[t])

o gate derivative missing: missing-derivative anywhere
- da_o = o[t] * (1 - o[t]) * do
+ da_o = do

do with c instead of tanh(c): wrong-factor or missing-derivative anywhere
- do = dh * np.tanh(c[t])
+ do = dh * c[t]

da_i with i instead of ct: wrong-factor anywhere
- da_i = i[t] * (1 - i[t]) * (dc * ct[t])
+ da_i = i[t] * (1 - i[t]) * (dc * i[t])

c[t] for c[t-1]: wrong-factor anywhere
- da_f = f[t] * (1 - f[t]) * (dc * c[t - 1])
+ da_f = f[t] * (1 - f[t]) * (dc * c[t])

W_y overwritten: overwritten at dW_y
- g["W_y"] += np.dot(dy, h[t].T)
+ g["W_y"] = np.dot(dy, h[t].T)

b_f overwritten: overwritten anywhere
- g["b_" + gate] += da
+ g["b_" + gate] = da

dz = instead of +=: missing-term or overwritten anywhere
- dz += np.dot(p["W_" + gate].T, da)
+ dz = np.dot(p["W_" + gate].T, da)

h[t-1] in W_y: wrong-factor at dW_y
- g["W_y"] += np.dot(dy, h[t].T)
+ g["W_y"] += np.dot(dy, h[t - 1].T)

dy -1 forgotten: missing-target or missing-shift anywhere
- dy[Y[t]] -= 1
+ pass

sign: sign at the loss
+ dy = -dy
  g["W_y"] += np.dot(dy, h[t].T)

mean over T: factor at the loss
+ dy = dy / T
  g["W_y"] += np.dot(dy, h[t].T)

dc uses dc_next after o forgotten: missing-factor anywhere
- dc = dc_next + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
+ dc = dc_next + dh * (1 - np.tanh(c[t]) ** 2)
"""
