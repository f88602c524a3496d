"""Activations: against PyTorch, against finite differences, and at the extremes."""

from __future__ import annotations

import inspect
import warnings
from types import ModuleType

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn import ACTIVATIONS, Activation
from pellucid.nn import functional as F  # noqa: N812 - the ecosystem's name

EACH = pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=list(ACTIVATIONS))
CASES = [
    (name, case)
    for name in ACTIVATIONS
    for case in ("line", "rows", "batch")
    if not (case == "line" and name in ("softmax", "log_softmax", "glu"))
]
TOLERANCE = {
    "float64": {"rtol": 1e-11, "atol": 1e-12},
    "float32": {"rtol": 2e-5, "atol": 5e-6},
}


def our_derivatives(function, data: np.ndarray, weights) -> list[np.ndarray]:
    """Value, gradient of a weighted sum, and gradient of a weighted sum of that gradient."""
    x = pl.tensor(data, requires_grad=True)
    y = function(x)
    of_value = weights(y.data)[0].astype(data.dtype)
    of_slope = weights(data)[1].astype(data.dtype)
    if not y.requires_grad:
        pytest.fail("the result is not recorded")
    (slope,) = pl.gradients(pl.primitives.sum(y * of_value), [x], create_graph=True)
    bend = np.zeros_like(data)
    if slope.requires_grad:
        (bend,) = pl.gradients(pl.primitives.sum(slope * of_slope), [x])
    return [y.data, slope.data, bend]


def away_from_kinks(x: np.ndarray, entry: Activation) -> np.ndarray:
    """Where a second derivative exists."""
    return np.all([x != kink for kink in entry.kinks] or np.ones((1, *x.shape), bool), axis=0)


def test_every_activation_has_reference_values(stored):
    assert {key.split("/")[1] for key in stored if key.startswith("activation/")} == set(
        ACTIVATIONS
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_stored_reference(name: str, case: str, dtype: str, stored, reference: ModuleType):
    x = stored[f"input/{case}"].astype(dtype)
    found = our_derivatives(ACTIVATIONS[name], x, reference.weights)
    for what, ours in zip(("value", "slope", "bend"), found, strict=True):
        expected = stored[f"activation/{name}/{case}/{what}"]
        assert ours.dtype == dtype
        where = np.ones(ours.shape, bool)
        if what == "bend":
            where = away_from_kinks(x, ACTIVATIONS[name])
        np.testing.assert_allclose(ours[where], expected[where], **TOLERANCE[dtype], err_msg=what)


@pytest.mark.parity
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_live_parity(name: str, case: str, dtype: str, stored, reference: ModuleType):
    torch = pytest.importorskip("torch")
    x = stored[f"input/{case}"].astype(dtype)
    function = reference.torch_activations(torch, exact=False)[name]
    t = torch.tensor(x, requires_grad=True)
    y = function(t)
    of_value = torch.tensor(reference.weights(y.detach().numpy())[0], dtype=y.dtype)
    (slope,) = torch.autograd.grad((y * of_value).sum(), t)
    value, ours, _ = our_derivatives(ACTIVATIONS[name], x, reference.weights)
    # PyTorch's softplus is cut off at 20, and its hard sigmoid has the 1/6 of float32.
    tolerance = dict(TOLERANCE[dtype], atol=1e-5 if dtype == "float32" else 1e-8)
    np.testing.assert_allclose(value, y.detach().numpy(), **tolerance)
    np.testing.assert_allclose(ours, slope.numpy(), **tolerance)


@pytest.mark.parity
def test_live_parity_of_options():
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    x = np.linspace(-5, 5, 44).reshape(4, 11)
    slopes = np.linspace(-0.5, 0.5, 11)
    pairs = [
        (F.elu(x, 0.4), lambda t: f.elu(t, 0.4)),
        (F.celu(x, 1.7), lambda t: f.celu(t, 1.7)),
        (F.leaky_relu(x, 0.3), lambda t: f.leaky_relu(t, 0.3)),
        (F.softplus(x, 2.5), lambda t: f.softplus(t, 2.5)),
        (F.prelu(x, slopes), lambda t: f.prelu(t, torch.tensor(slopes))),
        (F.softmax(x, axis=0), lambda t: f.softmax(t, 0)),
        (F.log_softmax(x, axis=0), lambda t: f.log_softmax(t, 0)),
        (F.glu(x, axis=0), lambda t: f.glu(t, 0)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs(torch.tensor(x)).numpy(), rtol=1e-8, atol=1e-9)


@EACH
def test_finite_differences(entry: Activation, check_derivatives):
    rng = np.random.default_rng(3)
    x = pl.tensor(4 * rng.standard_normal((3, 4)), requires_grad=True)
    for kink in entry.kinks:  # a difference across a kink means nothing
        x.data[np.abs(x.data - kink) < 1e-2] += 0.1
    check_derivatives(lambda: entry(x), x)


@EACH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extremes_are_finite_and_silent(entry: Activation, dtype: str):
    x = np.array([[1000.0, -1000.0, 88.0, -88.0, 710.0, -710.0], [0.0, -0.0, 1e-30, 5, -5, 1000]])
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        found = our_derivatives(entry, x.astype(dtype), lambda v: (np.ones(v.shape),) * 2)
    for values in found:
        assert values.dtype == dtype
        assert np.isfinite(values).all()


@EACH
def test_layer_is_the_function(entry: Activation):
    x = np.linspace(-4, 4, 24, dtype=np.float32).reshape(2, 3, 4)
    layer = entry.make()
    assert isinstance(layer, nn.Module)
    recorded, plain = layer(pl.tensor(x)), entry(x)
    assert isinstance(recorded, pl.Tensor)
    assert isinstance(plain, np.ndarray)
    assert recorded.dtype == plain.dtype == np.float32
    np.testing.assert_array_equal(recorded.data, plain)
    assert x.shape[-1] == plain.shape[-1] * entry.inputs_per_output


@EACH
def test_empty_input(entry: Activation):
    assert entry(np.empty((0, 4), np.float32)).shape == (0, 4 // entry.inputs_per_output)


@EACH
def test_lists_and_whole_numbers_become_float32(entry: Activation):
    assert entry([-1.0, 2.0]).dtype == np.float32
    np.testing.assert_array_equal(entry(np.array([-1, 2])), entry([-1.0, 2.0]))


@EACH
def test_documentation_states_formula_and_source(entry: Activation):
    text = inspect.getdoc(entry.function)
    lines = [line.strip() for line in text.split("\n")]
    assert "" in lines and lines[0].endswith(".")
    year = entry.source.rstrip(")")[-4:]
    assert entry.name == "identity" or year in text, "the docstring names no source"
    assert entry.formula
    assert getattr(F, entry.function.__name__) is entry.function
    assert getattr(nn, entry.layer.__name__) is entry.layer


@EACH
def test_kinks_are_where_the_slope_breaks(entry: Activation):
    if entry.name in ("softmax", "log_softmax", "glu"):
        pytest.skip("not a function of one number")
    second = pl.grad(pl.grad(lambda x: entry(x)))
    first = pl.grad(lambda x: entry(x))
    breaks = []
    for at in np.arange(-8.0, 8.5, 0.5):
        below, above = at - 1e-7, at + 1e-7
        jumps = [
            abs(entry(np.array(above)) - entry(np.array(below))) > 1e-3,
            abs(first(above) - first(below)) > 1e-3,
            abs(second(above) - second(below)) > 1e-3,
        ]
        if any(jumps):
            breaks.append(at)
    assert tuple(breaks) == entry.kinks


def test_known_values():
    assert F.step([-1e-9, 0.0, 1.0]).tolist() == [0.0, 1.0, 1.0]
    assert F.relu6([7.0]).tolist() == [6.0]
    np.testing.assert_allclose(F.silu(np.array([1.0]), 2.0), 1 / (1 + np.exp(-2.0)))
    np.testing.assert_allclose(F.swish(np.array([1.0]), 2.0), F.silu(np.array([1.0]), 2.0))
    np.testing.assert_allclose(F.elu(np.array([-1.0]), 2.0), 2 * np.expm1(-1.0))
    np.testing.assert_allclose(F.celu(np.array([-1.0]), 2.0), 2 * np.expm1(-0.5))
    np.testing.assert_allclose(F.softplus(np.array([0.0]), 4.0), np.log(2) / 4)
    np.testing.assert_allclose(F.glu(np.array([3.0, 0.0])), [1.5])


def test_step_passes_no_gradient():
    x = pl.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    F.step(x).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0]


def test_selu_keeps_mean_and_variance():
    x = np.random.default_rng(0).standard_normal(200_000)
    y = F.selu(x)
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 4), (5, 3, 2, 2)])
def test_prelu_per_channel(shape: tuple[int, ...], check_derivatives):
    layer = nn.PReLU(3, dtype="float64")
    layer.weight.data[:] = [0.1, -0.5, 2.0]
    x = pl.tensor(np.random.default_rng(1).standard_normal(shape), requires_grad=True)
    y = layer(x)
    for channel, slope in enumerate([0.1, -0.5, 2.0]):
        part = x.data[:, channel]
        np.testing.assert_allclose(y.data[:, channel], np.where(part > 0, part, slope * part))
    check_derivatives(lambda: layer(x), x, layer.weight)


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3, 1)])
def test_one_slope_keeps_the_shape(shape: tuple[int, ...]) -> None:
    layer = nn.PReLU(dtype="float64")
    x = pl.tensor(np.full(shape, -2.0), requires_grad=True)
    y = layer(x)
    np.testing.assert_array_equal(y.data, np.full(shape, -0.5))
    assert y.shape == shape
    (y * y).sum().backward()
    assert x.grad.shape == shape
    assert layer.weight.grad.shape == (1,)


def test_prelu_learns_one_slope(check_derivatives):
    layer = nn.PReLU(dtype="float64")
    x = pl.tensor(np.random.default_rng(1).standard_normal((4, 3)), requires_grad=True)
    check_derivatives(lambda: layer(x), x, layer.weight)
    layer.zero_grad()
    layer(x).sum().backward()
    np.testing.assert_allclose(layer.weight.grad, [np.minimum(x.data, 0).sum()])


def test_errors_say_what_to_do():
    with pytest.raises(ShapeError, match="PReLU has 3 slopes"):
        nn.PReLU(3)(np.ones((2, 4)))
    with pytest.raises(ShapeError, match="twice as wide"):
        nn.GLU()(np.ones((2, 3)))
    with pytest.raises(DataError, match="'none' or 'tanh'"):
        nn.GELU("Tanh")
    with pytest.raises(DataError, match="'none' or 'tanh'"):
        F.gelu(np.ones(2), "fast")
    with pytest.raises(DataError, match="greater than 0"):
        nn.Softplus(beta=0)
    with pytest.raises(DataError, match="at least one"):
        nn.PReLU(0)
    with pytest.raises(ShapeError, match="no axis 2"):
        nn.Softmax(axis=2)(np.ones((2, 3)))


def test_names_are_forgiving_and_suggest():
    assert nn.find_activation("Leaky-ReLU") is ACTIVATIONS["leaky_relu"]
    assert nn.find_activation("LeakyReLU") is ACTIVATIONS["leaky_relu"]
    with pytest.raises(UnknownNameError, match="did you mean 'sigmoid'"):
        nn.find_activation("sigmiod")


def test_reprs_show_options():
    assert repr(nn.LeakyReLU(0.2)) == "LeakyReLU(negative_slope=0.2)"
    assert repr(nn.GELU("tanh")) == "GELU(approximate='tanh')"
    assert repr(nn.ReLU()) == "ReLU()"
    assert repr(nn.PReLU(4)) == "PReLU(4 channels on axis 1)"
