"""Factors of means and names of values: noted while a step is traced, and not at any other time."""

from __future__ import annotations

import numpy as np

import pellucid as pl
from pellucid import models, nn, ops
from pellucid.primitives import naming, shares
from pellucid.program.named_number import Share


def test_a_share_is_the_number_and_remembers_what_it_is_of():
    share = Share.of(0.25, 4)
    assert share == 0.25
    for doubled in (share * 2, 2 * share):
        assert isinstance(doubled, Share)
        assert doubled == 0.5
        assert (doubled.total, doubled.scale) == (4.0, 2.0)
    assert (share * -1.0).text == "-0.25"


def test_without_a_trace_they_are_plain():
    assert type(shares.share(4)) is float
    x = np.ones(2, np.float32)
    assert type(shares.weighted_shares(x, 2.0)) is np.ndarray
    assert shares.weighted_shares(x, 2.0).dtype == np.float32
    assert naming.called(x, "x", "x") is x


class _Centred(nn.Module):
    """Takes the mean of a constant, which no trace follows."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1, rng=0)

    def forward(self, x):
        shift = ops.mean(np.arange(3, dtype=np.float32))
        assert np.asarray(shift).dtype == np.float32
        return self.layer(x) + shift


def test_types_are_as_without_a_trace():
    x = np.ones((2, 2), np.float32)
    net = _Centred()
    program = pl.trace(net, (x, np.zeros((2, 1))), loss="mse")
    assert program.results["output"].dtype == np.float32
    np.testing.assert_array_equal(program.results["output"].value, net(x).data)


def test_names_of_a_model_are_those_of_its_program():
    net = models.VAE(3, hidden=3, latent=2, rng=0)
    x = np.array([[0.2, 0.9, 0.5]], np.float32)
    program = pl.trace(net, (x, x), loss=net.loss)
    for name, symbol in (("mean", "μ"), ("z", "z"), ("divergence", "KL")):
        assert program[name].symbol == symbol
    namespace: dict[str, object] = {}
    exec(program.source(), namespace)
    assert namespace["loss"] == program.results["loss"].value


def test_names_are_given_out_once():
    pair = models.GAN(2, latent=1, hidden=2, output="linear", rng=0)
    rows = np.zeros((4, 2), np.float32)
    trainer = pl.training.AdversarialTrainer(pair, rows, batch_size=2, progress="none", rng=0)
    program = pl.trace(trainer, rows[:2])
    names = [variable.name for variable in program.variables]
    assert len(names) == len(set(names))
    assert {"noise", "noise_2", "on_real", "on_made", "on_made_2"} <= set(names)
