"""What `pl.observe` collects, held against calls and gradients made by hand."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn, tape
from pellucid.nn.observers import OBSERVERS
from pellucid.nn.recurrent.layer import Recurrence


@pytest.fixture
def net() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8, rng=0), nn.ReLU(), nn.Linear(8, 3, rng=1)).astype("f8")


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 4))


def test_outputs_and_inputs_are_those_of_each_layer(net, x) -> None:
    with pl.observe(net) as seen:
        net(x)
    hidden = x @ net[0].weight.data + net[0].bias.data
    assert seen.paths == ["0", "1", "2", ""]
    assert seen.modules["1"] is net[1]
    np.testing.assert_allclose(seen.outputs["0"][0], hidden)
    np.testing.assert_array_equal(seen.outputs["1"][0], np.maximum(hidden, 0))
    (came,) = seen.inputs["2"][0]
    np.testing.assert_array_equal(came, np.maximum(hidden, 0))
    assert type(seen.outputs["0"][0]) is np.ndarray


def test_gradients_are_those_of_the_chain_rule(net, x) -> None:
    with pl.observe(net) as seen:
        y = net(x)
        pl.sum(pl.square(y)).backward()
    dy = 2 * y.data
    dh = dy @ net[2].weight.data.T
    np.testing.assert_allclose(seen.gradients[""][0], dy)
    np.testing.assert_allclose(seen.gradients["2"][0], dy)
    np.testing.assert_allclose(seen.gradients["1"][0], dh)
    np.testing.assert_allclose(seen.gradients["0"][0], dh * (seen.outputs["0"][0] > 0))


def test_nothing_changes_for_the_parameters(net, x) -> None:
    pl.sum(pl.square(net(x))).backward()
    expected = [p.grad for p in net.parameters()]
    net.zero_grad()
    with pl.observe(net):
        pl.sum(pl.square(net(x))).backward()
    for parameter, gradient in zip(net.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.grad, gradient)


def test_several_calls_have_an_entry_each(x) -> None:
    layer = nn.Linear(4, 4, rng=0).astype("f8")
    with pl.observe(layer) as seen:
        first = layer(x)
        second = layer(first)
        pl.sum(second).backward()
    ones = np.ones((5, 4))
    np.testing.assert_array_equal(seen.outputs[""][1], second.data)
    np.testing.assert_array_equal(seen.gradients[""][1], ones)
    np.testing.assert_allclose(seen.gradients[""][0], ones @ layer.weight.data.T)


def test_backward_passes_add_up(net, x) -> None:
    with pl.observe(net) as seen:
        loss = pl.sum(net(x))
        loss.backward()
        once = seen.gradients["1"][0].copy()
        loss.backward()
    np.testing.assert_allclose(seen.gradients["1"][0], 2 * once)


def test_backward_after_the_block_is_not_collected(net, x) -> None:
    with pl.observe(net) as seen:
        loss = pl.sum(net(x))
    loss.backward()
    assert seen.gradients["0"] == [None]


def test_no_gradients_without_recording(net, x) -> None:
    with pl.observe(net) as seen:
        with pl.no_grad():
            net(x)
        pl.sum(net(x)).backward()
    assert seen.gradients["0"][0] is None
    assert seen.gradients["0"][1].shape == (5, 8)


def test_gradients_can_be_left_out(net, x) -> None:
    with pl.observe(net, gradients=False) as seen:
        assert not tape.WATCHERS
        pl.sum(net(x)).backward()
    assert seen.outputs["0"][0].shape == (5, 8)
    assert seen.gradients["0"] == [None]


def test_a_frozen_network_has_gradients_by_its_outputs(net, x) -> None:
    with pl.observe(net) as seen:
        pl.sum(pl.square(net(x))).backward()
    net.zero_grad()
    net.freeze()
    with pl.observe(net) as frozen:
        y = net(x)
        pl.sum(pl.square(y)).backward()
    for path in ("0", "1", "2", ""):
        np.testing.assert_array_equal(frozen.gradients[path][0], seen.gradients[path][0])
    assert all(p.grad is None and not p.requires_grad for p in net.parameters())
    assert not net(x).requires_grad


def test_a_frozen_base_gets_gradients_below_its_head(net, x) -> None:
    net.freeze("0")
    with pl.observe(net) as seen:
        pl.sum(net(x)).backward()
    dh = np.ones((5, 3)) @ net[2].weight.data.T
    np.testing.assert_allclose(seen.gradients["1"][0], dh)
    assert net[0].weight.grad is None
    assert net[2].weight.grad is not None


def test_a_given_tensor_is_left_as_it_was(x) -> None:
    layer = nn.Identity()
    given = pl.tensor(x)
    with pl.observe(layer) as seen:
        pl.sum(layer(given)).backward()
    np.testing.assert_array_equal(seen.gradients[""][0], np.ones_like(x))
    assert not given.requires_grad
    assert given.grad is None


def test_a_recurrent_layer_keeps_its_form() -> None:
    layer = nn.LSTM(3, 4, rng=0)
    x = np.ones((2, 5, 3), np.float32)
    with pl.observe(layer) as seen:
        output, (h, c) = layer(x)
        (pl.sum(output) + 2 * pl.sum(h)).backward()
    gradient = seen.gradients[""][0]
    assert isinstance(seen.outputs[""][0], Recurrence)
    assert isinstance(gradient, Recurrence)
    assert gradient.output.shape == output.shape
    np.testing.assert_array_equal(gradient.state[0], np.full((1, 2, 4), 2, np.float32))
    assert gradient.state[1] is None
    np.testing.assert_array_equal(seen.outputs[""][0].state[1], c.data)


class ThreeWays(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2, rng=0)

    def forward(self, x):
        y = self.inner(x)
        return {"twice": [y * 2, y], "none": None}


def test_dicts_and_lists_are_followed() -> None:
    net = ThreeWays()
    with pl.observe(net) as seen:
        result = net(np.ones((1, 2), np.float32))
        pl.sum(result["twice"][0]).backward()
    gradient = seen.gradients[""][0]
    np.testing.assert_array_equal(gradient["twice"][0], np.ones((1, 2)))
    assert gradient["twice"][1] is not None, "it stands on the way to the first"
    np.testing.assert_array_equal(seen.gradients["inner"][0], np.full((1, 2), 2.0))
    assert gradient["none"] is None


def test_blocks_can_be_nested(net, x) -> None:
    with pl.observe(net) as outer:
        with pl.observe(net[2]) as inner:
            pl.sum(net(x)).backward()
        pl.sum(net(x)).backward()
    assert inner.paths == [""]
    assert len(inner.outputs[""]) == 1
    np.testing.assert_array_equal(inner.gradients[""][0], np.ones((5, 3)))
    assert [g.shape for g in outer.gradients["2"]] == [(5, 3), (5, 3)]


def test_clear_forgets(net, x) -> None:
    with pl.observe(net) as seen:
        pl.sum(net(x)).backward()
        seen.clear()
        assert seen.paths == []
        pl.sum(pl.square(net(x))).backward()
    assert len(seen.outputs["0"]) == len(seen.gradients["0"]) == 1
    np.testing.assert_allclose(seen.gradients[""][0], 2 * seen.outputs[""][0])


def test_graphs_are_not_kept_alive(net, x) -> None:
    with pl.observe(net) as seen:
        y = net(x)
        pl.sum(y).backward()
        watched = weakref.ref(y)
        del y
        gc.collect()
        assert watched() is None
        assert seen.outputs[""][0].shape == (5, 3)


class Shift(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.by = pl.Parameter(np.zeros(3))

    def forward(self, x):
        return self.by + x


def test_gradients_are_copies() -> None:
    """The tape hands the array that comes back to this output on to its parameter."""
    net = Shift()
    with pl.observe(net) as seen:
        pl.sum(net(np.ones(3))).backward()
    net.by.grad *= 0
    np.testing.assert_array_equal(seen.gradients[""][0], np.ones(3))


def test_watchers_go_away_also_after_an_error(net) -> None:
    with pytest.raises(pl.errors.ShapeError), pl.observe(net):
        net(np.ones((5, 7)))
    assert not tape.WATCHERS
    assert not OBSERVERS


def test_it_works_through_fit(net) -> None:
    x = np.random.default_rng(0).normal(size=(12, 4))
    y = np.arange(12) % 3
    with pl.observe(net) as seen:
        pl.fit(net, (x, y), epochs=1, batch_size=4, progress="none")
    came = [g for g in seen.gradients[""] if g is not None]
    assert [g.shape for g in came] == [(4, 3)] * 3


def _networks() -> dict[str, tuple[nn.Module, np.ndarray]]:
    rng = np.random.default_rng(0)
    shared = nn.Linear(4, 4, rng=3)
    return {
        "convolution": (
            nn.Sequential(
                nn.Conv2d(1, 3, 3, padding=1, rng=0),
                nn.BatchNorm2d(3),
                nn.Tanh(),
                nn.Residual(nn.Conv2d(3, 3, 1, rng=1)),
                nn.GlobalAvgPool2d(),
                nn.Linear(3, 2, rng=2),
            ),
            rng.normal(size=(4, 1, 5, 5)),
        ),
        "recurrence": (
            nn.Sequential(nn.GRU(3, 4, rng=0), nn.AllSteps(), nn.Linear(4, 2, rng=1)),
            rng.normal(size=(3, 6, 3)),
        ),
        "encoder": (
            nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, rng=0),
            rng.normal(size=(2, 5, 8)),
        ),
        "shared": (
            nn.Sequential(shared, nn.Tanh(), shared, nn.Linear(4, 2, rng=1)),
            rng.normal(size=(3, 4)),
        ),
    }


@pytest.mark.parametrize("name", _networks())
def test_gradients_by_every_output_are_those_of_finite_differences(name) -> None:
    net, x = _networks()[name]
    net = net.astype("f8")
    with pl.observe(net) as seen:
        pl.sum(pl.sin(net(x))).backward()
    rng = np.random.default_rng(1)
    checked = 0
    for path, module in seen.modules.items():
        for call, gradient in enumerate(seen.gradients[path]):
            if isinstance(gradient, tuple):
                gradient = gradient.output
            direction = rng.normal(size=gradient.shape)
            step = 1e-6
            loss = [_loss_with(net, module, call, s * direction, x) for s in (step, -step)]
            slope = (loss[0] - loss[1]) / (2 * step)
            assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8), path
            checked += 1
    assert checked == sum(map(len, seen.outputs.values())) > 2


def _loss_with(net, module, call, shift, x) -> float:
    """Return the loss when one call of one layer gives something slightly else."""
    forward, calls = module.forward, iter(range(100))

    def shifted(*arguments, **options):
        output = forward(*arguments, **options)
        if next(calls) != call:
            return output
        if isinstance(output, Recurrence):
            return output._replace(output=output.output + shift)
        return output + shift

    vars(module)["forward"] = shifted
    try:
        return float(np.sin(net(x).data).sum())
    finally:
        del vars(module)["forward"]
