"""Programs of a NumPy function of parameters: its names, its lines, its numbers."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DataError, DTypeError, GradientError

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])
SERIES = np.array([0.5, -1.0, 2.0, 0.25])


def sigmoid(z):
    s = np.exp(-z)
    s = 1 / (1 + s)
    return s  # noqa: RET504 - a value that is called something else outside


def forward(p):
    Z1 = np.dot(X, p["W1"]) + p["b1"]
    A1 = sigmoid(Z1)
    Z2 = A1.dot(p["W2"]) + p["b2"]
    return Z1, A1, Z2


def squared_error(p):
    _, _, Z2 = forward(p)
    out = sigmoid(Z2)
    error = Y - out
    return np.mean(error**2)


def recurrent(p):
    h = 0.0
    for x in SERIES:
        h = np.tanh(p["w"] * x + p["u"] * h)
    return (h - 1.0) ** 2


def filled(p):
    states = np.zeros(len(SERIES) + 1)
    for t, x in enumerate(SERIES):
        states[t + 1] = np.tanh(p["w"] * x + p["u"] * states[t])
    return np.sum((states[1:] - 1.0) ** 2)


class Classifier:
    def forward(self, p):
        self.hidden = np.maximum(0, X @ p["W1"] + p["b1"])
        self.scores = self.hidden @ p["W2"]
        return self.scores

    def loss(self, p):
        scores = self.forward(p)
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.mean(log_p[np.arange(4), Y[:, 0].astype(int)])


def xor_parameters():
    rng = np.random.default_rng(0)
    return {
        "W1": rng.normal(size=(2, 3)),
        "b1": np.zeros((1, 3)),
        "W2": rng.normal(size=(3, 1)),
        "b2": np.zeros((1, 1)),
    }


def classifier_parameters():
    rng = np.random.default_rng(1)
    return {"W1": rng.normal(size=(2, 5)), "b1": np.zeros(5), "W2": rng.normal(size=(5, 2))}


CASES = {
    "matrices": (squared_error, xor_parameters()),
    "numbers in a loop": (recurrent, {"w": np.array(0.7), "u": np.array(-0.4)}),
    "an array that is filled": (filled, {"w": np.array(0.7), "u": np.array(-0.4)}),
    "a class": (Classifier().loss, classifier_parameters()),
}


@pytest.mark.parametrize("name", CASES)
def test_loss_and_gradients_are_those_of_the_function(name):
    function, parameters = CASES[name]
    program = pl.trace(function, parameters)
    value, gradient = pl.value_and_grad(function)(parameters)
    assert program.results["loss"].value == value
    for key in parameters:
        np.testing.assert_array_equal(program.gradient(key).value, gradient[key])


@pytest.mark.parametrize("name", CASES)
def test_the_script_gives_the_same_bits_without_the_library(name, tmp_path):
    function, parameters = CASES[name]
    program = pl.trace(function, parameters, optimizer="sgd", lr=0.5)
    script = tmp_path / "step.py"
    ending = "".join(
        f'\nprint("{key}", np.asarray({key}, float).tobytes().hex())' for key in parameters
    )
    script.write_text(program.source() + ending, "utf-8")
    printed = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, check=True
    ).stdout.split()
    for key, value in parameters.items():
        updated = np.asarray(value - 0.5 * program.gradient(key).value)
        assert printed[printed.index(key) + 1] == updated.tobytes().hex()


def test_values_have_the_names_of_the_code():
    program = pl.trace(squared_error, xor_parameters())
    computed = {v.name for v in program.computed("forward")}
    assert {"Z1", "A1", "Z2", "out", "error"} <= computed
    assert program["A1"].called == "A1"  # and not s, as the helper calls it
    assert {v.name for v in program.starting("constant") if v.value.size > 1} == {"X", "Y"}
    assert program.gradient("A1").name == "dA1"
    assert "Z1 = X @ W1 + b1" in program.source()


def test_a_name_that_is_used_again_is_numbered():
    program = pl.trace(recurrent, CASES["numbers in a loop"][1])
    names = [v.name for v in program.computed("forward") if v.called == "h"]
    assert names == ["h", "h_2", "h_3", "h_4"]


def test_attributes_of_an_object_are_names():
    program = pl.trace(Classifier().loss, classifier_parameters())
    assert program["hidden"].shape == (4, 5)
    assert program["log_p"].shape == (4, 2)


def test_every_call_knows_the_line_that_made_it():
    program = pl.trace(squared_error, xor_parameters())
    made = program["error"].made_by
    assert made.line.text == "error = Y - out"
    assert made.line.file == __file__
    assert program["A1"].made_by.line.text == "s = 1 / (1 + s)"
    assert f"# line {made.line.number}: error = Y - out" in program.source()


def test_what_watched_the_lines_before_watches_them_again():
    seen = []

    def watch(frame, event, argument):
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        pl.trace(squared_error, xor_parameters())
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before)


def test_parameters_stay_as_they_were():
    parameters = xor_parameters()
    before = {name: value.copy() for name, value in parameters.items()}
    pl.trace(squared_error, parameters, optimizer="adam")
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)


def test_losses_of_a_descent_fall():
    parameters = xor_parameters()
    losses = []
    for _ in range(20):
        program = pl.trace(squared_error, parameters)
        losses.append(float(program.results["loss"].value))
        parameters = {n: v - 1.0 * program.gradient(n).value for n, v in parameters.items()}
    assert all(later < earlier for earlier, later in pairwise(losses))


@pytest.mark.parametrize(
    ("function", "parameters", "error", "words"),
    [
        (lambda p: None, {"w": np.ones(2)}, GradientError, "returned None"),
        (lambda p: 3.0, {"w": np.ones(2)}, GradientError, "not computed from its argument"),
        (lambda p: p["w"] * 2, {"w": np.ones(2)}, GradientError, "single number, got shape (2,)"),
        (lambda p: p["w"], {"w": np.ones(2, int)}, DTypeError, "whole numbers"),
        (lambda p: p["w"], {"w": "text"}, DTypeError, "must hold floats"),
        (lambda p: p["w"], {}, DataError, "dict of arrays"),
        (lambda p: p["w"], {"forward": np.ones(1)}, DataError, "cannot be called 'forward'"),
        (lambda p: p["w"], {"a b": np.ones(1)}, DataError, "cannot be called 'a b'"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_words(function, parameters, error, words):
    with pytest.raises(error) as caught:
        pl.trace(function, parameters)
    assert words in str(caught.value)


def test_a_loss_beside_the_function_is_refused():
    with pytest.raises(DataError, match="returns its loss itself"):
        pl.trace(squared_error, xor_parameters(), loss="mse")
