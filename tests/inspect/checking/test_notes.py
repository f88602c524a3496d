"""Notes: none without a reason."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl

HOURS = np.array([0.5, 0.75, 1, 1.25, 1.75, 1.75, 2, 2.5, 3.25, 4])
PASSED = np.array([0, 0, 0, 1, 0, 1, 0, 1, 1, 1])


def regression(design, labels):
    def loss(p):
        h = 1 / (1 + np.exp(-design @ p["theta"]))
        return -np.mean(labels * np.log(h) + (1 - labels) * np.log(1 - h))

    def gradients(p):
        h = 1 / (1 + np.exp(-design @ p["theta"]))
        return {"theta": design.T @ (h - labels) / len(labels)}

    return loss, gradients


@pytest.mark.parametrize(
    ("design", "labels"),
    [
        (np.c_[np.ones(10), HOURS], PASSED),  # as many passed as failed: the intercept is at 0
        (np.c_[np.ones(10), HOURS], np.r_[PASSED[:9], 0]),
        (np.c_[np.ones(4), [-1.0, 1, -1, 1]], np.array([0, 1, 1, 0])),  # all slopes are 0
    ],
    ids=["balanced", "unbalanced", "xor"],
)
def test_no_kink_of_a_logistic_regression_at_0(design, labels) -> None:
    loss, gradients = regression(design, labels)
    report = pl.check_gradients(loss, {"theta": np.zeros(2)}, gradients)
    assert report.right
    assert report.notes == ()


@pytest.mark.parametrize("size", [1, 10, 1000, 1e6])
@pytest.mark.parametrize("power", [2, 3, 4, 6])
def test_no_note_at_a_point_where_the_slope_is_0(size: float, power: int) -> None:
    def loss(p):
        return size * np.sum(p["w"] ** power) + 5

    def gradients(p):
        return {"w": power * size * p["w"] ** (power - 1)}

    report = pl.check_gradients(loss, {"w": np.zeros(3)}, gradients)
    assert report.right
    assert report.notes == ()


def test_a_tiny_slope_on_a_large_number_is_checked() -> None:
    def loss(p):
        return 1e6 + 1e-3 * np.sum(np.sin(p["w"]))

    for factor, right in ((1, True), (1.01, False), (0, False)):
        report = pl.check_gradients(
            loss, {"w": np.array([0.3, 1.0])}, lambda p, f=factor: {"w": f * 1e-3 * np.cos(p["w"])}
        )
        assert report.right is right
        assert report.tape == ""


def test_a_loss_that_never_changes() -> None:
    fixed = np.ones(3)
    report = pl.check_gradients(
        lambda p: np.sum(fixed**2), {"w": np.zeros(3)}, lambda p: {"w": np.zeros(3)}
    )
    assert any("global variables" in note for note in report.notes)


def test_a_kink_is_noted() -> None:
    def loss(p):
        return np.mean(np.abs(HOURS * p["w"] + p["b"] - PASSED))

    def gradients(p):
        sign = np.sign(HOURS * p["w"] + p["b"] - PASSED)
        return {"w": np.mean(sign * HOURS), "b": np.mean(sign)}

    report = pl.check_gradients(loss, {"w": 0.0, "b": 0.0}, gradients)
    assert report.right
    assert any("kink" in note for note in report.notes)


@pytest.mark.parametrize("offset", [1.0, 1e6, 1e10])
def test_what_is_left_of_large_numbers(offset: float) -> None:
    def loss(p):
        return (offset + np.mean((HOURS * p["w"] - PASSED) ** 2)) - offset

    def gradients(p):
        return {"w": 2 * np.mean((HOURS * p["w"] - PASSED) * HOURS)}

    report = pl.check_gradients(loss, {"w": 0.7}, gradients)
    assert report.right
    assert report.tape == ""
    assert report.notes == ()
    assert not pl.check_gradients(loss, {"w": 0.7}, lambda p: {"w": 1.5 * gradients(p)["w"]})
