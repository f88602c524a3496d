"""``pl.explain``: what it takes, what it shows of which layer, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.explained import CASES

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.inspect.explaining.nodes import Section
from pellucid.models import MODELS


def _net():
    return nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))


X = np.array([0.5, -1.0, 2.0], np.float32)


def _leaves(net):
    return [path for path, module in net.named_modules() if path and not any(module.children())]


def test_every_layer_has_its_section(case, explanation):
    made = case()
    called = []

    def note(path, module, inputs, output):
        if path and not any(True for _ in module.children()):
            called.append(path)

    with nn.observe_calls(made.net, note):
        made.net(made.x)
    shown = [s.path for s in explanation.sections() if s.phase == "forward" and s.path]
    silent = (nn.Dropout, nn.Identity)  # those that do nothing here have nothing to show
    modules = dict(made.net.named_modules())
    for path in called:
        if not isinstance(modules[path], silent):
            assert path in shown
    order = [shown.index(path) for path in called if path in shown]
    assert order == sorted(order)


def test_backward_goes_from_the_last_to_the_first(case, explanation):
    def paths(phase):
        section = next(s for s in explanation.sections() if s.phase == phase and not s.path)
        return [b.path for b in section.blocks if isinstance(b, Section) and b.path]

    forward, backward = paths("forward"), paths("backward")
    assert backward == [path for path in reversed(forward) if path in backward]
    assert backward


@pytest.mark.parametrize(
    ("sample", "target"),
    [
        (X, np.array(1)),
        (X, 1),
        (X[None], np.array([1])),
        (X[None], np.array(1)),
        ((X[None], np.array([1])), None),
        (pl.data.Part(X[None], [1]), None),
        (list(map(float, X)), 1),
        (X.astype(np.float64), 1),
    ],
    ids=[
        "one sample",
        "a number",
        "a batch of one",
        "a batch, one label",
        "a pair",
        "a Part",
        "lists",
        "float64",
    ],
)
def test_ways_to_give_a_sample(sample, target):
    text = pl.explain(_net(), sample, target).text()
    assert text == pl.explain(_net(), X[None], np.array([1])).text()


def test_forward_alone():
    explanation = pl.explain(_net(), X)
    phases = {s.phase for s in explanation.sections()}
    assert phases == {"", "forward"}


def test_several_samples():
    part = pl.data.Part(np.stack([X, -X]), [1, 0])
    text = pl.explain(_net(), part).text()
    assert "2 samples" in text
    assert "z₁[1, 0] =" in text
    assert "the axis of the sample is left out" not in text


def test_class_names():
    text = pl.explain(_net(), X, 1, class_names=["cat", "dog"]).text()
    assert "1 (dog)" in text
    assert "0 (cat)" in text


def test_one_layer():
    explanation = CASES["gpt"]().explain(layer="encoder.layers.0.attention")
    paths = {s.path for s in explanation.sections() if s.path}
    assert paths
    assert all(path.startswith("encoder.layers.0.attention") for path in paths)
    assert "weights = softmax((1 / √4)·scores)" in explanation.text()
    assert explanation.layer == "encoder.layers.0.attention"


@pytest.mark.parametrize(
    ("name", "layer", "unit", "shown"),
    [
        ("softmax_3_4_2", "0", 2, "z₁[2]"),
        ("cnn", "0", (1, 3, 4), "Entry [1, 3, 4]"),
        ("cnn", "0", 1, "Entry [1, "),
        ("cnn", "3", (2, 1, 0), "z₂[2, 1, 0]"),
        ("lstm", "0", (1, 2), "Step t = 1, unit 2"),
        ("gru", "0", 0, "Step t = 2, unit 0"),
        ("rnn", "0", (-1, 1), "Step t = 3, unit 1"),
        ("gpt", "encoder.layers.1.attention", (1, 3), "head 1, query 3"),
        ("gpt", "encoder.layers.1.attention", 2, "head 0, query 2"),
        ("gpt", "encoder.layers.0.feed_forward.up", (2, 30), "y[2, 30]"),
    ],
)
def test_a_chosen_unit(name, layer, unit, shown):
    assert shown in CASES[name]().explain(layer=layer, unit=unit).text()


@pytest.mark.parametrize(
    ("layer", "unit", "message"),
    [
        ("0", 4, r"unit 4 of layer '0' is out of range.*0 to 3"),
        ("0", (0, 1), "is a number, or 1 of them"),
        (None, 1, "unit= is of one layer"),
    ],
)
def test_units_that_are_not_there(layer, unit, message):
    with pytest.raises(DataError, match=message):
        pl.explain(_net(), X, 1, layer=layer, unit=unit)


@pytest.mark.parametrize(
    ("name", "layer", "unit", "message"),
    [
        ("lstm", "0", 3, "its units are numbered 0 to 2"),
        ("lstm", "0", (4, 0), "its steps are numbered 0 to 3"),
        ("gpt", "encoder.layers.0.attention", (2, 0), "its heads are numbered 0 to 1"),
    ],
)
def test_steps_and_heads_that_are_not_there(name, layer, unit, message):
    with pytest.raises(DataError, match=message):
        CASES[name]().explain(layer=layer, unit=unit)


def test_a_layer_that_is_not_there():
    with pytest.raises(UnknownNameError, match=r"encoder\.layers\.0\.attention"):
        CASES["gpt"]().explain(layer="encoder.layers.0.atention")


def test_a_single_sample_has_no_batch():
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 2, rng=1))
    explanation = pl.explain(net, X, 1)
    assert "takes its running mean and variance" in " ".join(explanation.text().split())
    assert net[1].training
    net.eval()
    np.testing.assert_array_equal(explanation.program.results["output"].value, net(X[None]).data)


def test_targets_that_do_not_fit():
    with pytest.raises(DataError, match="there are 2 samples"):
        pl.explain(_net(), np.stack([X, X]), np.array([1, 0, 1]))


def test_names_of_the_textbook():
    text = pl.explain(_net(), X, 1, optimizer="sgd", lr=0.1).text()
    for formula in (
        "z₁ = x W₁ + b₁",
        "a₁ = max(0, z₁)",
        "L = (1 / n)·Σ (−ln(p_y))",
        "∂L/∂z₂ = (1 / n)·(p − one_hot(y))",
        "∂L/∂W₂ = a₁ᵀ ∂L/∂z₂",
        "∂L/∂a₁ = ∂L/∂z₂ W₂ᵀ",
        "∂L/∂z₁ = ∂L/∂a₁ · [z₁ > 0]",
        "W₁′ = W₁ − η · ∂L/∂W₁",
    ):
        assert formula in text


def test_what_is_no_network():
    with pytest.raises(
        DataError, match="explain takes a network, or the AdversarialTrainer of two, got str"
    ):
        pl.explain("digits", X, 1)


def test_a_network_that_has_run_away():
    net = nn.Sequential(nn.Linear(3, 40, rng=0), nn.ReLU(), nn.Linear(40, 2, rng=1))
    net[0].weight.data[...] *= 1e30
    net[2].weight.data[...] *= 1e30
    explanation = pl.explain(net, X, 1, optimizer="adam")
    text = explanation.text()
    assert "NaN" in text
    assert explanation.html()
    assert explanation.markdown()


def test_what_a_shortcut_passes_back():
    text = CASES["resnet_block"]().explain().text()
    assert "∂L/∂x = ∂L/∂x⁽²⁾ + ∂L/∂x⁽¹⁾" in text
    assert "y = module + x" in text


@pytest.mark.parametrize("digits", [0, -1, 18, 2.5])
def test_a_number_of_digits_that_makes_no_sense_is_refused(digits):
    net = nn.Linear(2, 1, rng=0)
    with pytest.raises(DataError, match="digits must be a whole number from 1 to 17"):
        pl.explain(net, [1.0, 2.0], digits=digits)


@pytest.mark.parametrize("unit", ["a", 1.5, (), (0, "b")])
def test_a_unit_that_is_no_number_is_refused(unit):
    net = nn.Sequential(nn.Linear(2, 1, rng=0))
    with pytest.raises(DataError, match="a unit is a whole number"):
        pl.explain(net, [1.0, 2.0], layer="0", unit=unit)


def test_a_sample_of_a_wrong_shape_is_told_by_the_layer_that_wants_another():
    net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.Flatten(), nn.Linear(72, 2, rng=1))
    with pytest.raises(ShapeError, match="layer '0'"):
        pl.explain(net, np.zeros((8, 8)), 1)


def test_an_empty_sample_is_refused():
    with pytest.raises(DataError, match="empty"):
        pl.explain(nn.Linear(2, 1, rng=0), [])


def test_sequences_that_end_early_are_worked_out_where_they_end():
    """Padding says nothing: of 12 tokens, 5 are there, and step 3 is the last with another."""
    net = MODELS["gru-classifier"].build((12,), 2, {"rng": 0, "vocabulary": 20})
    tokens = np.array([[3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0]])
    text = pl.explain(net, tokens, np.array([1])).text(full=True)
    assert "Step t = 3, unit" in text
    assert "…)" not in text
    assert text.count("its entries are learned") == 1
