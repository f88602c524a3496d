import numpy as np


def make(seed=1, T=5, D=3, H=4, C=3):
    rng = np.random.default_rng(seed)
    xs = rng.normal(size=(T, D))
    tags = rng.integers(0, C, T)
    start = {"U": rng.normal(size=(H, D)) * 0.5, "W": rng.normal(size=(H, H)) * 0.5,
             "b": np.zeros(H), "V": rng.normal(size=(C, 2 * H)) * 0.5}

    # the same cell reads the sequence in both directions
    def read(p, order):
        h = np.zeros(H)
        states = {}
        for t in order:
            prev = h
            h = np.tanh(p["U"] @ xs[t] + p["W"] @ h + p["b"])
            states[t] = (prev, h)
        return states

    def probabilities(p):
        fw, bw = read(p, range(T)), read(p, range(T - 1, -1, -1))
        joint = [np.r_[fw[t][1], bw[t][1]] for t in range(T)]
        probs = []
        for j in joint:
            e = np.exp(p["V"] @ j)
            probs.append(e / e.sum())
        return fw, bw, joint, probs

    def cost(p):
        return -sum(np.log(pr[k]) for pr, k in zip(probabilities(p)[3], tags)) / T

    def back(p):
        fw, bw, joint, probs = probabilities(p)
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dj = []
        for t in range(T):
            e = probs[t].copy()
            e[tags[t]] -= 1
            e /= T
            g["V"] += np.outer(e, joint[t])
            dj.append(p["V"].T @ e)
        for states, order, part in ((fw, range(T - 1, -1, -1), slice(0, H)), (bw, range(T), slice(H, None))):
            carry = np.zeros(H)
            for t in order:
                prev, h = states[t]
                dz = (dj[t][part] + carry) * (1 - h ** 2)
                g["U"] += np.outer(dz, xs[t])
                g["W"] += np.outer(dz, prev)
                g["b"] += dz
                carry = p["W"].T @ dz
        return g

    return start, cost, back


parameters, loss, gradients = make()
