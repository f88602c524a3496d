# predict the next value of a wave with a tiny RNN
import numpy as np

np.random.seed(2)
series = np.sin(np.arange(0, 20, 0.4))
inputs, targets = series[:-1], series[1:]
T = len(inputs)
H = 8

Wx = np.random.randn(H, 1) * 0.3
Wh = np.random.randn(H, H) * 0.3
Wy = np.random.randn(1, H) * 0.3
bh = np.zeros((H, 1))
by = np.zeros((1, 1))

dWx, dWh, dWy = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wy)
dbh, dby = np.zeros_like(bh), np.zeros_like(by)

lr = 0.001
for epoch in range(200):
    h = {-1: np.zeros((H, 1))}
    out = {}
    loss = 0
    for t in range(T):
        h[t] = np.tanh(Wx * inputs[t] + Wh @ h[t - 1] + bh)
        out[t] = Wy @ h[t] + by
        loss += 0.5 * (out[t][0, 0] - targets[t]) ** 2

    dh_next = np.zeros((H, 1))
    for t in range(T - 1, -1, -1):
        d = out[t] - targets[t]
        dWy += d @ h[t].T
        dby += d
        dh = Wy.T @ d + dh_next
        dz = dh * (1 - h[t] ** 2)
        dbh += dz
        dWx += dz * inputs[t]
        dWh += dz @ h[t - 1].T
        dh_next = Wh.T @ dz

    for param, dparam in zip([Wx, Wh, Wy, bh, by], [dWx, dWh, dWy, dbh, dby]):
        np.clip(dparam, -5, 5, out=dparam)
        param -= lr * dparam
    if epoch % 20 == 0:
        print(epoch, loss)
