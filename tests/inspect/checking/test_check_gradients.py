"""The verdict: opinions, messages, what is left alone."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DataError, DTypeError, GradientError, NonFiniteError, ShapeError

X = np.array([[0.2, 1.0, -0.4], [1.1, -0.3, 0.5], [0.7, 0.6, 0.9], [-0.8, 0.1, 0.3]])
Y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.5]])


def parameters():
    rng = np.random.default_rng(0)
    return {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=(1, 2))}


def loss(p):
    z = X @ p["W"] + p["b"]
    return np.sum((np.tanh(z) - Y) ** 2)


def gradients(p):
    a = np.tanh(X @ p["W"] + p["b"])
    dz = 2 * (a - Y) * (1 - a**2)
    return {"W": X.T @ dz, "b": dz.sum(axis=0, keepdims=True)}


def changed(**entries):
    """The right gradients, some of them changed."""
    return lambda p: {**gradients(p), **{k: f(gradients(p)[k]) for k, f in entries.items()}}


def test_right() -> None:
    report = pl.check_gradients(loss, parameters(), gradients)
    assert report.right
    assert bool(report)
    assert report.explanations == ()
    assert report.tape == ""
    assert max(v.error for v in report.parameters.values()) < 1e-9
    assert [v.checked for v in report.parameters.values()] == [6, 2]


def test_a_dict_of_gradients() -> None:
    assert pl.check_gradients(loss, parameters(), gradients(parameters())).right
    assert not pl.check_gradients(loss, parameters(), {"W": np.ones((3, 2)), "b": np.ones((1, 2))})


def test_wrong_entries_are_shown_with_three_opinions() -> None:
    def one_off(g):
        g = g.copy()
        g[2, 1] += 0.5
        return g

    report = pl.check_gradients(loss, parameters(), changed(W=one_off))
    assert report.wrong == ("W",)
    worst = report.parameters["W"].entries[0]
    true = gradients(parameters())["W"][2, 1]
    assert worst.index == (2, 1)
    assert worst.learner == pytest.approx(true + 0.5)
    assert worst.differences == pytest.approx(true, rel=1e-7)
    assert worst.tape == pytest.approx(true, rel=1e-12)
    assert report.explanations == ()
    assert not report.stopped
    assert "No known mistake" in report.text()


def test_a_search_that_takes_too_long_is_stopped(monkeypatch) -> None:
    wrong = changed(b=lambda g: g.mean(axis=0) / 3, W=lambda g: -g)
    assert pl.check_gradients(loss, parameters(), wrong).explanations
    clock = itertools.count(step=10)
    monkeypatch.setattr("pellucid.inspect.checking.search.time.thread_time", lambda: next(clock))
    report = pl.check_gradients(loss, parameters(), wrong)
    assert report.explanations == ()
    assert report.stopped
    assert report.to_dict()["stopped"] is True
    assert "was stopped" in report.text()
    assert "No known mistake" not in report.text()


def test_exact_ratios_are_said() -> None:
    report = pl.check_gradients(loss, parameters(), changed(b=lambda g: g / 2))
    assert report.parameters["b"].note == "exactly half the true gradient"


def test_json() -> None:
    report = pl.check_gradients(loss, parameters(), changed(W=lambda g: -g))
    said = json.loads(json.dumps(report.to_dict()))
    assert said["right"] is False
    assert said["explanations"][0][0]["kind"] == "sign"
    assert said["parameters"]["b"]["right"] is True
    assert "<pre>" in report._repr_html_()


def test_nothing_of_the_learner_changes() -> None:
    mine = parameters()
    before = {name: value.copy() for name, value in mine.items()}
    np.random.seed(3)
    state = np.random.get_state()[1].copy()

    def spoiling(p):
        result = gradients(p)
        for value in p.values():
            value[...] = 0
        return result

    report = pl.check_gradients(loss, mine, spoiling)
    assert all(np.array_equal(mine[name], before[name]) for name in mine)
    assert np.array_equal(np.random.get_state()[1], state)
    assert report.right
    assert any("in place" in note for note in report.notes)
    assert globals()["np"] is np
    assert "float" not in globals()


def test_weights_updated_before_they_were_used() -> None:
    rng = np.random.default_rng(1)
    mine = {"W1": rng.normal(size=(3, 4)), "W2": rng.normal(size=(4, 2))}

    def two_layers(p):
        return 0.5 * np.sum((np.tanh(X @ p["W1"]) @ p["W2"] - Y) ** 2)

    def backward(p):
        a = np.tanh(X @ p["W1"])
        d2 = a @ p["W2"] - Y
        dW2 = a.T @ d2
        p["W2"] -= 0.1 * dW2
        return {"W1": X.T @ ((d2 @ p["W2"].T) * (1 - a**2)), "W2": dW2}

    report = pl.check_gradients(two_layers, mine, backward)
    assert [(c.kind, c.layers) for c in report.causes] == [("updated-first", (2,))]
    assert "0.1" in report.causes[0].detail


def test_shapes() -> None:
    report = pl.check_gradients(loss, parameters(), changed(b=lambda g: g[0]))
    assert report.right
    assert report.parameters["b"].note == "shape (2,) instead of (1, 2), which works"
    report = pl.check_gradients(loss, parameters(), changed(b=lambda g: g.T))
    assert [c.kind for c in report.causes] == ["wrong-shape"]
    report = pl.check_gradients(loss, parameters(), changed(W=lambda g: g.T))
    assert [c.kind for c in report.causes] == ["transposed"]
    assert report.parameters["W"].note == "shape (2, 3) instead of (3, 2)"


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (lambda p: None, GradientError, "missing"),
        (lambda p: [1.0], GradientError, "dict"),
        (lambda p: {"W": p["W"]}, GradientError, "no entry for 'b'"),
        (lambda p: {**gradients(p), "c": 1.0}, GradientError, "'c', which is no parameter"),
        (lambda p: {**gradients(p), "b": None}, GradientError, "'b' is None"),
        (lambda p: {**gradients(p), "b": "x"}, DTypeError, "no numbers"),
        (lambda p: {**gradients(p), "b": p["b"] * np.nan}, NonFiniteError, "2 of 2 entries"),
    ],
    ids=["none", "list", "missing", "extra", "entry-none", "text", "nan"],
)
def test_gradients_that_are_none(given, error, said: str) -> None:
    with pytest.raises(error, match=said):
        pl.check_gradients(loss, parameters(), given)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ([1.0], DataError, "dict of arrays"),
        ({}, DataError, "dict of arrays"),
        ({"W": np.ones((3, 2), int)}, DTypeError, "whole numbers have no derivative"),
        ({"W": np.array([np.nan])}, NonFiniteError, "NaN"),
        ({"W": np.zeros((0, 2))}, ShapeError, "empty"),
        ({"W": "text"}, DTypeError, "floats"),
    ],
    ids=["list", "empty", "integers", "nan", "no-entries", "text"],
)
def test_parameters_that_cannot_be_used(given, error, said: str) -> None:
    with pytest.raises(error, match=said):
        pl.check_gradients(loss, given, gradients)


@pytest.mark.parametrize(
    ("function", "error", "said"),
    [
        (lambda p: None, GradientError, "return"),
        (lambda p: p["W"], GradientError, "shape"),
        (lambda p: np.sum(p["W"]) / 0.0 if False else float("nan"), NonFiniteError, "nan"),
    ],
    ids=["none", "array", "nan"],
)
def test_losses_that_cannot_be_used(function, error, said: str) -> None:
    with pytest.raises(error, match=said):
        pl.check_gradients(function, parameters(), gradients)


def test_a_random_loss() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(GradientError, match="the loss is random"):
        pl.check_gradients(lambda p: loss(p) + rng.normal(), parameters(), gradients)


def test_a_loss_that_draws_from_the_global_generator() -> None:
    def noisy(p):
        mask = np.random.random((4, 2)) < 0.5
        return np.sum(mask * (X @ p["W"] + p["b"]))

    def backward(p):
        mask = np.random.random((4, 2)) < 0.5
        return {"W": X.T @ mask, "b": mask.sum(axis=0, keepdims=True)}

    report = pl.check_gradients(noisy, parameters(), backward)
    assert report.right
    assert any("np.random" in note for note in report.notes)


def test_a_loss_that_ignores_its_argument() -> None:
    fixed = parameters()
    report = pl.check_gradients(lambda p: loss(fixed), parameters(), gradients)
    assert not report.right
    assert any("global variables" in note for note in report.notes)


def test_where_the_tape_cannot_follow() -> None:
    def through_lists(p):
        z = (X @ p["W"] + p["b"]).tolist()
        return sum((math.tanh(v) - y) ** 2 for row, target in zip(z, Y, strict=True)
                   for v, y in zip(row, target, strict=True))  # fmt: skip

    def through_text(p):
        return through_lists({name: np.array(eval(repr(v.tolist()))) for name, v in p.items()})

    report = pl.check_gradients(through_lists, parameters(), gradients)
    assert report.right
    assert not report.tape, "lists of recorded numbers are followed"
    report = pl.check_gradients(through_text, parameters(), gradients)
    assert report.right
    assert report.tape
    report = pl.check_gradients(through_text, parameters(), changed(W=lambda g: -g))
    assert report.wrong == ("W",)
    assert report.parameters["W"].entries[0].tape is None
    assert "No opinion of the tape" in report.text()


def test_zeros_that_hide_a_mistake() -> None:
    zero = {"W1": np.ones((3, 4)), "W2": np.zeros((4, 2))}

    def two_layers(p):
        return np.sum((np.tanh(X @ p["W1"]) @ p["W2"] - Y) ** 2)

    def backward(p):  # the derivative of tanh is missing, and W2 = 0 hides it
        a = np.tanh(X @ p["W1"])
        d2 = 2 * (a @ p["W2"] - Y)
        return {"W1": X.T @ (d2 @ p["W2"].T), "W2": a.T @ d2}

    report = pl.check_gradients(two_layers, zero, backward)
    assert not report.right
    assert [c.kind for c in report.causes] == ["missing-derivative"]
    assert any("happen to be right" in note for note in report.notes)


def test_a_kink_takes_any_slope_between() -> None:
    mine = {"w": np.array([0.0, 1.0])}
    for slope in (0.0, 0.3, 1.0):
        given = {"w": np.array([slope, 1.0])}
        report = pl.check_gradients(lambda p: np.sum(np.maximum(0, p["w"])), mine, given)
        assert report.right, slope
    given = {"w": np.array([1.5, 1.0])}
    assert not pl.check_gradients(lambda p: np.sum(np.maximum(0, p["w"])), mine, given).right


def test_large_parameters_are_sampled() -> None:
    rng = np.random.default_rng(0)
    mine = {"W": rng.normal(size=(300, 200))}

    def quadratic(p):
        return 0.5 * np.sum(p["W"] ** 2)

    report = pl.check_gradients(quadratic, mine, lambda p: p)
    assert report.right
    assert report.parameters["W"].checked == 64

    def one_wrong(p):
        g = p["W"].copy()
        g[200, 100] += 1
        return {"W": g}

    report = pl.check_gradients(quadratic, mine, one_wrong)
    assert report.parameters["W"].entries[0].index == (200, 100)


def test_float32() -> None:
    def single(p):
        return {name: g.astype(np.float32) for name, g in gradients(p).items()}

    assert pl.check_gradients(loss, parameters(), single).right


def test_names_with_a_d_in_front() -> None:
    assert pl.check_gradients(
        loss, parameters(), lambda p: {f"d{name}": g for name, g in gradients(p).items()}
    ).right


def test_two_causes_that_explain_the_same_are_both_given() -> None:
    def squared(p):
        a = 1 / (1 + np.exp(-(X @ p["W"] + p["b"])))
        return 0.5 * np.sum((a - Y) ** 2)

    def backward(p):
        dz = 1 / (1 + np.exp(-(X @ p["W"] + p["b"]))) - Y
        return {"W": X.T @ dz, "b": dz.sum(axis=0, keepdims=True)}

    report = pl.check_gradients(squared, parameters(), backward)
    assert {e[0].kind for e in report.explanations} == {
        "missing-derivative",
        "cross-entropy-gradient",
    }
    assert "The same numbers come out of:" in report.text()


def test_what_to_write_names_the_code_s_own_values() -> None:
    def named(p):
        hidden = np.tanh(X @ p["W"] + p["b"])
        return np.sum((hidden - Y) ** 2)

    def backward(p):
        dz = 2 * (np.tanh(X @ p["W"] + p["b"]) - Y)
        return {"W": X.T @ dz, "b": dz.sum(axis=0, keepdims=True)}

    cause = pl.check_gradients(named, parameters(), backward).causes[0]
    assert cause.write == ("dz1 = dhidden * (1 - hidden**2)",)
    assert cause.lines[0][0] == "test_check_gradients.py"


def test_parameters_that_are_numbers() -> None:
    x, y = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, 2.0])

    def loss(p):
        return np.mean((p["w"] * x + p["b"] - y) ** 2)

    def gradients(p):
        error = 2 * (p["w"] * x + p["b"] - y)
        return {"w": np.mean(error * x), "b": np.sum(error)}

    report = pl.check_gradients(loss, {"w": 0.3, "b": 0.1}, gradients)
    assert report.wrong == ("b",)
    assert [str(c) for c in report.causes] == ["sum instead of mean, at layer 1 (db)"]
