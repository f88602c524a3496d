"""Every layer, loss and model is explained, and what is put in gives the result."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from helpers.layers import flat, layer_cases
from helpers.printed_arithmetic import check_workings

import pellucid as pl
from pellucid import nn
from pellucid.errors import ShapeError
from pellucid.losses import LOSSES
from pellucid.models import MODELS

_PER_SAMPLE = ("lengths", "mask", "padding,", "padding and", "bias (N", "(0, ")
"""Settings that are of a batch of one size, which one sample is not."""


def _explainable():
    for case in layer_cases():
        if len(case.inputs) == 1 and not any(word in case.setting for word in _PER_SAMPLE):
            (x,) = case.arrays(np.float32)
            if x.ndim and x.size:
                yield case


def _first_of_each():
    seen = {}
    for case in _explainable():
        seen.setdefault(case.layer, case)
    return list(seen.values())


class _Alone(nn.Module):
    """A layer as a network; of several results the first."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return flat(self.layer(x))[0]


def _check(case):
    net = _Alone(case.built(np.float32))
    (x,) = case.arrays(np.float32)
    try:
        output = net(x)
        net(x[:1])
    except ShapeError:
        pytest.skip("does not take any number of samples")
    shape = np.shape(getattr(output, "data", output))
    if not shape or shape[0] != len(x):
        pytest.skip("gives no result for each sample")
    explanation = pl.explain(net, x, np.zeros(shape, np.float32), loss="mse")
    assert explanation.text(full=True)
    check_workings(explanation)
    return explanation


@pytest.mark.parametrize("case", _first_of_each(), ids=lambda case: case.layer)
def test_a_case_of_every_layer(case):
    _check(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", list(_explainable()), ids=lambda case: case.id)
def test_every_case_of_every_layer(case):
    explanation = _check(case)
    assert explanation.html()
    assert explanation.markdown()


_TARGETS = {
    "multiclass": np.array([1]),
    "regression": np.array([[0.2, 0.5, 0.3]], np.float32),
    "distribution": np.array([[0.2, 0.5, 0.3]], np.float32),
    "binary": np.array([[1.0, 0.0, 1.0]], np.float32),
}
_OF_TWO = {"gaussian_nll", "cosine_embedding", "triplet_margin", "contrastive"}
_OF_PROBABILITIES = {"binary_cross_entropy", "kl_divergence", "negative_log_likelihood"}
_OF_SIGNS = {"hinge", "squared_hinge"}


@pytest.mark.parametrize("name", [name for name in LOSSES if name not in _OF_TWO])
def test_every_loss(name):
    layers = [nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 3, rng=1)]
    if name in _OF_PROBABILITIES:
        layers.append(nn.Sigmoid() if name == "binary_cross_entropy" else nn.LogSoftmax())
    target = _TARGETS[LOSSES[name].task]
    if name in _OF_SIGNS:
        target = 2 * target - 1
    x = np.array([[0.3, -1.2, 0.8]], np.float32)
    explanation = pl.explain(nn.Sequential(*layers), x, target, loss=name, optimizer="sgd")
    titles = [section.title for section in explanation.sections()]
    assert any(title.startswith("Loss") for title in titles)
    assert check_workings(explanation) > 20
    assert max(map(len, explanation.text().splitlines())) <= 80


_SHAPES = {"rows": (12,), "images": (1, 32, 32), "tokens": (8,), "series": (10, 1)}
_TOO_LARGE = {
    "alexnet",
    "densenet",
    "googlenet",
    "mobilenet",
    "resnet18",
    "resnet34",
    "resnet50",
    "vgg11",
    "vgg16",
}
_OTHERWISE = {"gan", "dcgan", "wgan-gp", "conditional-gan", "seq2seq", "transformer", "perceptron"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in MODELS if n not in _TOO_LARGE | _OTHERWISE])
def test_every_model(name):
    model = MODELS[name]
    draw = np.random.default_rng(0)
    shape = _SHAPES[model.takes]
    tokens = model.takes == "tokens"
    options = {"rng": 0, "vocabulary": 11} if tokens else {"rng": 0}
    net = model.build(shape, 11 if model.makes == "tokens" else 2, options)
    x = draw.integers(0, 11, (1, 8)) if tokens else draw.normal(size=(1, *shape))
    x = x if tokens else x.astype(np.float32)
    y = {"outputs": np.array([1]), "tokens": x}.get(model.makes, x)
    if name == "unet":
        y = np.ones((1, 32, 32), int)
    if name.endswith("forecaster"):
        y = np.zeros((1, 2), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explanation = pl.explain(net, x, y, loss=getattr(net, "loss", "auto"), optimizer="adam")
    assert max(map(len, explanation.text().splitlines())) <= 80
    assert check_workings(explanation) > 10
