"""Arrays filled entry by entry: rows of samples, loops over all indices."""

import numpy as np

r = np.random.RandomState(7)
N, F, H = 4, 3, 3
X, Y = r.randn(N, F), r.rand(N)
parameters = {"W": r.randn(F, H) * 0.8, "b": r.randn(H) * 0.2, "v": r.randn(H)}


def hidden(p):
    A = np.zeros((N, H))
    for n in range(N):
        for j in range(H):
            s = p["b"][j]
            for i in range(F):
                s = s + X[n, i] * p["W"][i, j]
            A[n, j] = np.tanh(s)
    return A


def loss(p):
    A = hidden(p)
    total = 0.0
    for n in range(N):
        y = 0.0
        for j in range(H):
            y = y + A[n, j] * p["v"][j]
        total = total + (y - Y[n]) ** 2
    return total / N


def gradients(p):
    A = hidden(p)
    dW, db, dv = np.zeros((F, H)), np.zeros(H), np.zeros(H)
    for n in range(N):
        e = 2 * (A[n] @ p["v"] - Y[n]) / N
        for j in range(H):
            dv[j] += e * A[n, j]
            dz = e * p["v"][j] * (1 - A[n, j] ** 2)
            db[j] += dz
            for i in range(F):
                dW[i, j] += dz * X[n, i]
    return {"W": dW, "b": db, "v": dv}


# --- planted mistakes ---

MISTAKES = """
no slope: missing-derivative at layer 1
- dz = e * p["v"][j] * (1 - A[n, j] ** 2)
+ dz = e * p["v"][j]

no slope in the weights: missing-derivative at dW
- dW[i, j] += dz * X[n, i]
+ dW[i, j] += e * p["v"][j] * X[n, i]

only one sample: overwritten at dv
- dv[j] += e * A[n, j]
+ dv[j] = e * A[n, j]

transposed: transposed at dW
- return {"W": dW, "b": db, "v": dv}
+ return {"W": dW.T, "b": db, "v": dv}

weight forgotten: missing-factor at v
- dz = e * p["v"][j] * (1 - A[n, j] ** 2)
+ dz = e * (1 - A[n, j] ** 2)

slope alone: missing-upstream at layer 1
- dz = e * p["v"][j] * (1 - A[n, j] ** 2)
+ dz = 1 - A[n, j] ** 2

reversed: flipped-kernel at dv
- return {"W": dW, "b": db, "v": dv}
+ return {"W": dW, "b": db, "v": dv[::-1]}

first sample left out of db: left-out at db
- db[j] += dz
+ db[j] += dz * (n > 0)

no slope in dW, db reversed: missing-derivative or flipped-kernel anywhere
- dW[i, j] += dz * X[n, i]
+ dW[i, j] += e * p["v"][j] * X[n, i]
...
- return {"W": dW, "b": db, "v": dv}
+ return {"W": dW, "b": db[::-1], "v": dv}
"""
