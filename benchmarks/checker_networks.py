"""Networks with a backward pass by hand in which every mistake can be planted.

Each maker returns the parameters, the loss, a function ``gradients(parameters, faults)``, and the
faults that it knows: name to what the checker should say, as (kinds, layer). Where two kinds have
the same numbers by mathematics (a missing sigmoid derivative at the output *is* the cross-entropy's
gradient), either will do. A layer of 0 is the loss; None is anywhere.

The passes are written as a learner would write them, in NumPy, without Pellucid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["NETWORKS", "Network"]

Expected = tuple[tuple[str, ...], int | None]


class Network(NamedTuple):
    """A network, its loss, its backward pass, and the mistakes that can be planted in it."""

    name: str
    parameters: dict[str, Any]
    loss: Callable[..., Any]
    gradients: Callable[..., Any]
    faults: dict[str, Expected]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": relu}


def slope(kind, z, a, fault=""):
    """The derivative of an activation, or what people write in its place."""
    if fault == "missing-derivative":
        return np.ones_like(z)
    if fault == "derivative-at-activation":
        z, a = a, ACTIVATIONS[kind](a)
    if fault == "derivative-at-pre-activation":
        a = z
    if fault == "other-derivative":
        kind = {"sigmoid": "tanh", "tanh": "sigmoid", "relu": "tanh"}[kind]
    right = {"sigmoid": a * (1 - a), "tanh": 1 - a**2, "relu": (z > 0) * 1.0}[kind]
    return right**2 if fault == "extra-derivative" else right


def slope_faults(kind, layer):
    names = ["missing-derivative", "other-derivative"]
    if kind != "relu":  # for a ReLU these are the same as the right one
        names += ["extra-derivative", "derivative-at-activation", "derivative-at-pre-activation"]
    return {f"{name}@{layer}": ((name,), layer) for name in names}


def at(faults, layer):
    """The fault of the activation that is planted at a layer."""
    return next((f.partition("@")[0] for f in faults if f.endswith(f"@{layer}")
                 and "derivative" in f), "")  # fmt: skip


def parameter_faults(weights, biases, layers):
    """Mistakes in the last step to a parameter."""
    found: dict[str, Expected] = {}
    for w in weights:
        found[f"sign d{w}"] = (("sign",), layers[w])
        found[f"factor d{w}"] = (("factor",), layers[w])
    for b in biases:
        found[f"not summed d{b}"] = (("bias-not-summed",), layers[b])
        found[f"wrong axis d{b}"] = (("bias-axis",), layers[b])
        found[f"mean d{b}"] = (("factor",), layers[b])
    return found


def weight(name, g, faults, count):
    if f"sign d{name}" in faults:
        g = -g
    return g * count if f"factor d{name}" in faults else g


def bias(name, dz, faults, keepdims=False):
    """Sum dz over the samples, or do something else."""
    if f"not summed d{name}" in faults:
        return dz
    if f"wrong axis d{name}" in faults:
        return dz.sum(axis=1, keepdims=keepdims)
    if f"mean d{name}" in faults:
        return dz.mean(axis=0, keepdims=keepdims)
    return dz.sum(axis=0, keepdims=keepdims)


# --- dense ----------------------------------------------------------------------------------------


def dense(kind: str, loss_name: str, sizes: tuple[int, ...], penalty: float = 0.0) -> Network:
    """A network of dense layers; the last one is linear, sigmoid or softmax, as the loss needs."""
    rng = np.random.default_rng(len(sizes) * 7 + len(kind))
    depth, n = len(sizes) - 1, 7
    X = rng.normal(size=(n, sizes[0]))
    classes = sizes[-1]
    if loss_name in ("cross-entropy", "softmax squared"):
        Y = np.eye(classes)[rng.integers(0, classes, n)]
    elif loss_name in ("binary", "sigmoid squared"):
        Y = rng.integers(0, 2, (n, classes)).astype(float)
    else:
        Y = rng.normal(size=(n, classes))
    parameters = {}
    for k in range(1, depth + 1):
        parameters[f"W{k}"] = rng.normal(size=(sizes[k - 1], sizes[k])) / np.sqrt(sizes[k - 1])
        parameters[f"b{k}"] = 0.3 * rng.normal(size=(1, sizes[k]))
    act = ACTIVATIONS[kind]

    def forward(p):
        zs, activations = [], [X]
        for k in range(1, depth + 1):
            z = activations[-1] @ p[f"W{k}"] + p[f"b{k}"]
            zs.append(z)
            activations.append(act(z) if k < depth else z)
        out = activations[-1]
        if loss_name in ("cross-entropy", "softmax squared"):
            out = softmax(out)
        elif loss_name in ("binary", "sigmoid squared"):
            out = sigmoid(out)
        return zs, activations, out

    def loss(p):
        _, _, out = forward(p)
        if loss_name == "cross-entropy":
            value = -np.sum(Y * np.log(out)) / n
        elif loss_name == "binary":
            value = -np.mean(Y * np.log(out) + (1 - Y) * np.log(1 - out))
        elif loss_name == "half squared":
            value = 0.5 * np.sum((out - Y) ** 2)
        else:
            value = np.mean((out - Y) ** 2)
        if penalty:
            for k in range(1, depth + 1):
                value = value + penalty * np.sum(p[f"W{k}"] ** 2)
        return value

    def gradients(p, faults=()):
        zs, activations, out = forward(p)
        scale = {"cross-entropy": 1 / n, "half squared": 1.0}.get(loss_name, 1 / (n * classes))
        if ("squared" in loss_name and loss_name != "half squared") or loss_name == "mean squared":
            scale = 2 * scale
        if "sum instead of mean" in faults:
            scale *= n
        if "factor outputs" in faults:
            scale *= classes
        if "factor 2" in faults:
            scale *= 0.5
        e = (Y - out) if "sign" in faults else (out - Y)
        if "missing shift" in faults:
            e = -Y
        dz = scale * e
        if loss_name == "softmax squared" and "cross-entropy's gradient" not in faults:
            if "diagonal softmax" in faults:
                dz = dz * out * (1 - out)
            else:
                dz = out * (dz - np.sum(dz * out, axis=1, keepdims=True))
        if loss_name == "sigmoid squared" and "cross-entropy's gradient" not in faults:
            dz = dz * slope("sigmoid", zs[-1], out, at(faults, depth))
        if "squared error's gradient" in faults:
            if loss_name == "cross-entropy":
                dz = out * (dz - np.sum(dz * out, axis=1, keepdims=True))
            else:
                dz = dz * out * (1 - out)
        if "extra p(1 - p)" in faults:
            dz = dz * out * (1 - out)
        result = {}
        for k in range(depth, 0, -1):
            a = activations[k - 1]
            if f"pre-activation in dW{k}" in faults:
                a = zs[k - 2]
            dW = weight(f"W{k}", a.T @ dz, faults, n)
            if penalty and "no penalty" not in faults and f"no penalty {k}" not in faults:
                dW = dW + 2 * penalty * p[f"W{k}"]
            result[f"W{k}"] = dW.T if f"transposed dW{k}" in faults else dW
            result[f"b{k}"] = bias(f"b{k}", dz, faults, keepdims=True)
            if k == 1:
                break
            W = p[f"W{k}"]
            if f"updated first {k}" in faults or "updated first" in faults:
                W = W - 0.1 * dW
            da = dz @ (W if f"transposed W{k}" in faults else W.T)
            if f"mask from the gradient@{k - 1}" in faults:
                dz = da * (da > 0)
            elif f"mask from another layer@{k - 1}" in faults:
                dz = da * (zs[0 if k - 1 > 1 else 1] > 0)
            else:
                dz = da * slope(kind, zs[k - 2], activations[k - 1], at(faults, k - 1))
        return result

    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "factor outputs": (("factor",), None),
        "factor 2": (("factor",), None),
        "sign": (("sign",), None),
    }
    output = ("cross-entropy-gradient", "missing-derivative")
    if loss_name == "cross-entropy":
        faults |= {"missing shift": (("missing-shift",), depth),
                   "squared error's gradient": (("squared-error-gradient",), depth),
                   "extra p(1 - p)": (("extra-derivative",), depth)}  # fmt: skip
    if loss_name == "binary":
        both = ("squared-error-gradient", "extra-derivative")
        faults |= {"squared error's gradient": (both, depth), "extra p(1 - p)": (both, depth)}
    if loss_name == "softmax squared":
        faults |= {"diagonal softmax": (("diagonal-softmax",), depth),
                   "cross-entropy's gradient": (output, depth)}  # fmt: skip
    if loss_name == "sigmoid squared":
        faults |= {"cross-entropy's gradient": (output, depth)}
        faults |= slope_faults("sigmoid", depth)
        faults[f"missing-derivative@{depth}"] = (output, depth)
    layers = {f"{x}{k}": k for x in "Wb" for k in range(1, depth + 1)}
    weights = [f"W{k}" for k in range(1, depth + 1)]
    faults |= parameter_faults(weights, [f"b{k}" for k in range(1, depth + 1)], layers)
    for k in range(1, depth):
        faults |= slope_faults(kind, k)
        if kind == "relu":
            faults[f"mask from the gradient@{k}"] = (("wrong-mask",), k)
            if depth > 2 and sizes[1] == sizes[2]:
                faults[f"mask from another layer@{k}"] = (("wrong-mask",), k)
    for k in range(2, depth + 1):
        faults[f"updated first {k}"] = (("updated-first",), k)
        faults[f"pre-activation in dW{k}"] = (("wrong-factor",), k)
        if sizes[k] == sizes[k - 1]:
            faults[f"transposed W{k}"] = (("transposed",), k)
    if depth > 2:
        faults["updated first"] = (("updated-first",), None)
    for k in range(1, depth + 1):
        faults[f"transposed dW{k}"] = (("transposed",), k)
    if penalty:
        faults["no penalty"] = (("missing-regulariser",), None)
        for k in range(1, depth + 1):
            faults[f"no penalty {k}"] = (("missing-regulariser",), k)
    name = f"dense {'-'.join(map(str, sizes))} {kind}, {loss_name}{', L2' if penalty else ''}"
    return Network(name, parameters, loss, gradients, faults)


# --- residual -------------------------------------------------------------------------------------


def residual() -> Network:
    """Two layers with a connection past the second: h2 = h1 + tanh(h1 W2 + b2)."""
    rng = np.random.default_rng(3)
    n, X, Y = 6, rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    parameters = {
        "W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4),
        "W2": rng.normal(size=(4, 4)), "b2": rng.normal(size=4),
        "W3": rng.normal(size=(4, 2)), "b3": rng.normal(size=2),
    }  # fmt: skip

    def forward(p):
        z1 = X @ p["W1"] + p["b1"]
        h1 = np.tanh(z1)
        z2 = h1 @ p["W2"] + p["b2"]
        a2 = np.tanh(z2)
        h2 = h1 + a2
        return z1, h1, z2, a2, h2, h2 @ p["W3"] + p["b3"]

    def loss(p):
        return np.sum((forward(p)[-1] - Y) ** 2) / n

    def gradients(p, faults=()):
        z1, h1, z2, a2, h2, out = forward(p)
        d3 = 2 * (out - Y) / (1 if "sum instead of mean" in faults else n)
        dh2 = d3 @ p["W3"].T
        d2 = dh2 * slope("tanh", z2, a2, at(faults, 2))
        dh1 = d2 @ (p["W2"] if "transposed W2" in faults else p["W2"].T)
        if "skip forgotten" not in faults:
            dh1 = dh1 + dh2
        if "only the skip" in faults:
            dh1 = dh2
        d1 = dh1 * slope("tanh", z1, h1, at(faults, 1))
        return {
            "W1": weight("W1", X.T @ d1, faults, n), "b1": bias("b1", d1, faults),
            "W2": weight("W2", h1.T @ d2, faults, n), "b2": bias("b2", d2, faults),
            "W3": weight("W3", h2.T @ d3, faults, n), "b3": bias("b3", d3, faults),
        }  # fmt: skip

    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "transposed W2": (("transposed",), 2),
        "skip forgotten": (("missing-term",), None),
        "only the skip": (("missing-term",), None),
        **slope_faults("tanh", 1), **slope_faults("tanh", 2),
        **parameter_faults(["W1", "W2", "W3"], ["b1", "b2", "b3"],
                           {f"{x}{k}": k for x in "Wb" for k in (1, 2, 3)}),
    }  # fmt: skip
    return Network("residual", parameters, loss, gradients, faults)


# --- convolution ----------------------------------------------------------------------------------


def correlate(x, w):
    """(N, C, H, W) with (F, C, k, k): the sum over the k × k taps, tap by tap."""
    k = w.shape[-1]
    rows, columns = x.shape[2] - k + 1, x.shape[3] - k + 1
    z = np.zeros((x.shape[0], w.shape[0], rows, columns))
    for i in range(k):
        for j in range(k):
            z += np.einsum("nchw,fc->nfhw", x[:, :, i : i + rows, j : j + columns], w[:, :, i, j])
    return z


def convolution(kind: str) -> Network:
    """Two convolutions and a dense layer with the softmax cross-entropy."""
    rng = np.random.default_rng(5)
    n, X = 4, rng.normal(size=(4, 1, 7, 7))
    labels = rng.integers(0, 3, n)
    parameters = {
        "K1": rng.normal(size=(2, 1, 3, 3)) / 2, "c1": 0.3 * rng.normal(size=(1, 2, 1, 1)),
        "K2": rng.normal(size=(3, 2, 3, 3)) / 3, "c2": 0.3 * rng.normal(size=(1, 3, 1, 1)),
        "W3": rng.normal(size=(27, 3)) / 4, "b3": 0.3 * rng.normal(size=3),
    }  # fmt: skip
    act = ACTIVATIONS[kind]

    def forward(p):
        z1 = correlate(X, p["K1"]) + p["c1"]
        a1 = act(z1)
        z2 = correlate(a1, p["K2"]) + p["c2"]
        a2 = act(z2)
        flat = a2.reshape(n, -1)
        return z1, a1, z2, a2, flat, softmax(flat @ p["W3"] + p["b3"])

    def loss(p):
        return -np.mean(np.log(forward(p)[-1][np.arange(n), labels]))

    def filters(x, dz):
        g = np.zeros((dz.shape[1], x.shape[1], 3, 3))
        for i in range(3):
            for j in range(3):
                patch = x[:, :, i : i + dz.shape[2], j : j + dz.shape[3]]
                g[:, :, i, j] = np.einsum("nchw,nfhw->fc", patch, dz)
        return g

    def channel_bias(name, dz, faults):
        if f"not summed d{name}" in faults:
            return dz
        if f"over channels d{name}" in faults:
            return dz.sum(axis=(1, 2, 3), keepdims=True)
        if f"samples only d{name}" in faults:
            return dz.sum(axis=0, keepdims=True)
        return dz.sum(axis=(0, 2, 3), keepdims=True)

    def gradients(p, faults=()):
        z1, a1, z2, a2, flat, out = forward(p)
        dz3 = out - np.eye(3)[labels]
        if "sign" in faults:
            dz3 = -dz3
        if "missing shift" in faults:
            dz3 = -np.eye(3)[labels]
        if "sum instead of mean" not in faults:
            dz3 = dz3 / n
        if "extra p(1 - p)" in faults:
            dz3 = dz3 * out * (1 - out)
        da2 = (dz3 @ p["W3"].T).reshape(a2.shape)
        dz2 = da2 * slope(kind, z2, a2, at(faults, 2))
        da1 = np.zeros_like(a1)
        for i in range(3):
            for j in range(3):
                part = np.einsum("nfhw,fc->nchw", dz2, p["K2"][:, :, i, j])
                da1[:, :, i : i + dz2.shape[2], j : j + dz2.shape[3]] += part
        dz1 = da1 * slope(kind, z1, a1, at(faults, 1))
        if "mask from the gradient@1" in faults:
            dz1 = da1 * (da1 > 0)
        if "mask from the gradient@2" in faults:
            dz2 = da2 * (da2 > 0)
        K1, K2 = filters(X, dz1), filters(a1, dz2)
        if "flipped dK1" in faults:
            K1 = K1[:, :, ::-1, ::-1]
        if "flipped dK2" in faults:
            K2 = K2[:, :, ::-1, ::-1]
        return {
            "K1": weight("K1", K1, faults, n), "c1": channel_bias("c1", dz1, faults),
            "K2": weight("K2", K2, faults, n), "c2": channel_bias("c2", dz2, faults),
            "W3": weight("W3", flat.T @ dz3, faults, n), "b3": bias("b3", dz3, faults),
        }  # fmt: skip

    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "sign": (("sign",), None),
        "missing shift": (("missing-shift",), 3),
        "extra p(1 - p)": (("extra-derivative",), 3),
        "flipped dK1": (("flipped-kernel",), 1),
        "flipped dK2": (("flipped-kernel",), 2),
        **slope_faults(kind, 1), **slope_faults(kind, 2),
        **parameter_faults(["K1", "K2", "W3"], ["b3"], {"K1": 1, "K2": 2, "W3": 3, "b3": 3}),
    }  # fmt: skip
    for k in (1, 2):
        faults[f"not summed dc{k}"] = (("bias-not-summed",), k)
        faults[f"over channels dc{k}"] = (("bias-axis",), k)
        faults[f"samples only dc{k}"] = (("bias-axis",), k)
    if kind == "relu":
        faults["mask from the gradient@1"] = (("wrong-mask",), 1)
    return Network(f"convolution {kind}", parameters, loss, gradients, faults)


# --- recurrent ------------------------------------------------------------------------------------


def recurrent(kind: str) -> Network:
    """A recurrent layer over five steps with a target at every step, and its way back in time."""
    rng = np.random.default_rng(9)
    n, steps, units = 3, 5, 4
    X, Y = rng.normal(size=(n, steps, 2)), rng.normal(size=(n, steps, 3))
    parameters = {
        "Wx": rng.normal(size=(2, units)), "Wh": rng.normal(size=(units, units)) / 2,
        "bh": 0.3 * rng.normal(size=units),
        "Wy": rng.normal(size=(units, 3)), "by": 0.3 * rng.normal(size=3),
    }  # fmt: skip
    act = ACTIVATIONS[kind]

    def forward(p):
        zs, hs, outs = {}, {-1: np.zeros((n, units))}, {}
        for t in range(steps):
            zs[t] = X[:, t] @ p["Wx"] + hs[t - 1] @ p["Wh"] + p["bh"]
            hs[t] = act(zs[t])
            outs[t] = hs[t] @ p["Wy"] + p["by"]
        return zs, hs, outs

    def loss(p):
        _, _, outs = forward(p)
        total = 0.0
        for t in range(steps):
            total += np.sum((outs[t] - Y[:, t]) ** 2) / n
        return total

    def gradients(p, faults=()):
        zs, hs, outs = forward(p)
        g = {name: np.zeros_like(value) for name, value in p.items()}
        dh_next = np.zeros((n, units))
        for t in reversed(range(steps)):
            dy = 2 * (outs[t] - Y[:, t]) / (1 if "sum instead of mean" in faults else n)
            if "factor 2" in faults:
                dy = dy / 2
            if "sign" in faults:
                dy = -dy
            dh = dy @ p["Wy"].T + (0 if "through time forgotten" in faults else dh_next)
            dz = dh * slope(kind, zs[t], hs[t], at(faults, 1))
            parts = {
                "Wx": X[:, t].T @ dz,
                "Wh": (hs[t] if "wrong step in dWh" in faults else hs[t - 1]).T @ dz,
                "bh": bias("bh", dz, faults),
                "Wy": hs[t].T @ dy,
                "by": bias("by", dy, faults),
            }
            for name, part in parts.items():
                over = f"overwritten d{name}" in faults
                g[name] = part if over else g[name] + part
            dh_next = dz @ (p["Wh"] if "transposed Wh" in faults else p["Wh"].T)
        if "transposed dWh" in faults:
            g["Wh"] = g["Wh"].T
        return {name: weight(name, value, faults, n) for name, value in g.items()}

    layers = {"Wx": 1, "Wh": 1, "bh": 1, "Wy": 2, "by": 2}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "factor 2": (("factor",), None),
        "sign": (("sign",), None),
        "through time forgotten": (("missing-term",), None),
        "transposed Wh": (("transposed",), 1),
        "transposed dWh": (("transposed",), 1),
        "wrong step in dWh": (("wrong-factor",), 1),
        **{f"overwritten d{name}": (("overwritten",), layers[name]) for name in ("Wx", "Wh", "Wy")},
        **slope_faults(kind, 1),
        **parameter_faults(["Wx", "Wh", "Wy"], ["bh", "by"], layers),
    }
    for name in ("not summed dbh", "not summed dby", "wrong axis dbh", "wrong axis dby"):
        faults.pop(name)  # the shapes do not fit an accumulated gradient: NumPy itself refuses
    return Network(f"recurrent {kind}", parameters, loss, gradients, faults)


# --- batch norm -----------------------------------------------------------------------------------


def batch_norm(kind: str) -> Network:
    """Dense, batch norm, activation, dense, softmax cross-entropy."""
    rng = np.random.default_rng(11)
    n, units = 8, 5
    X, labels = rng.normal(size=(n, 3)), rng.integers(0, 3, n)
    parameters = {
        "W1": rng.normal(size=(3, units)), "gamma": 1 + 0.3 * rng.normal(size=units),
        "beta": 0.3 * rng.normal(size=units),
        "W2": rng.normal(size=(units, 3)), "b2": 0.3 * rng.normal(size=3),
    }  # fmt: skip
    act = ACTIVATIONS[kind]

    def forward(p):
        x = X @ p["W1"]
        mu = np.mean(x, axis=0)
        centred = x - mu
        var = np.mean(centred**2, axis=0)
        std = np.sqrt(var + 1e-5)
        xhat = centred / std
        z = p["gamma"] * xhat + p["beta"]
        a = act(z)
        return x, centred, std, xhat, z, a, softmax(a @ p["W2"] + p["b2"])

    def loss(p):
        return -np.mean(np.log(forward(p)[-1][np.arange(n), labels]))

    def gradients(p, faults=()):
        x, centred, std, xhat, z, a, out = forward(p)
        d2 = (out - np.eye(3)[labels]) / (1 if "sum instead of mean" in faults else n)
        if "sign" in faults:
            d2 = -d2
        da = d2 @ p["W2"].T
        dz = da * slope(kind, z, a, at(faults, 1))
        dxhat = dz if "gamma forgotten" in faults else dz * p["gamma"]
        dcentred = dxhat / std
        if "variance a constant" not in faults:
            dvar = np.sum(dxhat * centred, axis=0) * -0.5 / std**3
            if "variance: 1/N forgotten" in faults:
                dvar = dvar * n
            if "variance: sign" in faults:
                dvar = -dvar
            dcentred = dcentred + dvar * 2 * centred / n
        dx = dcentred
        if "mean a constant" not in faults:
            dx = dcentred - np.mean(dcentred, axis=0)
        return {
            "W1": weight("W1", X.T @ dx, faults, n),
            "gamma": np.sum(dz * (x if "x in dgamma" in faults else xhat), axis=0),
            "beta": bias("beta", dz, faults),
            "W2": weight("W2", a.T @ d2, faults, n),
            "b2": bias("b2", d2, faults),
        }

    layers = {"W1": 1, "beta": 1, "W2": 2, "b2": 2}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "sign": (("sign",), None),
        "gamma forgotten": (("missing-factor",), 1),
        "x in dgamma": (("wrong-factor",), 1),
        "variance a constant": (("missing-term", "stopped"), 1),
        "mean a constant": (("missing-term", "stopped"), 1),
        "variance: 1/N forgotten": (("factor", "missing-factor"), 1),
        "variance: sign": (("sign",), 1),
        **slope_faults(kind, 1),
        **parameter_faults(["W1", "W2"], ["beta", "b2"], layers),
    }
    return Network(f"batch norm {kind}", parameters, loss, gradients, faults)


# --- attention ------------------------------------------------------------------------------------


def attention() -> Network:
    """Embedding, one head of attention, an output layer, the mean over positions, squared error."""
    rng = np.random.default_rng(13)
    n, steps, d = 3, 4, 5
    X, Y = rng.normal(size=(n, steps, 2)), rng.normal(size=(n, 2))
    parameters = {
        "We": rng.normal(size=(2, d)),
        "Wq": rng.normal(size=(d, d)), "Wk": rng.normal(size=(d, d)),
        "Wv": rng.normal(size=(d, d)) / 2,
        "Wo": rng.normal(size=(d, 2)), "bo": 0.3 * rng.normal(size=2),
    }  # fmt: skip

    def forward(p):
        e = X @ p["We"]
        q, k, v = e @ p["Wq"], e @ p["Wk"], e @ p["Wv"]
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(d)
        weights = softmax(scores)
        c = weights @ v
        pooled = np.mean(c, axis=1)
        return e, q, k, v, weights, c, pooled, pooled @ p["Wo"] + p["bo"]

    def loss(p):
        return 0.5 * np.sum((forward(p)[-1] - Y) ** 2) / n

    def rows(x):
        return x.reshape(-1, x.shape[-1])

    def gradients(p, faults=()):
        e, q, k, v, a, _, pooled, out = forward(p)
        dy = (out - Y) / (1 if "sum instead of mean" in faults else n)
        if "sign" in faults:
            dy = -dy
        dpooled = dy @ p["Wo"].T
        dc = np.repeat(dpooled[:, None], steps, axis=1)
        if "pooling: 1/T forgotten" not in faults:
            dc = dc / steps
        da = dc @ v.transpose(0, 2, 1)
        dv = (a if "transposed weights" in faults else a.transpose(0, 2, 1)) @ dc
        if "diagonal softmax" in faults:
            ds = da * a * (1 - a)
        elif "missing softmax" in faults:
            ds = da
        elif "softmax normaliser" in faults:
            ds = da * a
        else:
            ds = a * (da - np.sum(da * a, axis=-1, keepdims=True))
        if "1/sqrt(d) forgotten" not in faults:
            ds = ds / np.sqrt(d)
        dq = (ds.transpose(0, 2, 1) if "transposed scores in dq" in faults else ds) @ k
        dk = (ds if "transposed scores in dk" in faults else ds.transpose(0, 2, 1)) @ q
        de = np.zeros_like(e)
        for name, g in (("q", dq), ("k", dk), ("v", dv)):
            if f"path through {name} forgotten" not in faults:
                W = p[f"W{name}"]
                de = de + g @ (W if f"transposed W{name}" in faults else W.T)
        g = {
            "We": rows(X).T @ rows(de),
            "Wq": rows(e).T @ rows(dq), "Wk": rows(e).T @ rows(dk), "Wv": rows(e).T @ rows(dv),
            "Wo": pooled.T @ dy,
        }  # fmt: skip
        if "dWq and dWk exchanged" in faults:
            g["Wq"], g["Wk"] = g["Wk"], g["Wq"]
        if "transposed dWv" in faults:
            g["Wv"] = g["Wv"].T
        result = {name: weight(name, value, faults, n) for name, value in g.items()}
        return {**result, "bo": bias("bo", dy, faults)}

    layers = {"We": 1, "Wq": 2, "Wk": 2, "Wv": 2, "Wo": 3, "bo": 3}
    faults: dict[str, Expected] = {
        "sum instead of mean": (("factor",), None),
        "sign": (("sign",), None),
        "diagonal softmax": (("diagonal-softmax",), 2),
        "missing softmax": (("missing-derivative",), 2),
        "softmax normaliser": (("softmax-normaliser",), 2),
        "1/sqrt(d) forgotten": (("missing-factor", "factor"), 2),
        "pooling: 1/T forgotten": (("missing-factor", "factor"), 2),
        "transposed scores in dq": (("transposed",), 2),
        "transposed scores in dk": (("transposed",), 2),
        "transposed weights": (("transposed",), 2),
        "transposed dWv": (("transposed",), 2),
        "dWq and dWk exchanged": (("exchanged",), 2),
        **{f"transposed W{x}": (("transposed",), 2) for x in "qkv"},
        **{f"path through {x} forgotten": (("missing-term",), None) for x in "qkv"},
        **parameter_faults(["We", "Wq", "Wk", "Wv", "Wo"], ["bo"], layers),
    }
    return Network("attention", parameters, loss, gradients, faults)


NETWORKS: tuple[Callable[[], Network], ...] = (
    *(
        lambda a=a, s=s, z=z: dense(a, s, z)
        for a in ACTIVATIONS
        for s, z in (
            ("half squared", (3, 5, 4)),
            ("mean squared", (3, 5, 5, 4)),
            ("sigmoid squared", (3, 5, 4)),
            ("softmax squared", (3, 5, 5, 4)),
            ("cross-entropy", (3, 5, 5, 4)),
            ("binary", (3, 5, 5, 2)),
        )
    ),
    *(lambda a=a: dense(a, "cross-entropy", (3, 5, 5, 4), 0.01) for a in ACTIVATIONS),
    residual,
    *(lambda a=a: convolution(a) for a in ("relu", "tanh")),
    *(lambda a=a: recurrent(a) for a in ("tanh", "sigmoid")),
    *(lambda a=a: batch_norm(a) for a in ("relu", "tanh")),
    attention,
)
"""Makers of the networks."""
