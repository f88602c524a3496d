"""Activations are recognised however they are written."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.inspect.checking.graph import Graph
from pellucid.inspect.checking.recognising import recognise
from pellucid.inspect.checking.tracing import trace_loss


def softmax_of_tutorials(z):
    return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)


def shifted_softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / e.sum(axis=1)[:, None]


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))


WAYS = {
    "1 / (1 + exp(-z))": ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
    "exp(z) / (1 + exp(z))": ("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z))),
    "(1 + tanh(z / 2)) / 2": ("sigmoid", lambda z: 0.5 * (1 + np.tanh(z / 2))),
    "tanh": ("tanh", np.tanh),
    "tanh by exp": ("tanh", lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))),
    "maximum(0, z)": ("ReLU", lambda z: np.maximum(0, z)),
    "maximum(z, 0)": ("ReLU", lambda z: np.maximum(z, 0.0)),
    "where": ("ReLU", lambda z: np.where(z > 0, z, 0)),
    "z * (z > 0)": ("ReLU", lambda z: z * (z > 0)),
    "leaky": ("leaky ReLU (0.01)", lambda z: np.where(z > 0, z, 0.01 * z)),
    "leaky maximum": ("leaky ReLU (0.1)", lambda z: np.maximum(0.1 * z, z)),
    "log(1 + exp(z))": ("softplus", lambda z: np.log(1 + np.exp(z))),
    "z * sigmoid(z)": ("SiLU", lambda z: z / (1 + np.exp(-z))),
    "softmax": ("softmax", softmax_of_tutorials),
    "shifted softmax": ("softmax", shifted_softmax),
    "log-softmax": ("log-softmax", log_softmax),
}


@pytest.mark.parametrize("way", WAYS)
def test_recognised(way: str) -> None:
    name, function = WAYS[way]
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), np.zeros(4)

    def loss(p):
        z = X @ p["W"] + p["b"]
        return np.sum(function(z) ** 2)

    found = recognise(Graph(trace_loss(loss, {"W": W, "b": b})))
    assert [one.name for one in found if one.y.data.shape == (5, 4)][:1] == [name]
    assert np.array_equal(found[0].z.data, X @ W + b)


@pytest.mark.parametrize("function", [lambda z: z * 1.0, lambda z: z**2, np.sin], ids="xqs")
def test_other_functions_are_not(function) -> None:
    W = np.random.default_rng(0).normal(size=(3, 4))
    graph = Graph(trace_loss(lambda p: np.sum(function(p["W"] * 2.0)), {"W": W}))
    assert recognise(graph) == []
