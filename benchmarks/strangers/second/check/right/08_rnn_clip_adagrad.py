import numpy as np

text = "to be or not to be"
chars = sorted(set(text))
idx = {c: i for i, c in enumerate(chars)}
V, H, seq, lr = len(chars), 12, 6, 0.1
np.random.seed(1)
Wxh, Whh, Why = (np.random.randn(*s) * 0.05 for s in ((H, V), (H, H), (V, H)))
bh, by = np.zeros((H, 1)), np.zeros((V, 1))


def lossFun(inputs, targets, hprev):
    xs, hs, ps, loss = {}, {-1: np.copy(hprev)}, {}, 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby, dhnext = np.zeros_like(bh), np.zeros_like(by), np.zeros((H, 1))
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        dby += dy
        dhraw = (1 - hs[t] ** 2) * (Why.T @ dy + dhnext)
        dbh += dhraw
        dWxh += dhraw @ xs[t].T
        dWhh += dhraw @ hs[t - 1].T
        dhnext = Whh.T @ dhraw
    for d in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(d, -1, 1, out=d)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


mem = [np.zeros_like(a) for a in (Wxh, Whh, Why, bh, by)]
n, p, smooth = 0, 0, seq * np.log(V)
while n < 400:
    if n == 0 or p + seq + 1 >= len(text):
        hprev, p = np.zeros((H, 1)), 0
    inputs = [idx[c] for c in text[p : p + seq]]
    targets = [idx[c] for c in text[p + 1 : p + seq + 1]]
    loss, *grads, hprev = lossFun(inputs, targets, hprev)
    smooth = 0.99 * smooth + 0.01 * loss
    for a, d, s in zip((Wxh, Whh, Why, bh, by), grads, mem):
        s += d * d
        a += -lr * d / np.sqrt(s + 1e-8)
    if n % 100 == 0:
        print("iter %d, loss %f" % (n, smooth))
    p += seq
    n += 1
