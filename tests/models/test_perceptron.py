"""The perceptron of 1958: it learns what a line separates, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.errors import DataError, ShapeError
from pellucid.models import Perceptron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize(
    "targets", [[0, 0, 0, 1], [0, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 1, 1]]
)
def test_learns_the_gates_that_a_line_separates(targets: list[int]):
    unit = Perceptron(2)
    history = unit.fit(CORNERS, np.array(targets))
    assert history.converged
    assert history.mistakes[-1] == 0 and 0 not in history.mistakes[:-1]
    assert str(history) == f"converged: no mistake in epoch {history.epochs}"
    assert unit.predict(CORNERS).tolist() == targets
    assert unit(CORNERS).data[:, 0].tolist() == targets


def test_cannot_learn_xor():
    unit = Perceptron(2)
    history = unit.fit(CORNERS, np.array([0, 1, 1, 0]), epochs=50)
    assert history.epochs == 50
    assert not history.converged
    assert "did not converge" in str(history) and "XOR" in str(history)
    assert (unit.predict(CORNERS) != [0, 1, 1, 0]).any()


def test_the_rule_by_hand():
    """Two updates worked out on paper, with learning rate 0.5 and everything 0 at first."""
    unit = Perceptron(2, dtype="float64")
    # (1, 2), class 0: 0 ≥ 0 says 1, wrong: w = −0.5·(1, 2), b = −0.5.
    # (3, 1), class 1: −1.5 − 1 − 0.5 = −3 says 0, wrong: w = (1, −0.5), b = 0.
    history = unit.fit([[1.0, 2.0], [3.0, 1.0]], [0, 1], epochs=1, lr=0.5)
    assert history.mistakes == (2,)
    assert unit.linear.weight.data[:, 0].tolist() == [1.0, -0.5]
    assert unit.linear.bias.data.tolist() == [0.0]


def test_novikoffs_bound():
    """At most (R / γ)² mistakes, with R the longest sample and γ the margin of some unit vector."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (200, 3))
    direction = np.array([2.0, -1.0, 0.5, 0.3])
    direction /= np.linalg.norm(direction)
    extended = np.c_[x, np.ones(200)]
    keep = np.abs(extended @ direction) > 0.1
    x, extended = x[keep], extended[keep]
    y = (extended @ direction > 0).astype(int)
    history = Perceptron(3, dtype="float64").fit(x, y, epochs=1000)
    radius = np.linalg.norm(extended, axis=1).max()
    assert history.converged
    assert sum(history.mistakes) <= (radius / 0.1) ** 2


def test_continues_where_it_stands_and_keeps_float32():
    unit = Perceptron(2)
    y = np.array([0, 0, 0, 1])
    unit.fit(CORNERS, y)
    assert unit.fit(CORNERS, y).mistakes == (0,)
    assert unit.linear.weight.dtype == np.float32


def test_images_are_flattened():
    x = np.zeros((2, 1, 2, 2))
    x[1] = 1
    unit = Perceptron((1, 2, 2))
    assert unit.fit(x, [[0], [1]]).converged
    assert unit.predict(x).tolist() == [0, 1]


def test_bad_input():
    unit = Perceptron(2)
    with pytest.raises(DataError, match=r"y contains -1; for −1 and 1 pass \(y > 0\)"):
        unit.fit(CORNERS, [-1, 1, 1, 1])
    with pytest.raises(DataError, match="y contains 2"):
        unit.fit(CORNERS, [0, 1, 2, 1])
    with pytest.raises(ShapeError, match="one class for each sample"):
        unit.fit(CORNERS, [0, 1])
    with pytest.raises(DataError, match="NaN"):
        unit.fit([[0.0, np.nan]], [0])
    with pytest.raises(DataError, match="at least 1"):
        unit.fit(CORNERS, [0, 1, 1, 1], epochs=0)
    with pytest.raises(ShapeError, match="2 features"):
        unit.fit(np.ones((4, 3)), [0, 1, 1, 1])
