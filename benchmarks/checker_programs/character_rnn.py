"""A character-level recurrent network, as in the well-known gist."""

import numpy as np

data = "hello world hell"
chars = sorted(set(data))
ix = {c: i for i, c in enumerate(chars)}
V, hidden_size = len(chars), 5
np.random.seed(0)
Wxh = np.random.randn(hidden_size, V) * 0.5
Whh = np.random.randn(hidden_size, hidden_size) * 0.5
Why = np.random.randn(V, hidden_size) * 0.5
bh = np.random.randn(hidden_size, 1) * 0.1
by = np.random.randn(V, 1) * 0.1
parameters = {"Wxh": Wxh, "Whh": Whh, "Why": Why, "bh": bh, "by": by}
inputs = [ix[c] for c in data[:6]]
targets = [ix[c] for c in data[1:7]]


def lossFun(parameters):
    Wxh, Whh, Why, bh, by = (parameters[k] for k in ("Wxh", "Whh", "Why", "bh", "by"))
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.zeros((hidden_size, 1))
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    return loss, xs, hs, ys, ps


def loss(parameters):
    return lossFun(parameters)[0]


def gradients(parameters):
    Wxh, Whh, Why, bh, by = (parameters[k] for k in ("Wxh", "Whh", "Why", "bh", "by"))
    loss, xs, hs, ys, ps = lossFun(parameters)
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby}


# --- planted mistakes ---

MISTAKES = """
clipping: clipped anywhere
+ for d in [dWxh, dWhh, dWhy, dbh, dby]:
+     np.clip(d, -0.4, 0.4, out=d)
  return {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby}

dhnext forgotten: missing-term anywhere
- dh = np.dot(Why.T, dy) + dhnext
+ dh = np.dot(Why.T, dy)

Whh not transposed: transposed anywhere
- dhnext = np.dot(Whh.T, dhraw)
+ dhnext = np.dot(Whh, dhraw)

hs[t] in dWhh: wrong-factor at dWhh
- dWhh += np.dot(dhraw, hs[t - 1].T)
+ dWhh += np.dot(dhraw, hs[t].T)

tanh missing: missing-derivative anywhere
- dhraw = (1 - hs[t] * hs[t]) * dh
+ dhraw = dh

tanh 1 - h: wrong-derivative anywhere
- dhraw = (1 - hs[t] * hs[t]) * dh
+ dhraw = (1 - hs[t]) * dh

dhnext before tanh: missing-derivative or wrong-factor anywhere
- dhnext = np.dot(Whh.T, dhraw)
+ dhnext = np.dot(Whh.T, dh)

dWhy overwritten: overwritten at dWhy
- dWhy += np.dot(dy, hs[t].T)
+ dWhy = np.dot(dy, hs[t].T)

dbh overwritten: overwritten at dbh
- dbh += dhraw
+ dbh = dhraw

dby outside: overwritten at dby
- dby += dy
+ dby = dy

-1 forgotten: missing-target anywhere
- dy[targets[t]] -= 1
+ pass

mean over steps: factor anywhere
+ dy /= len(inputs)
  dWhy += np.dot(dy, hs[t].T)

wrong targets (inputs): wrong-target anywhere
- dy[targets[t]] -= 1
+ dy[inputs[t]] -= 1

p(1-p): extra-derivative anywhere
+ dy = dy * ps[t] * (1 - ps[t])
  dWhy += np.dot(dy, hs[t].T)

dWhh transposed: transposed at dWhh
- dWhh += np.dot(dhraw, hs[t - 1].T)
+ dWhh += np.dot(hs[t - 1], dhraw.T)

truncated: dhnext zeroed at t=3: missing-term anywhere
- dhnext = np.dot(Whh.T, dhraw)
+ dhnext = np.dot(Whh.T, dhraw) * (t != 3)
"""
