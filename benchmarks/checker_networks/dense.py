"""Dense networks under five losses, with and without a penalty on the weights."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected, Network
from checker_networks.parts import (
    ACTIVATIONS,
    at,
    bias,
    parameter_faults,
    sigmoid,
    slope,
    slope_faults,
    softmax,
    weight,
)

__all__ = ["dense"]


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
