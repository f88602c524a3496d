"""What is said of mistakes in one gradient alone, of other rounds and of numbers for matrices."""

from __future__ import annotations

import numpy as np

import pellucid as pl

RNG = np.random.default_rng(9)
X, Y = RNG.normal(size=(5, 3)), RNG.uniform(size=(5, 2))
P = {"W": RNG.normal(size=(3, 2)), "V": RNG.normal(size=(2, 2))}


def hidden(p):
    return np.tanh(X @ p["W"])


def loss(p):
    return 0.5 * np.sum((np.tanh(hidden(p) @ p["V"]) - Y) ** 2)


def test_a_mistake_in_one_gradient_is_said_to_be_in_it_alone() -> None:
    def gradients(p):
        h = hidden(p)
        o = np.tanh(h @ p["V"])
        d = (o - Y) * (1 - o**2)
        return {"V": h.T @ (o - Y), "W": X.T @ (d @ p["V"].T * (1 - h**2))}

    (cause,) = pl.check_gradients(loss, P, gradients).causes
    assert cause.kind == "missing-derivative"
    assert "dV" in f"{cause.where} {' '.join(cause.write)}"


def test_mistakes_of_their_own_in_each_gradient_are_told_side_by_side() -> None:
    def gradients(p):
        h = hidden(p)
        o = np.tanh(h @ p["V"])
        d = (o - Y) * (1 - o**2)
        return {
            "V": (h.T @ d)[::-1],
            "W": np.full((3, 2), np.sum(X.T @ (d @ p["V"].T * (1 - h**2)))),
        }

    causes = pl.check_gradients(loss, P, gradients).causes
    assert sorted(c.kind for c in causes) == ["flipped-kernel", "summed-over-everything"]


def test_a_number_that_fits_at_one_place_only_is_no_cause() -> None:
    """One gradient of one entry: some factor always fits, and elsewhere it is another."""

    def gradients(p):
        return {"a": 3.7 * np.sin(5 * p["a"])}

    report = pl.check_gradients(lambda p: np.sum(p["a"] ** 4), {"a": np.array([0.8])}, gradients)
    assert not report.right
    assert report.explanations == ()


def test_to_one_entry_no_limit_is_fitted() -> None:
    def gradients(p):
        return {"a": 0.1 * np.cos(3 * p["a"]) + 0.2}

    report = pl.check_gradients(lambda p: np.sum(p["a"] ** 4), {"a": np.array([0.8])}, gradients)
    assert not report.right
    assert report.explanations == ()


def test_zeros_as_targets_do_not_move_the_output_of_an_activation() -> None:
    """With the target 0, o - 0 has the numbers of the sigmoid o; the sigmoid is still o."""
    points = [(0.3, 0.0), (-0.7, 1.0), (0.9, 0.0)]

    def unit(p, x):
        return 1 / (1 + np.exp(-(p["w"][0] * x + p["w"][1])))

    def squares(p):
        return sum(0.5 * (unit(p, x) - t) ** 2 for x, t in points)

    def gradients(p):
        g = np.zeros(2)
        for x, t in points:
            o = unit(p, x)
            g += (o - t) * o * np.array([x, 1.0])
        return {"w": g}

    (cause,) = pl.check_gradients(squares, {"w": np.array([0.4, -0.2])}, gradients).causes
    assert (cause.kind, cause.title) == ("wrong-derivative", "wrong formula of a derivative")
