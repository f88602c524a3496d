"""What the optimizer was given."""

from __future__ import annotations

import pytest
from helpers.diagnosing import codes, mlp, watched

import pellucid as pl
from pellucid import nn, optim

CODE = "parameters-not-given"


def of_last(net):
    return optim.SGD(net[2].parameters(), lr=0.1)


def of_weights(net):
    return optim.Adam([p for path, p in net.named_parameters() if path.endswith("weight")], lr=1e-3)


def in_groups(net):
    return optim.Adam([{"params": list(net[0].parameters())}, {"params": [net[2].weight]}], lr=1e-3)


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (of_last, ["0.weight", "0.bias"]),
        (of_weights, ["0.bias", "2.bias"]),
        (in_groups, ["2.bias"]),
    ],
)
def test_the_paths_are_listed(digits, make, left):
    net = mlp(64, 32, 10)
    (found,) = pl.doctor(net, digits, optimizer=make(net)).alarms
    assert (found.code, found.measured) == (CODE, len(left))
    assert ", ".join(f"'{path}'" for path in left) in found.message
    assert f"was given {4 - len(left)} of 4 parameters" in found.message


def test_it_stands_beside_what_it_makes_worse(digits):
    net = mlp(64, 24, 10, weight_init=nn.init.Normal(0.001))
    assert codes(pl.doctor(net, digits, optimizer=of_last(net))) == [CODE, "bad-initial-scale"]


def test_parameters_that_stand_still_for_it_are_told_once(digits):
    net = mlp(64, 32, 10)
    doctor = watched(net, digits, optimizer=of_last(net), epochs=3)
    assert codes(doctor.diagnosis) == [CODE]
    assert "untrained-parameter" in [found.code for found in doctor.diagnosis.suppressed]


@pytest.mark.parametrize("how", ["all", "groups", "frozen", "by name"])
def test_nothing_is_missing(digits, how):
    net = mlp(64, 32, 10)
    if how == "all":
        optimizer = optim.SGD(net.parameters(), lr=0.1)
    elif how == "groups":
        optimizer = optim.SGD([{"params": list(net[i].parameters())} for i in (0, 2)], lr=0.1)
    elif how == "frozen":
        net.freeze("0")
        optimizer = of_last(net)
    else:
        optimizer = "adam"
    assert codes(pl.doctor(net, digits, optimizer=optimizer)) == []
