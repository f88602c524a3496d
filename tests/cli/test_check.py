"""``pellucid check``: what it says, its exit status, and files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "check"

GOOD = """
import numpy as np

x = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
y = np.array([[1.0], [0.0], [1.0]])
parameters = {"w": np.array([[0.5], [-0.2]])}
print("loaded")


def loss(parameters):
    print("called")
    return np.mean((x @ parameters["w"] - y) ** 2)


def gradients(parameters):
    return {"w": 2 * x.T @ (x @ parameters["w"] - y) / 3}


if __name__ == "__main__":
    raise SystemExit("the training loop")
"""


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_right(run, file) -> None:
    outcome = run("check", file(GOOD))
    assert outcome.code == 0
    assert "right" in outcome.out
    assert outcome.out.count("loaded") == 1
    assert "called" not in outcome.out


def test_wrong(run, file) -> None:
    outcome = run("check", file(GOOD.replace(" / 3", "")))
    assert outcome.code == 1
    assert "wrong" in outcome.out
    assert "Sum instead of mean, at the loss." in outcome.out
    assert "3 times too large: the 3 samples" in outcome.out


def test_without_causes(run, file) -> None:
    outcome = run("check", file(GOOD.replace(" / 3", "")), "--no-causes")
    assert outcome.code == 1
    assert "Sum instead" not in outcome.out


def test_json(run, file) -> None:
    outcome = run("check", file(GOOD.replace(" / 3", "")), "--json")
    assert outcome.code == 1
    assert outcome.json["right"] is False
    assert outcome.json["explanations"][0][0]["kind"] == "factor"
    assert outcome.json["parameters"]["w"]["worst"][0]["tape"] is not None


def test_tolerance(run, file) -> None:
    nearly = file(GOOD.replace("/ 3}", "/ 3.001}"))
    assert run("check", nearly).code == 1
    assert run("check", nearly, "--tolerance", "0.01").code == 0


def test_other_names(run) -> None:
    outcome = run("check", str(EXAMPLES / "softmax_3_4_2.py"), "--loss", "cross_entropy")
    assert outcome.code == 1
    assert "Softmax Jacobian treated as diagonal, at layer 1" in outcome.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1 +\n", "line 1: SyntaxError"),
        ("x = 1\ny = x / 0\n", "line 2: `y = x / 0`\nZeroDivisionError: division by zero"),
        ("def loss(p):\n    return 0.0\n", "does not define `parameters` and `gradients`"),
        ("import sys\nsys.exit(3)\n", "ends the program (sys.exit)"),
        (GOOD.replace("parameters['w']", "q").replace('return {"w"', 'return {"v"'),
         "gradients has no entry for 'w'; there is 'v', which is no parameter"),
        (GOOD.replace("2 * x.T", "undefined"), "NameError: name 'undefined' is not defined"),
        (GOOD.replace("def gradients", "gradients = 3\ndef other"), "`gradients` is int"),
        (GOOD.replace("np.array([[0.5], [-0.2]])", "np.array([[1], [2]])"), "whole numbers have"),
    ],
    ids=["syntax", "runtime", "names", "exit", "gradient", "call", "not-a-function", "integers"],
)  # fmt: skip
def test_files_that_cannot_be_used(run, file, text: str, said: str) -> None:
    outcome = run("check", file(text))
    assert outcome.code == 2
    assert said in outcome.err
    assert "Traceback" not in outcome.err


def test_no_such_file(run) -> None:
    outcome = run("check", "nowhere.py")
    assert outcome.code == 2
    assert "nowhere.py" in outcome.err


# --- training scripts as they stand ---------------------------------------------------------------

SCRIPT = """
import numpy as np

x = np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
y = np.array([[1.0], [0.0], [1.0]])
w = np.array([[0.5], [-0.2]])
print("printed by the script")
for epoch in range(10**9):
    error = x @ w - y
    loss = np.mean(error**2)
    w -= 0.1 * 2 * x.T @ error / 3
"""


def test_script_adapted(run, file, tmp_path) -> None:
    path = file(SCRIPT.replace(" / 3", ""))
    outcome = run("check", path, "--adapt", "out.py", "--show-output")
    assert outcome.code == 1
    assert "wrong: w" in outcome.out
    assert "Sum instead of mean, at the loss." in outcome.out
    assert "printed by the script" in outcome.out
    again = run("check", "out.py")
    assert again.code == 1
    assert "Sum instead of mean, at the loss." in again.out
    before = (tmp_path / "out.py").read_bytes()
    kept = run("check", path, "--adapt", "out.py")
    assert kept.code == 2
    assert "exists already" in kept.err
    assert (tmp_path / "out.py").read_bytes() == before


def test_script_as_json(run, file) -> None:
    outcome = run("check", file(SCRIPT), "--json")
    assert outcome.code == 0
    assert outcome.json["right"] is True
    assert outcome.json["script"]["loss"] == {"text": "`loss`", "line": 10, "computed": True}
    (w,) = outcome.json["script"]["parameters"]
    assert (w["name"], w["made"], w["updated"], w["rate"]) == ("w", 6, 11, 0.1)
    assert "printed by the script" not in outcome.out


def test_script_that_cannot_be_checked(run, file) -> None:
    outcome = run("check", file("import torch\n"))
    assert outcome.code == 2
    assert "line 1: it uses PyTorch, so it is no NumPy program" in outcome.err


def test_nothing_to_adapt(run, file) -> None:
    outcome = run("check", file(GOOD), "--adapt", "out.py")
    assert outcome.code == 2
    assert "nothing to --adapt" in outcome.err


@pytest.mark.parametrize(
    ("shapes", "colour"), [("y", "yellow"), ("y[:, 0]", "yellow"), ("y.reshape(3, 1)", "green")]
)
def test_colour_of_the_headline(monkeypatch, run, file, shapes: str, colour: str) -> None:
    """Green only for a verdict with no warning."""
    from pellucid.cli.screen import Screen

    said: list[tuple[str, str]] = []
    original = Screen.say

    def say(self, text: str = "", style: str = "") -> None:
        said.append((text, style))
        original(self, text, style)

    monkeypatch.setattr(Screen, "say", say)
    text = GOOD.replace("- y) / 3}", ") / 3}") if shapes == "y" else GOOD
    if shapes == "y[:, 0]":
        text = text.replace("y = np.array([[1.0], [0.0], [1.0]])", "y = np.array([1.0, 0.0, 1.0])")
        text = text.replace(
            '2 * x.T @ (x @ parameters["w"] - y) / 3',
            '2 * x.T @ (x @ parameters["w"] - y).sum(1, keepdims=True) / 9',
        )
    run("check", file(text))
    (headline,) = [one for one in said if "mine.py" in one[0]]
    assert headline[1] == colour, headline
    assert ("suspicious" in headline[0]) == (shapes == "y[:, 0]")
