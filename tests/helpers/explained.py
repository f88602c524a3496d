"""Networks with a sample each, made anew at every call, so that two runs are independent."""

from __future__ import annotations

import numpy as np

import pellucid as pl
from pellucid import models, nn

__all__ = ["CASES", "Case"]


class Case:
    """A network, a sample with its target, and how it learns."""

    def __init__(self, net, x, y, loss="auto", optimizer="sgd"):
        self.net, self.x, self.y = net, x, y
        self.loss, self.optimizer = loss, optimizer

    def explain(self, **options):
        return pl.explain(
            self.net, self.x, self.y, loss=self.loss, optimizer=self.optimizer, **options
        )


def _floats(*shape):
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)


def _tokens(count, *shape):
    return np.random.default_rng(7).integers(0, count, shape)


def _two(*layers):
    return nn.Sequential(*layers, nn.Linear(3, 2, rng=9))


ONE = np.array([1])


def xor():
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Sigmoid(), nn.Linear(3, 1, rng=1), nn.Sigmoid())
    return Case(net, np.array([[0.0, 1.0]], np.float32), np.array([[1.0]], np.float32), "mse")


def perceptron():
    net = nn.Sequential(nn.Linear(2, 1, rng=3))
    return Case(net, _floats(1, 2), np.array([[1.0]], np.float32), "binary_cross_entropy")


def softmax_3_4_2():
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
    return Case(net, _floats(1, 3), ONE, optimizer="adam")


def dropout_and_norms():
    net = nn.Sequential(
        nn.Linear(3, 4, rng=0),
        nn.BatchNorm1d(4),
        nn.GELU(),
        nn.Dropout(0.5, rng=5),
        nn.LayerNorm(4),
        nn.Linear(4, 2, rng=1),
    )
    return Case(net, _floats(3, 3), np.array([1, 0, 1]), optimizer="rmsprop")


def cnn():
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1, rng=0),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(2, 3, 3, rng=1),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(3, 2, rng=2),
    )
    return Case(net, _floats(1, 1, 8, 8), ONE)


def resnet_block():
    net = nn.Sequential(
        nn.Conv2d(2, 2, 3, padding=1, rng=0),
        nn.Residual(
            nn.Sequential(
                nn.Conv2d(2, 2, 3, padding=1, bias=False, rng=1), nn.BatchNorm2d(2), nn.ReLU()
            )
        ),
        nn.GlobalAvgPool2d(),
        nn.Linear(2, 2, rng=2),
    )
    return Case(net, _floats(2, 2, 5, 5), np.array([0, 1]))


def rnn():
    return Case(_two(nn.RNN(2, 3, rng=0), nn.LastStep()), _floats(1, 4, 2), ONE)


def rnn_relu():
    net = _two(nn.RNN(2, 3, activation="relu", rng=0), nn.LastStep())
    return Case(net, _floats(1, 4, 2), ONE)


def lstm():
    return Case(_two(nn.LSTM(2, 3, rng=0), nn.LastStep()), _floats(1, 4, 2), ONE)


def gru():
    return Case(_two(nn.GRU(2, 3, rng=0), nn.LastStep()), _floats(1, 4, 2), ONE)


def embedding():
    net = _two(nn.Embedding(7, 3, rng=0), nn.GRU(3, 3, rng=1), nn.LastStep())
    return Case(net, _tokens(7, 1, 5), ONE)


def gpt():
    net = models.GPT(11, context=8, width=8, heads=2, layers=2, rng=0)
    return Case(net, _tokens(11, 1, 6), _tokens(11, 1, 6), optimizer="adamw")


def transformer_classifier():
    net = models.MODELS["transformer-classifier"].build(
        (6,), 2, {"vocabulary": 9, "width": 8, "heads": 2, "layers": 1, "dropout": 0.0, "rng": 0}
    )
    return Case(net, _tokens(9, 1, 6), ONE)


def autoencoder():
    net = nn.Sequential(nn.Linear(6, 3, rng=0), nn.ReLU(), nn.Linear(3, 6, rng=1))
    x = _floats(1, 6)
    return Case(net, x, x, "mse", "nadam")


def others():
    """Layers without an explainer of their own."""
    net = nn.Sequential(
        nn.Conv1d(2, 4, 3, rng=0),
        nn.GroupNorm(2, 4),
        nn.PReLU(),
        nn.GLU(axis=1),
        nn.Flatten(),
        nn.Softmax(),
        nn.Linear(8, 2, rng=1),
        nn.Softplus(),
    )
    return Case(net, _floats(1, 2, 6), _floats(1, 2), "mean_absolute_error")


CASES = {
    case.__name__: case
    for case in (
        xor,
        perceptron,
        softmax_3_4_2,
        dropout_and_norms,
        cnn,
        resnet_block,
        rnn,
        rnn_relu,
        lstm,
        gru,
        embedding,
        gpt,
        transformer_classifier,
        autoencoder,
        others,
    )
}
