"""Ratings from two factor matrices and biases, one rating at a time."""

import numpy as np

rng = np.random.default_rng(31)
users = np.array([0, 0, 1, 2, 2, 3, 1])
items = np.array([1, 2, 0, 2, 1, 0, 2])
ratings = np.array([4.0, 3.0, 5.0, 1.0, 2.0, 4.0, 3.5])
lam = 0.1
parameters = {
    "P": rng.normal(size=(4, 2)),
    "Q": rng.normal(size=(3, 2)),
    "bu": rng.normal(size=4) * 0.1,
    "bi": rng.normal(size=3) * 0.1,
    "mu": 3.0,
}


def predict(p):
    return p["mu"] + p["bu"][users] + p["bi"][items] + np.sum(p["P"][users] * p["Q"][items], axis=1)


def loss(p):
    err = ratings - predict(p)
    return np.sum(err**2) + lam * (np.sum(p["P"] ** 2) + np.sum(p["Q"] ** 2))


def gradients(p):
    err = ratings - predict(p)
    dP, dQ = 2 * lam * p["P"], 2 * lam * p["Q"]
    dbu, dbi = np.zeros(4), np.zeros(3)
    for k, (u, i) in enumerate(zip(users, items)):
        dP[u] += -2 * err[k] * p["Q"][i]
        dQ[i] += -2 * err[k] * p["P"][u]
        dbu[u] += -2 * err[k]
        dbi[i] += -2 * err[k]
    return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.sum()}


# --- planted mistakes ---

MISTAKES = """
penalty forgotten both: missing-regulariser anywhere
- dP, dQ = 2 * lam * p["P"], 2 * lam * p["Q"]
+ dP, dQ = 0 * p["P"], 0 * p["Q"]

penalty forgotten Q: missing-regulariser anywhere
- dP, dQ = 2 * lam * p["P"], 2 * lam * p["Q"]
+ dP, dQ = 2 * lam * p["P"], 0 * p["Q"]

penalty factor: factor at the regulariser
- dP, dQ = 2 * lam * p["P"], 2 * lam * p["Q"]
+ dP, dQ = lam * p["P"], lam * p["Q"]

factor 2 everywhere: factor at the loss
-     dP[u] += -2 * err[k] * p["Q"][i]
-     dQ[i] += -2 * err[k] * p["P"][u]
-     dbu[u] += -2 * err[k]
-     dbi[i] += -2 * err[k]
- return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.sum()}
+     dP[u] += -err[k] * p["Q"][i]
+     dQ[i] += -err[k] * p["P"][u]
+     dbu[u] += -err[k]
+     dbi[i] += -err[k]
+ return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -err.sum()}

sign: sign anywhere
-     dP[u] += -2 * err[k] * p["Q"][i]
-     dQ[i] += -2 * err[k] * p["P"][u]
-     dbu[u] += -2 * err[k]
-     dbi[i] += -2 * err[k]
- return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.sum()}
+     dP[u] += 2 * err[k] * p["Q"][i]
+     dQ[i] += 2 * err[k] * p["P"][u]
+     dbu[u] += 2 * err[k]
+     dbi[i] += 2 * err[k]
+ return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": 2 * err.sum()}

sign in P: sign at dP
- dP[u] += -2 * err[k] * p["Q"][i]
+ dP[u] += 2 * err[k] * p["Q"][i]

sequential update (SGD): updated-first anywhere
+ p["P"] = p["P"] - 0.01 * dP if k == 6 else p["P"]
  dQ[i] += -2 * err[k] * p["P"][u]

P overwritten: overwritten or missing-term at dP
- dP[u] += -2 * err[k] * p["Q"][i]
+ dP[u] = -2 * err[k] * p["Q"][i]

bu overwritten: overwritten or missing-term at dbu
- dbu[u] += -2 * err[k]
+ dbu[u] = -2 * err[k]

own factor: wrong-factor at dQ
- dQ[i] += -2 * err[k] * p["P"][u]
+ dQ[i] += -2 * err[k] * p["Q"][i]

mean mu: factor at dmu
- return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.sum()}
+ return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.mean()}

mu zero: zero at dmu
- return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": -2 * err.sum()}
+ return {"P": dP, "Q": dQ, "bu": dbu, "bi": dbi, "mu": 0.0}

penalty per rating: factor at the regulariser
- dP, dQ = 2 * lam * p["P"], 2 * lam * p["Q"]
+ dP, dQ = 0 * p["P"], 2 * lam * p["Q"]
...
- dP[u] += -2 * err[k] * p["Q"][i]
+ dP[u] += -2 * err[k] * p["Q"][i] + 2 * lam * p["P"][u]
"""
