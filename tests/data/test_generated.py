"""Generated sets: on the curves that their formulas say, seeded, balanced."""

import sys
from itertools import pairwise

import numpy as np
import pytest

from pellucid.data import load
from pellucid.errors import DataError

CLOUDS = ("moons", "circles", "spirals", "blobs", "gaussian-quantiles")


@pytest.mark.parametrize(
    ("name", "y"), [("xor", [0, 1, 1, 0]), ("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1])]
)
def test_gates(name, y):
    data = load(name)
    assert data.train.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.train.y.tolist() == y
    assert data.test is None
    noisy = load(name, samples=10, noise=0.1, rng=1)
    assert noisy.train.y.tolist() == (y * 3)[:10]
    assert 0 < np.abs(noisy.train.x - np.round(noisy.train.x)).max() < 0.5


@pytest.mark.parametrize("name", CLOUDS)
def test_seeded_balanced_and_split(name):
    data, again, other = load(name, rng=3), load(name, rng=3), load(name, rng=4)
    assert np.array_equal(data.train.x, again.train.x)
    assert np.array_equal(data.test.x, again.test.x)
    assert not np.array_equal(data.train.x, other.train.x)
    assert (len(data.train), len(data.test)) == (800, 200)
    for part in (data.train, data.test):
        counts = np.bincount(part.y, minlength=data.num_classes)
        assert counts.max() - counts.min() <= 1
        assert part.x.dtype == np.float32
    small = load(name, samples=50, test_fraction=0, validation=0.2)
    assert small.test is None
    assert (len(small.train), len(small.validation)) == (40, 10)


def test_moons_lie_on_half_circles():
    part = load("moons", noise=0.0, test_fraction=0).train
    outer, inner = part.x[part.y == 0], part.x[part.y == 1]
    np.testing.assert_allclose(np.hypot(*outer.T), 1, atol=1e-6)
    assert (outer[:, 1] >= 0).all()
    np.testing.assert_allclose(np.hypot(inner[:, 0] - 1, inner[:, 1] - 0.5), 1, atol=1e-6)
    assert (inner[:, 1] <= 0.5).all()


def test_circles_have_their_radii():
    part = load("circles", noise=0.0, factor=0.3, test_fraction=0).train
    np.testing.assert_allclose(np.hypot(*part.x.T), np.where(part.y == 0, 1, 0.3), atol=1e-6)


def test_spirals_wind_around_the_origin():
    part = load("spirals", noise=0.0, classes=4, turns=0.5, test_fraction=0).train
    radius = np.hypot(*part.x.T)
    assert radius.max() <= 1
    angle = np.arctan2(part.x[:, 0], part.x[:, 1])
    turned = angle - 2 * np.pi * (part.y / 4 + 0.5 * radius)
    np.testing.assert_allclose(np.cos(turned), 1, atol=1e-4)


def test_blobs_are_normal_around_their_centres():
    part = load("blobs", samples=6000, features=3, spread=0.5, test_fraction=0).train
    for label in range(3):
        cloud = part.x[part.y == label]
        np.testing.assert_allclose(cloud.std(axis=0), 0.5, rtol=0.1)
    assert part.x.shape == (6000, 3)


def test_quantiles_are_shells():
    part = load("gaussian-quantiles", classes=4, features=3, test_fraction=0).train
    squares = (part.x**2).sum(axis=1)
    edges = [(squares[part.y == c].min(), squares[part.y == c].max()) for c in range(4)]
    assert all(below[1] < above[0] for below, above in pairwise(edges))


def test_no_need_of_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert len(load("blobs").train) == 800


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("moons", {"samples": 1}, "samples is a whole number ≥ 2, got 1"),
        ("xor", {"samples": 3}, "samples is a whole number ≥ 4"),
        ("moons", {"noise": -1}, "noise is a finite number ≥ 0"),
        ("circles", {"factor": 1.0}, "inner radius"),
        ("spirals", {"classes": 1}, "classes is a whole number ≥ 2"),
        ("blobs", {"features": 0}, "features is a whole number ≥ 1"),
        ("blobs", {"spread": float("nan")}, "finite"),
        ("gaussian-quantiles", {"samples": 2}, "samples is a whole number ≥ 3"),
    ],
)
def test_wrong_options(name, options, word):
    with pytest.raises(DataError, match=word):
        load(name, **options)
