"""Two convolutions and a dense layer."""

from __future__ import annotations

import numpy as np

from checker_networks.network import Expected, Network
from checker_networks.parts import (
    ACTIVATIONS,
    at,
    bias,
    parameter_faults,
    slope,
    slope_faults,
    softmax,
    weight,
)

__all__ = ["convolution"]


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
