"""Layers, functions and primitives of one's own: derivatives, types, shapes."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, NonFiniteError
from pellucid.primitives import PRIMITIVES, multiply, subtract
from pellucid.primitives.declaration import Primitive, UnaryPrimitive

X = np.random.default_rng(0).normal(size=(4, 3))


@pytest.fixture
def declare():
    """Declare primitives for the length of a test."""
    names = []

    def make(kind, name, *arguments, **options):
        names.append(name)
        return kind(name, *arguments, **options)

    yield make
    for name in names:
        PRIMITIVES.pop(name, None)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Linear(3, 2, rng=0),
        nn.Sequential(nn.Linear(3, 5, rng=0), nn.Tanh(), nn.LayerNorm(5)),
        nn.Dropout(0.5),
        lambda x: np.exp(-(x**2)),
        pl.primitives.tanh,
    ],
    ids=["linear", "sequential", "dropout", "function", "primitive"],
)
def test_right(layer) -> None:
    report = pl.check_layer(layer, X)
    assert report.right, str(report)
    assert report.findings == ()
    assert set(report.second) == set(report.first)


def test_the_layer_is_left_alone() -> None:
    layer = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
    before = {name: value.copy() for name, value in layer.state_dict().items()}
    report = pl.check_layer(layer, X)
    assert all(np.array_equal(before[n], v) for n, v in layer.state_dict().items())
    assert [p.dtype for p in layer.parameters()] == [np.float32] * 4
    assert [f.code for f in report.findings] == ["mixes-samples"]
    assert report.right


def test_a_wrong_rule_is_named(declare) -> None:
    tanh = declare(
        UnaryPrimitive, "check_tanh", "tanh x", np.tanh, source="np.tanh({0})",
        vjps=[lambda g, y, x: multiply(g, subtract(1, y))],
    )  # fmt: skip
    report = pl.check_layer(tanh, X)
    assert [f.code for f in report.findings] == ["wrong-gradient"]
    assert [c.kind for c in report.causes] == ["wrong-derivative"]


def test_a_transposed_factor_is_named(declare) -> None:
    product = declare(
        Primitive, "check_product", "x y", np.matmul, source="{0} @ {1}",
        vjps=[lambda g, z, x, y: g @ y, lambda g, z, x, y: x.T @ g],
    )  # fmt: skip
    report = pl.check_layer(product, X, X[:3], second_order=False)
    assert [(f.code, f.what) for f in report.findings] == [("wrong-gradient", "x1")]
    assert [c.kind for c in report.causes] == ["transposed"]


def test_half_the_gradient_is_said(declare) -> None:
    square = declare(
        UnaryPrimitive, "check_square", "x²", np.square, source="{0}**2",
        vjps=[lambda g, y, x: multiply(g, x)],
    )  # fmt: skip
    report = pl.check_layer(square, X)
    assert "exactly half the true gradient" in str(report)


def test_a_rule_that_cannot_be_differentiated_again(declare) -> None:
    detached = declare(
        UnaryPrimitive, "check_detached", "x³", lambda x: x**3, source="{0}**3",
        vjps=[lambda g, y, x: multiply(g, 3 * (x if isinstance(x, np.ndarray) else x.data) ** 2)],
    )  # fmt: skip
    report = pl.check_layer(detached, X)
    assert not report.right
    assert {f.code for f in report.findings} <= {"wrong-second-order", "no-second-order"}
    assert pl.check_layer(detached, X, second_order=False).right


def test_a_lost_gradient() -> None:
    report = pl.check_layer(lambda x: np.tanh(x.data), X)
    assert [f.code for f in report.findings] == ["no-gradient"]


def test_a_wider_type() -> None:
    report = pl.check_layer(lambda x: x * np.arange(3.0), X)
    assert [f.code for f in report.findings] == ["dtype"]
    assert "float32 in, float64 out" in report.findings[0].message


def test_randomness_without_a_seed() -> None:
    rng = np.random.default_rng(0)
    report = pl.check_layer(lambda x: x * rng.random(), X)
    assert "random" in [f.code for f in report.findings]


def test_nothing_to_check() -> None:
    with pytest.raises(DataError, match="floats"):
        pl.check_layer(lambda x: x, np.arange(3))


@pytest.mark.parametrize(
    ("rule", "words"),
    [(lambda g, y, x: None, "a VJP takes"), (lambda g, y, x: g @ np.ones((7, 7)), "ValueError")],
    ids=["none", "raises"],
)
def test_a_rule_that_fails(declare, rule, words) -> None:
    broken = declare(
        UnaryPrimitive, "check_broken", "2 x", lambda x: 2 * x, source="2 * {0}", vjps=[rule]
    )
    report = pl.check_layer(broken, X)
    assert [f.code for f in report.findings] == ["no-gradient"]
    assert words in report.findings[0].message


def test_what_is_no_layer_or_no_number() -> None:
    with pytest.raises(DataError, match="got str"):
        pl.check_layer("layer", X)
    with pytest.raises(DataError, match="return"):
        pl.check_layer(lambda x: None, X)
    with pytest.raises(NonFiniteError, match="input 1"):
        pl.check_layer(np.tanh, np.full((2, 3), np.nan))
