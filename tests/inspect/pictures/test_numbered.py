"""A network drawn with its numbers: they are those of the step, and lie on nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from helpers.overlap import assert_readable
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import pellucid as pl
from pellucid import losses, nn
from pellucid.errors import DataError, UnknownNameError, UnsupportedError
from pellucid.inspect import pictures
from pellucid.inspect.pictures import style
from pellucid.inspect.pictures.placing import Box, Line, place_on_lines

SIZES = [(2.2, 1.7), (4.2, 3.2), (7.0, 5.5)]
SMALL = [(2, 3, 1), (3, 4, 2), (4, 8, 3)]
OTHERS = [(1, 1), (2, 4, 4, 1), (30, 20, 10)]


def _net(*units):
    rng = np.random.default_rng(5)
    layers = []
    for a, b in itertools.pairwise(units):
        layers += [nn.Linear(a, b, dtype=np.float64), nn.Tanh()]
    net = nn.Sequential(*layers[:-1])
    for parameter in net.parameters():
        parameter.data[...] = rng.normal(size=parameter.shape)
    return net, rng.normal(size=units[0]), rng.normal(size=units[-1])


def _numbers(axes):
    """Return what is written, by what it is, the column and the units."""
    return {
        text.get_gid(): float(text.get_text().removeprefix("b = ").replace("−", "-"))
        for text in axes.texts
        if text.get_gid()
    }


def _shown(value):
    return pytest.approx(value, rel=6e-3, abs=1e-12)  # three digits, or two


@pytest.mark.parametrize("units", SMALL)
def test_all_numbers_of_a_small_network_are_written(units):
    net, x, y = _net(*units)
    wanted = {}
    values = x
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    for i, value in enumerate(values):
        wanted[f"activation 0 {i}"] = value
    for k, layer in enumerate(layers, 1):
        values = values @ layer.weight.data + layer.bias.data
        values = np.tanh(values) if k < len(layers) else values
        for j, value in enumerate(values):
            wanted[f"activation {k} {j}"] = value
            wanted[f"bias {k} {j}"] = layer.bias.data[j]
        for (i, j), weight in np.ndenumerate(layer.weight.data):
            wanted[f"weight {k} {i} {j}"] = weight
    found = _numbers(pictures.network_diagram(net, x, numbers=True))
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name] == _shown(value), name

    loss = losses.mean_squared_error(net(x[None]), y[None])
    loss.backward()
    found = _numbers(pictures.network_diagram(net, x, y, numbers=True, backward=True, loss="mse"))
    for k, layer in enumerate(layers, 1):
        for (i, j), slope in np.ndenumerate(layer.weight.grad):
            assert found[f"weight {k} {i} {j}"] == _shown(slope)
        for j, slope in enumerate(layer.bias.grad):
            assert found[f"gradient of bias {k} {j}"] == _shown(slope)
    assert not any(name.startswith("gradient of activation 0") for name in found)


def test_they_are_those_of_the_trace():
    net, x, y = _net(3, 4, 2)
    program = pl.trace(net, (x[None], y[None]), loss="mse")
    found = _numbers(pictures.network_diagram(net, x, y, numbers=True, backward=True, loss="mse"))
    for k, name in ((1, "a1"), (2, "z2")):
        for j, slope in enumerate(program.gradient(name).value[0]):
            assert found[f"gradient of activation {k} {j}"] == _shown(slope)
    found = _numbers(pictures.network_diagram(net, x, numbers="activations"))
    for j, value in enumerate(program["a1"].value[0]):
        assert found[f"activation 1 {j}"] == _shown(value)
    assert all(name.startswith("activation") for name in found)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("units", SMALL, ids=str)
def test_nothing_lies_over_anything(units, size):
    _check_readable(units, size, backward=size == SIZES[1])


@pytest.mark.slow
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("units", SMALL + OTHERS, ids=str)
def test_nothing_lies_over_anything_in_any_layout(units, size, backward):
    _check_readable(units, size, backward, (None, "constrained", "compressed"))


def _check_readable(units, size, backward, layouts=("constrained",)):
    net, x, y = _net(*units)
    for layout in layouts:
        figure = Figure(figsize=size, layout=layout)
        pictures.network_diagram(
            net,
            x,
            y,
            numbers=True,
            backward=backward,
            input_names=["a feature with a long name", "short"],
            output_names=["result"],
            ax=figure.add_subplot(),
        )
        assert_readable(figure)


@pytest.mark.parametrize("units", SMALL, ids=str)
def test_both_ways_side_by_side(units):
    net, x, y = _net(*units)
    figure = pictures.step_diagram(net, x, y, loss="mse")
    forward, backward = figure.axes
    assert _numbers(forward) == _numbers(pictures.network_diagram(net, x, numbers=True))
    assert any(name.startswith("gradient of bias") for name in _numbers(backward))
    assert_readable(figure)


def test_of_many_lines_the_largest_have_numbers_and_it_is_said():
    net, x, _ = _net(12, 10, 2)
    axes = pictures.network_diagram(net, x, numbers="weights")
    found = [abs(v) for name, v in _numbers(axes).items() if name.startswith("weight 1")]
    sizes = np.sort(np.abs(net[0].weight.data).ravel())[::-1]
    assert 0 < len(found) < sizes.size
    assert min(found) == _shown(sizes[len(found) - 1])
    left_out = sizes.size - len(found)
    assert any(f"{left_out} of 140" in text.get_text() for text in axes.texts)
    assert not any("no room" in t.get_text() for t in _small().texts)


def _small():
    net, x, _ = _net(2, 3, 1)
    return pictures.network_diagram(net, x, numbers=True)


def test_a_sign_has_one_colour():
    for share, colour in ((0.9, style.POSITIVE), (0.1, style.NEGATIVE)):
        np.testing.assert_allclose(colormaps[style.SIGNED](share)[:3], to_rgb(colour), atol=0.01)
    axes = _small()
    checked = set()
    for text in axes.texts:
        name = text.get_gid()
        if name and not name.startswith("activation"):
            value = float(text.get_text().removeprefix("b = ").replace("−", "-"))
            assert text.get_color() == style.sign_colour(value)
            checked.add(value > 0)
    assert checked == {True, False}


def test_what_cannot_be_drawn_is_told():
    net, x, y = _net(2, 3, 1)
    with pytest.raises(DataError, match="a loss needs a target"):
        pictures.network_diagram(net, x, numbers=True, backward=True)
    with pytest.raises(UnknownNameError, match="weights"):
        pictures.network_diagram(net, x, numbers="weight")
    cnn = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.Flatten(), nn.Linear(8, 2, rng=0))
    with pytest.raises(UnsupportedError, match="dense"):
        pictures.network_diagram(cnn, np.zeros((1, 4, 4)), numbers=True)
    assert not list(pictures.network_diagram(net, x).texts)  # without numbers as before
    assert y.shape == (1,)


def test_the_network_is_as_before():
    net, x, y = _net(2, 3, 1)
    net.train()
    before = {name: value.copy() for name, value in net.state_dict().items()}
    pictures.network_diagram(net, x, y, numbers=True, backward=True)
    assert net.training
    assert all(parameter.grad is None for parameter in net.parameters())
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_numbers_keep_away_from_what_stands():
    line = Line(0.0, 0.0, 100.0, 0.0, "1.25")
    wall = Box(30.0, 0.0, 60.0, 20.0)
    (box,) = place_on_lines([line], [wall], 8.0, [0]).values()
    assert box.x - box.width / 2 > 60.0
    assert place_on_lines([line], [Box(50.0, 0.0, 100.0, 20.0)], 8.0, [0]) == {}
