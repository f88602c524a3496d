"""What the networks share: activations, and the mistakes of one derivative, weight or bias."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected


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
