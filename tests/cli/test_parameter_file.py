"""``source``, ``explain`` and ``doctor`` on a learner's file with a function of parameters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import numpy as np

X = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
Y = np.array([[1.0], [0.0], [1.0]])
rng = np.random.default_rng(0)
parameters = {"W1": rng.normal(size=(2, 3)), "W2": rng.normal(size=(3, 1))}


def loss(p):
    hidden = np.tanh(X @ p["W1"])
    out = hidden @ p["W2"]
    return np.mean((out - Y) ** 2)
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(PROGRAM, "utf-8")
    return "mine.py"


def test_source_is_a_script_with_the_names_of_the_file(run, program):
    text = run("source", program, "--optimizer", "sgd").out
    assert "dhidden = " in text and "dW1 = X.T @ " in text
    assert "W1 = W1 - lr * dW1" in text
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    space: dict = {}
    exec(PROGRAM, space)
    assert float(done.stdout.removeprefix("loss: ")) == space["loss"](space["parameters"])


def test_explain_goes_through_its_lines(run, program):
    text = run("explain", program).out
    assert 'hidden = np.tanh(X @ p["W1"])' in text
    assert "∂L/∂W₂ = hiddenᵀ ∂L/∂out" in text
    run("explain", program, "--html", "page.html")
    assert "hidden" in Path("page.html").read_text("utf-8")


def test_the_doctor_looks_at_it(run, program):
    assert "Nothing is wrong" in run("doctor", program, "--lr", 0.1).out
    findings = run("doctor", program, "--lr", 1000, "--json").json["findings"]
    assert [found["code"] for found in findings] == ["divergence"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "mine.py", "--layer", "0"), "not for 'mine.py'"),
        (("doctor", "mine.py", "--epochs", 3), "--epochs is for a network"),
        (("source", "mine.py", "--forward-only"), "--forward-only is for a network"),
        (("explain", "missing.py"), "cannot read 'missing.py'"),
        (("explain", "empty.py"), "does not define `parameters` and `loss`"),
        (("doctor", "broken.py"), "line 2"),
        (("source", "lost.py"), "lost.py: loss(parameters) returned a float64 that was not"),
    ],
)
def test_what_cannot_be_used_is_said(run, program, words, said):
    Path("empty.py").write_text("x = 1\n", "utf-8")
    Path("broken.py").write_text("import numpy as np\nnp.zeros(2) @ np.zeros(3)\n", "utf-8")
    Path("lost.py").write_text(PROGRAM.replace('p["W1"]', 'parameters["W1"]')
                               .replace('p["W2"]', 'parameters["W2"]'), "utf-8")  # fmt: skip
    outcome = run(*words)
    assert outcome.code == 2
    assert said in outcome.err
