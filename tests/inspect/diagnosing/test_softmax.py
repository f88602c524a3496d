"""A softmax over one entry: as the output, within a network, and where it is none."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn
from pellucid.errors import ShapeError

CODE = "softmax-over-one-unit"


def yes_or_no(values):
    return values[0], (values[1] > 0).astype(np.float32)


def ending_in(function):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 8, rng=0)
            self.last = nn.Linear(8, 1, rng=1)

        def forward(self, x):
            return function(self.last(nn.functional.relu(self.first(x))))

    return Net()


def shifted(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


OUTPUTS = {
    "layer": lambda: nn.Sequential(mlp(4, 8, 1), nn.Softmax()),
    "axis": lambda: nn.Sequential(mlp(4, 8, 1), nn.Softmax(axis=1)),
    "log": lambda: nn.Sequential(mlp(4, 8, 1), nn.LogSoftmax()),
    "function": lambda: ending_in(lambda z: pl.softmax(z, axis=-1)),
    "by hand": lambda: ending_in(lambda z: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)),
    "by hand, shifted": lambda: ending_in(shifted),
    "reshaped": lambda: ending_in(lambda z: pl.softmax(z.reshape(-1, 1, 1), axis=1)[:, 0]),
}


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy"])
def test_an_output_of_one_unit(values, name, loss):
    if name == "log" and loss != "mse":
        return
    diagnosis = pl.doctor(OUTPUTS[name](), yes_or_no(values), loss=loss)
    (found,) = diagnosis.findings
    assert (found.code, found.severity) == (CODE, "critical")
    assert f"gives {0 if name == 'log' else 1} for every sample" in found.message
    assert "binary_cross_entropy_with_logits" in found.suggestion


def test_amounts_need_no_softmax(values):
    (found,) = pl.doctor(OUTPUTS["layer"](), values, loss="mse").findings
    assert found.code == CODE
    assert "amounts need no activation" in found.suggestion


def test_what_follows_from_it_is_not_told(values):
    doctor = watched(
        OUTPUTS["layer"](), yes_or_no(values), loss="mse", epochs=20, lr=0.01, batch_size=32
    )
    assert codes(doctor.diagnosis) == [CODE]
    hidden = {found.code for found in doctor.diagnosis.suppressed}
    assert {"squared-error-on-classes", "untrained-parameter", "flat-loss"} <= hidden


@pytest.mark.parametrize(
    "gate",
    [
        lambda z: z * pl.softmax(np.mean(z, axis=1, keepdims=True), axis=1),
        lambda z: z + nn.functional.log_softmax(z[:, :1], axis=1),
    ],
    ids=["gate", "log"],
)
def test_within_a_network(values, gate):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 8, rng=0)
            self.last = nn.Linear(8, 1, rng=1)

        def forward(self, x):
            return self.last(nn.functional.tanh(gate(self.first(x))))

    (found,) = pl.doctor(Net(), values).findings
    assert (found.code, found.severity, found.layer) == (CODE, "warning", "first")


@pytest.mark.parametrize("kind", ["classes", "attention", "one sample in a batch"])
def test_softmaxes_that_are_meant(values, kind):
    x, y = yes_or_no(values)
    if kind == "classes":
        net, y = nn.Sequential(mlp(4, 8, 2), nn.LogSoftmax()), y[:, 0].astype(int)
        assert CODE not in codes(pl.doctor(net, (x, y), loss="negative_log_likelihood"))
        return
    if kind == "attention":
        net = ending_in(
            lambda z: np.sum(z * pl.softmax(np.tile(z, (1, 3)), axis=1), axis=1)[:, None]
        )
    else:
        net, x, y = ending_in(lambda z: z * pl.softmax(z, axis=0)), x[:1], y[:1]
    assert CODE not in codes(pl.doctor(net, (x, y), loss="mse"))


@pytest.mark.parametrize("loss", ["cross_entropy", "negative_log_likelihood"])
def test_a_loss_refuses_a_single_class(values, loss):
    with pytest.raises(ShapeError, match="one output per class, at least 2"):
        pl.doctor(mlp(4, 8, 1), (values[0], np.zeros(300, int)), loss=loss)
