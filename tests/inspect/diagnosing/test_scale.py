"""The size of first weights, also where there are few of them, and biases that drown the inputs."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp

import pellucid as pl
from pellucid import nn
from pellucid.inspect.diagnosing.scale import chance_of_size

XOR = (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


@pytest.mark.parametrize("count", [2, 4, 10, 40])
@pytest.mark.parametrize("ratio", [1e-4, 0.01, 0.3, 3.0, 8.0])
def test_the_chance_is_an_upper_limit_of_that_of_chi_square(count, ratio):
    chi2 = pytest.importorskip("scipy.stats").chi2
    tail = chi2.cdf(count * ratio, count) if ratio < 1 else chi2.sf(count * ratio, count)
    assert tail <= chance_of_size(ratio, count)
    assert chance_of_size(1.0, count) == 1


def weights_of(std, seed=0, sizes=(2, 5, 1), activation=nn.Sigmoid):
    net = mlp(*sizes, activation=activation)
    rng = np.random.RandomState(seed)
    for parameter in net.parameters():
        wide = parameter.ndim == 2
        parameter.data[...] = rng.randn(*parameter.shape) * std if wide else 0
    return net


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("std", "sizes", "activation"),
    [
        (0.01, (2, 5, 1), nn.Sigmoid),
        (0.005, (2, 4, 1), nn.Tanh),
        (0.01, (2, 3, 3, 1), nn.ReLU),
        (30.0, (2, 6, 1), nn.Tanh),
    ],
)
def test_few_weights_of_a_wrong_size(std, sizes, activation, seed):
    found = pl.doctor(weights_of(std, seed, sizes, activation), XOR)
    assert "bad-initial-scale" in codes(found)
    (one,) = [f for f in found.findings if f.code == "bad-initial-scale"]
    assert "weights are about" in one.message


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.ReLU])
@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 5, 1), (2, 4, 4, 1), (2, 16, 1), (2, 48, 48, 1)])
@pytest.mark.parametrize("init", [None, "he_normal", "glorot_uniform", "uniform"])
def test_honest_weights_of_small_layers_are_no_finding(activation, sizes, init):
    for seed in range(6):
        options = {} if init in (None, "uniform") else {"weight_init": init}
        net = mlp(*sizes, activation=activation, seed=seed, **options)
        if init == "uniform":  # up to 1/√fan_in, as other frameworks start
            rng = np.random.default_rng(seed)
            for parameter in net.parameters():
                if parameter.ndim == 2:
                    limit = 1 / np.sqrt(len(parameter.data))
                    parameter.data[...] = rng.uniform(-limit, limit, parameter.shape)
        assert "bad-initial-scale" not in codes(pl.doctor(net, XOR))


def test_the_weights_of_tutorials_are_no_finding():
    for seed in range(10):
        assert codes(pl.doctor(weights_of(1.0, seed, (2, 3, 1)), XOR)) == []


class Reader(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.cells = nn.GRU(1, 12, rng=0)
        self.last = nn.Linear(12, 1, rng=1)
        for path, parameter in self.cells.named_parameters():
            if path.endswith("recurrent_weight"):
                parameter.data *= factor

    def forward(self, x):
        states, _ = self.cells(x)
        return self.last(states[:, -1])


@pytest.mark.parametrize(("factor", "expected"), [(10.0, True), (0.01, True), (1.0, False)])
def test_recurrent_weights(factor, expected):
    x = np.random.default_rng(0).standard_normal((60, 8, 1)).astype(np.float32)
    found = pl.doctor(Reader(factor), (x, x[:, -1]))
    assert ("bad-initial-scale" in codes(found)) is expected
    if expected:
        assert "recurrent weights of 'cells.layer0'" in found.alarms[0].message


def test_a_convolution_of_two_channels(digits):
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0, weight_init=nn.init.Normal(std=1e-3)), nn.ReLU(), nn.Flatten(),
        nn.Linear(72, 10, rng=1),
    )  # fmt: skip
    images = digits[0].reshape(-1, 1, 8, 8)
    assert "bad-initial-scale" in codes(pl.doctor(net, (images, digits[1])))
    net[0] = nn.Conv2d(1, 2, 3, rng=0)
    assert "bad-initial-scale" not in codes(pl.doctor(net, (images, digits[1])))


@pytest.mark.parametrize(
    ("activation", "bias", "code"),
    [
        (nn.Sigmoid, -10.0, "bad-initial-scale"),
        (nn.Tanh, 20.0, "bad-initial-scale"),
        (nn.ReLU, -20.0, "dead-units"),
    ],
)
def test_biases_that_drown_the_inputs(values, activation, bias, code):
    net = mlp(4, 16, 16, 1, activation=activation)
    net[2].bias.data[...] = bias
    (found,) = [f for f in pl.doctor(net, values).findings if f.code == code]
    assert f"the biases of '2' are about {bias:g}" in found.message
    assert found.suggestion.startswith("start the biases of '2' at 0")


def test_small_biases_are_no_finding(values):
    net = mlp(4, 16, 16, 1, activation=nn.Sigmoid)
    net[2].bias.data[...] = -1.0
    assert codes(pl.doctor(net, values)) == []
