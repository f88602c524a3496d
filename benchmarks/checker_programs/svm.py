"""A linear support vector machine: hinge loss, L1 and L2 penalties."""

import numpy as np

rs = np.random.RandomState(5)
n, d = 9, 4
X = rs.randn(n, d)
y = np.where(rs.randn(n) > 0, 1.0, -1.0)
l1, l2 = 0.05, 0.1
parameters = {"w": rs.randn(d), "b": 0.2}


def loss(params):
    w, b = params["w"], params["b"]
    margins = y * (X.dot(w) + b)
    hinge = np.maximum(0, 1 - margins)
    return hinge.mean() + l1 * np.abs(w).sum() + 0.5 * l2 * w.dot(w)


def gradients(params):
    w, b = params["w"], params["b"]
    margins = y * (X.dot(w) + b)
    active = (margins < 1).astype(float)
    dw = -(X * (active * y)[:, None]).sum(axis=0) / n
    db = -(active * y).mean()
    dw += l1 * np.sign(w) + l2 * w
    return {"w": dw, "b": db}


# --- planted mistakes ---

MISTAKES = """
no L2: missing-regulariser anywhere
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * np.sign(w)

no L1: missing-regulariser anywhere
- dw += l1 * np.sign(w) + l2 * w
+ dw += l2 * w

no penalties: missing-regulariser anywhere
- dw += l1 * np.sign(w) + l2 * w
+ pass

L2 factor 2: factor at the regulariser
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * np.sign(w) + 2 * l2 * w

L2 factor half: factor at the regulariser
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * np.sign(w) + 0.5 * l2 * w

L1 as l1*w: wrong-derivative or missing-derivative or other-derivative anywhere
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * w + l2 * w

L1 as l1*|w|: wrong-derivative or missing-derivative or other-derivative anywhere
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * np.abs(w) + l2 * w

L1 sign missing: missing-derivative anywhere
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 + l2 * w

L2 sign: sign at the regulariser
- dw += l1 * np.sign(w) + l2 * w
+ dw += l1 * np.sign(w) - l2 * w

hinge mask turned: wrong-mask or wrong-derivative anywhere
- active = (margins < 1).astype(float)
+ active = (margins > 1).astype(float)

hinge mask at 0: wrong-mask or wrong-derivative anywhere
- active = (margins < 1).astype(float)
+ active = (margins < 0).astype(float)

hinge no mask: missing-derivative or wrong-mask anywhere
- active = (margins < 1).astype(float)
+ active = (margins < 1e9).astype(float)

y forgotten: missing-factor anywhere
- dw = -(X * (active * y)[:, None]).sum(axis=0) / n
- db = -(active * y).mean()
+ dw = -(X * (active)[:, None]).sum(axis=0) / n
+ db = -(active).mean()

sign of the data term: sign anywhere
- dw = -(X * (active * y)[:, None]).sum(axis=0) / n
+ dw = (X * (active * y)[:, None]).sum(axis=0) / n

sign of data term, both: sign anywhere
- dw = -(X * (active * y)[:, None]).sum(axis=0) / n
- db = -(active * y).mean()
+ dw = (X * (active * y)[:, None]).sum(axis=0) / n
+ db = (active * y).mean()

n forgotten in dw: factor at dw
- dw = -(X * (active * y)[:, None]).sum(axis=0) / n
+ dw = -(X * (active * y)[:, None]).sum(axis=0)

db sum: factor at db
- db = -(active * y).mean()
+ db = -(active * y).sum()

penalty on b: extra-regulariser at db
- db = -(active * y).mean()
+ db = -(active * y).mean() + l2 * b
"""
