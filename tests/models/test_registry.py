"""What holds for every entry of the registry of models."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from pellucid.models import MODELS, find_model
from pellucid.models.model import Makes, Takes

EACH = pytest.mark.parametrize("name", MODELS)


@EACH
def test_entries_are_complete(name: str):
    model = MODELS[name]
    assert (model.name, find_model(name.upper().replace("-", "_"))) == (name, model)
    assert model.description.endswith(".")
    assert model.paper.endswith(")"), "author (year)"
    assert not model.smaller or model.smaller.endswith(".")
    assert model.takes in get_args(Takes)
    assert model.makes in get_args(Makes)


@EACH
def test_what_is_left_out_can_be_saved(name: str):
    """A saved model is made again from plain values, so that every option has one."""
    json.dumps(MODELS[name].options)
    if name != "perceptron":  # which draws nothing
        assert {"dtype", "rng"} <= set(MODELS[name].options)
    if MODELS[name].takes == "tokens":
        assert "vocabulary" in MODELS[name].options
