"""What is found before training: each rule on a fault that fires it and on a sound network."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp

import pellucid as pl
from pellucid import nn
from pellucid.random import get_state


def ends_in(layer):
    net = mlp(64, 32, 10)
    net.append(layer)
    return net


CLASSES = {
    "softmax-before-cross-entropy": lambda: ends_in(nn.Softmax()),
    "sigmoid-before-cross-entropy": lambda: ends_in(nn.Sigmoid()),
    "relu-on-output": lambda: ends_in(nn.ReLU()),
    "linear-stack": lambda: mlp(64, 32, 10, activation=None),
    "symmetric-units": lambda: mlp(64, 32, 10, weight_init="zeros"),
    "bad-initial-scale": lambda: mlp(64, 48, 48, 10, weight_init=nn.init.Normal(std=1.0)),
}


@pytest.mark.parametrize("code", CLASSES)
def test_a_network_that_is_broken(digits, code):
    assert code in codes(pl.doctor(CLASSES[code](), digits))


SOUND = {
    "relu": lambda: mlp(64, 32, 10),
    "tanh": lambda: mlp(64, 48, 48, 10, activation=nn.Tanh),
    "sigmoid": lambda: mlp(64, 32, 10, activation=nn.Sigmoid),
    "gelu": lambda: mlp(64, 32, 32, 10, activation=nn.GELU),
    "batch norm": lambda: nn.Sequential(
        nn.Linear(64, 32, rng=0), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10, rng=1)
    ),
    "bottleneck": lambda: nn.Sequential(nn.Linear(64, 4, rng=0), nn.Linear(4, 10, rng=1)),
    "small output": lambda: nn.Sequential(
        nn.Linear(64, 32, rng=0, weight_init="he_normal"),
        nn.ReLU(),
        nn.Linear(32, 10, rng=1, weight_init=nn.init.Normal(std=0.001)),
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_network_that_is_sound(digits, name):
    assert codes(pl.doctor(SOUND[name](), digits)) == []


def test_functions_in_forward_are_seen(digits):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(64, 32, rng=0, weight_init="he_normal")
            self.last = nn.Linear(32, 10, rng=1)

        def forward(self, x):
            return pl.softmax(self.last(nn.functional.relu(self.first(x))), axis=1)

    found = pl.doctor(Net(), digits).findings[0]
    assert (found.code, found.layer) == ("softmax-before-cross-entropy", "last")


def test_softmax_names_the_lowest_loss_there_is(digits):
    found = pl.doctor(ends_in(nn.Softmax()), digits).findings[0]
    assert "cannot fall below 1.46" in found.message  # −ln(e / (e + 9)), by hand


@pytest.mark.parametrize(("target", "expected"), [(3.0, True), (0.5, False)])
def test_an_output_that_cannot_reach_the_targets(values, target, expected):
    x = values[0]
    y = np.linspace(0, target, len(x), dtype=np.float32)[:, None]
    net = nn.Sequential(mlp(4, 16, 1), nn.Sigmoid())
    assert ("bounded-output" in codes(pl.doctor(net, (x, y)))) is expected


def test_relu_on_amounts_is_only_a_note(values):
    x, y = values
    diagnosis = pl.doctor(ends_in_relu(), (x, np.abs(y)))
    assert [f.severity for f in diagnosis.findings if f.code == "relu-on-output"] == ["note"]


def ends_in_relu():
    return nn.Sequential(mlp(4, 16, 1), nn.ReLU())


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.arange(300) % 3, True),
        (np.eye(3)[np.arange(300) % 3], True),
        (np.linspace(0, 2, 300), False),
    ],
    ids=["numbers", "one-hot", "values"],
)
def test_squared_error_on_classes(values, y, expected):
    y = y.astype(np.float32).reshape(300, -1)
    found = pl.doctor(mlp(4, 16, y.shape[1]), (values[0], y), loss="mse")
    assert ("squared-error-on-classes" in codes(found)) is expected


@pytest.mark.parametrize(
    ("factor", "shift", "expected"),
    [(1, 0, False), (100, 0, True), (1, 20, True), (0.01, 0, True), (4, 2, False)],
)
def test_scale_of_the_inputs(values, factor, shift, expected):
    x, y = values
    found = codes(pl.doctor(mlp(4, 16, 1), (x * factor + shift, y)))
    assert ("unscaled-inputs" in found) is expected


def test_rare_categories_and_pixels_are_no_small_inputs(values):
    x = values[0].copy()
    x[:, 0] = np.arange(len(x)) == 7
    assert "unscaled-inputs" not in codes(pl.doctor(mlp(4, 16, 1), (x, values[1])))


def test_constant_columns_are_named(values):
    x = values[0].copy()
    x[:, 2] = 0.5
    found = pl.doctor(mlp(4, 16, 1), (x, values[1])).findings
    assert [(f.code, f.severity) for f in found] == [("constant-columns", "note")]
    assert found[0].message.endswith(": 2")


@pytest.mark.parametrize(("rare", "expected"), [(10, True), (60, False)])
def test_classes_of_different_size(values, rare, expected):
    y = np.zeros(300, np.int64)
    y[:rare] = 1
    found = pl.doctor(mlp(4, 16, 2), (values[0], y))
    assert [(f.code, f.severity) for f in found.findings] == [
        ("class-imbalance", "note")
    ] * expected
    if expected:
        assert found.findings[0].change == {"class_weight": "balanced"}
        assert found.findings[0].measured == pytest.approx(29)


def test_targets_that_are_far_away(values):
    x, y = values
    found = pl.doctor(mlp(4, 16, 1), (x, y + 300)).findings
    assert [(f.code, f.severity) for f in found] == [("loss-at-start", "critical")]
    assert codes(pl.doctor(mlp(4, 16, 1), values)) == []


def test_nothing_is_changed(digits):
    net = nn.Sequential(
        nn.Linear(64, 32, rng=0), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(32, 10, rng=1),
    )  # fmt: skip
    net[3].eval()
    optimizer = pl.optim.Adam(net.parameters(), lr=1e-3)
    before = copy.deepcopy((net.state_dict(), optimizer.state_dict(), get_state()))
    modes = [module.training for module in net.modules()]
    pl.doctor(net, digits, optimizer=optimizer, experiments=["lr-range", "gradients"])
    after = (net.state_dict(), optimizer.state_dict(), get_state())
    np.testing.assert_equal(after, before)
    assert modes == [module.training for module in net.modules()]
    assert all(parameter.grad is None for parameter in net.parameters())
