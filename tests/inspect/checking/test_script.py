"""Training scripts as they stand: the verdict on scripts in many styles, in ``scripts/``.

The first line of each says what is right and wrong in it, which was settled by hand.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DataError
from pellucid.inspect.checking.program_file import load_program
from pellucid.inspect.checking.script.examination import examine
from pellucid.inspect.checking.script.report import ScriptReport, decoded, encoded

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.txt"))
TUTORIALS = ("perceptron_unbound", "xor_2_3_1", "softmax_3_4_2", "relu_sigmoid_columns")
HEADER = re.compile(r"# verdict: (right|wrong)([^:\n]*)(?:: ([\w-]+))?\n")
QUICK = (*TUTORIALS, "momentum_wrong_slope", "rmsprop", "class_self_weights", "without_rate")


def examined(path: Path) -> ScriptReport:
    with contextlib.redirect_stdout(io.StringIO()):
        return examine(path, {})


def text_of(name: str) -> str:
    path = Path(__file__).parent / "scripts" / f"{name}.py.txt"
    return path.read_text(encoding="utf-8")


@pytest.fixture
def checked(tmp_path):
    def check(text: str) -> ScriptReport:
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        return examined(path)

    return check


def assert_verdict(report: ScriptReport, text: str) -> None:
    match = HEADER.search(text)
    assert match is not None
    verdict, names, kind = match.groups()
    assert report.right == (verdict == "right"), str(report)
    assert set(report.wrong) == set(names.split()), str(report)
    if kind:
        assert any(c.kind == kind for e in report.gradients.explanations for c in e), str(report)


def cases() -> list:
    return [
        p if p.name.split(".")[0] in QUICK else pytest.param(p, marks=pytest.mark.slow)
        for p in SCRIPTS
    ]


@pytest.mark.parametrize("path", cases(), ids=lambda p: p.name.split(".")[0])
def test_verdict(path: Path, tmp_path: Path) -> None:
    report = examined(path)
    assert_verdict(report, path.read_text(encoding="utf-8"))
    assert decoded(ScriptReport, encoded(report)) == report
    explicit = tmp_path / "explicit.py"
    explicit.write_text(report.explicit, encoding="utf-8")
    program = load_program(explicit, ("parameters", "loss", "gradients"), shown=False)
    with program.running():
        again = pl.check_gradients(
            program["loss"], program["parameters"], program["gradients"], causes=False
        )
    assert (again.right, set(again.wrong)) == (report.right, set(report.wrong))
    assert again.loss == pytest.approx(report.gradients.loss, rel=1e-12)


@pytest.mark.parametrize("lost", ["indentation", "lines"])
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n != "xor_2_3_1" else n for n in TUTORIALS]
)
def test_lost_layout(name: str, lost: str, checked) -> None:
    text = text_of(name)
    lines = [line.strip() for line in text.split("\n")][1:]
    joined = "\n".join(lines) if lost == "indentation" else " ".join(x for x in lines if x)
    report = checked(joined)
    assert_verdict(report, text)
    assert any("lost in copying" in remark.text for remark in report.remarks)
    assert (report.restored.count("\n") > 20) and "    " in report.restored


def test_unbound_name_is_told_with_its_line(checked) -> None:
    report = checked(text_of("perceptron_unbound"))
    told = [r for r in report.remarks if "UnboundLocalError" in r.text]
    lines = text_of("perceptron_unbound").split("\n")
    assert [lines[r.line - 1].split()[0] for r in told] == ["weights", "bias"]


def test_lines_and_rates(checked) -> None:
    report = checked(text_of("xor_2_3_1"))
    lines = text_of("xor_2_3_1").split("\n")
    for one in report.parameters:
        assert lines[one.made - 1].startswith(one.name)
        assert lines[one.updated - 1].strip().startswith(f"{one.name} +=")
        assert one.rate == 0.1
    assert "expected_output - predicted_output" in lines[report.loss_line - 1]


def test_line_of_the_early_update(checked) -> None:
    report = checked(text_of("updated_too_early"))
    assert any(
        "W2 is updated in line 16 before line 18 uses it for the gradient of W1, b1" in r.text
        for r in report.remarks
    )


# --- every right script with one mistake planted --------------------------------------------------

PLANTED = {
    "factor": ("xor_2_3_1", "inputs.T.dot(d_hidden)", "inputs.T.dot(d_hidden) * 2",
               {"hidden_weights"}),
    "sign": ("xor_2_3_1", "output_bias +=", "output_bias -=", {"output_bias"}),
    "slope": ("class_self_weights", " * slope(self.mid)", "", {"first"}),
    "mean": ("momentum_right", "da.sum(axis=0, keepdims=True)", "da.mean(axis=0, keepdims=True)",
             {"b1"}),
    "sample": ("accumulated_batch", "grad_b += p - t", "grad_b = p - t", {"b"}),
    "entry": ("loops_over_entries", "hidden[j][2] += l_rate * deltas[j]",
              "hidden[j][2] += l_rate * delta", {"hidden[2]", "hidden[5]"}),
    "columns": ("relu_sigmoid_columns", "np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)", {"W1"}),
    "number": ("linear_regression_means", "(-2 / n) * sum(y - y_pred)", "-2 * sum(y - y_pred)",
               {"c"}),
    "moment": ("rmsprop", "dw = X.T.dot(dz)", "dw = -X.T.dot(dz)", {"w"}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mistake", PLANTED)
def test_planted(mistake: str, checked) -> None:
    name, old, new, wrong = PLANTED[mistake]
    text = text_of(name)
    assert old in text
    report = checked(text.replace(old, new))
    named = set(report.wrong)
    if mistake == "entry":
        assert not report.right and all(n.startswith("hidden") for n in named) and len(named) == 2
    else:
        assert named == wrong, str(report)


# --- spellings of an update -----------------------------------------------------------------------

LINE = """
import numpy as np
rng = np.random.default_rng(0)
X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
W = rng.normal(size=(3, 1))
b = np.zeros(1)
LEARNING = 0.1
params = {{"W": W}}
for epoch in range(1000000):
    error = X @ W + b - y
    loss = np.mean(error ** 2)
    dW = 2 * X.T @ error / len(X)
    db = 2 * error.mean(axis=0)
    {update}
"""

SPELLINGS = [
    "W -= LEARNING * dW; b -= LEARNING * db",
    "W = W - LEARNING * dW; b = b - LEARNING * db",
    "W += -LEARNING * dW; b += -(LEARNING * db)",
    "W[:] = W - LEARNING * dW; b[...] = b - db * LEARNING",
    "np.subtract(W, LEARNING * dW, out=W); np.subtract(b, LEARNING * db, b)",
    "W, b = W - LEARNING * dW, b - LEARNING * db",
    "W -= 0.1 * dW; b -= 0.1 * db",
    "W = -LEARNING * dW + W; b = b + LEARNING * -db",
    "step = LEARNING * dW; W -= step; other = db * LEARNING; b = b - other",
    "W -= np.multiply(LEARNING, dW); b -= np.multiply(db, LEARNING)",
    "W -= LEARNING / (1 + 0.01 * epoch) * dW; b -= LEARNING / (1 + 0.01 * epoch) * db",
    "W -= LEARNING * 0.9 ** (epoch + 1) * dW; b -= LEARNING * 0.9 ** (epoch + 1) * db",
    "W.__isub__(LEARNING * dW); b.__isub__(LEARNING * db)",
    "np.copyto(W, W - LEARNING * dW); np.copyto(b, b - LEARNING * db)",
]


@pytest.mark.slow
@pytest.mark.parametrize("update", SPELLINGS)
def test_spellings(update: str, checked) -> None:
    text = LINE.format(update=update.replace("; ", "\n    "))
    text = text.replace("LEARNING", "lr")
    assert checked(text).right
    wrong = checked(text.replace("2 * error.mean", "3 * error.mean"))
    assert wrong.wrong == ("b",)


# --- the text of web pages ------------------------------------------------------------------------

XOR = text_of("xor_2_3_1")
REPAIRED = {
    "typographic": XOR.replace('"Output after training:"', "“Output after training:”"),
    "no-break": XOR.replace("    ", "\u00a0" * 4),
    "prompts": "\n".join(
        (("... " if line[:1] in (" ", "") else ">>> ") + line).rstrip() for line in XOR.split("\n")
    ),
    "line numbers": "\n".join(f"{i:>3}  {line}" for i, line in enumerate(XOR.split("\n"), 1)),
    "line numbers with points": "\n".join(
        f"{i}. {line}" for i, line in enumerate(XOR.split("\n"), 1)
    ),
    "tabs": XOR.replace("    error = ", "\terror = "),
    "Python 2": XOR.replace('print("Output after training:")', 'print "Output", 1').replace(
        "range(epochs)", "xrange(epochs)"
    ),
    "&gt;": XOR.replace("print(predicted_output)", "assert 3 &gt; 2"),
    "around": f"```python\n{XOR}```\n",
    "indented": "\n".join(f"    {line}" for line in XOR.split("\n")),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", REPAIRED)
def test_repaired_text(what: str, checked) -> None:
    report = checked(REPAIRED[what])
    assert report.right
    key = what.partition(" with")[0]
    key = {"no-break": "spaces of a web page"}.get(key, key)
    assert any(key.lower() in remark.text.lower() for remark in report.remarks)


def test_nothing_is_repaired_in_a_good_text(checked) -> None:
    report = checked(XOR)
    assert not report.remarks
    assert not report.restored


# --- scripts that cannot be judged ----------------------------------------------------------------

UNUSABLE = {
    "torch": ("import torch\n", "line 1: it uses PyTorch"),
    "keras": ("import numpy as np\nfrom tensorflow import keras\n", "line 2: it uses TensorFlow"),
    "no update": ("import numpy as np\nprint(np.ones(3))\n", "no update of a parameter"),
    "missing file": ("X = open('nowhere.csv').read()\n", "a file that is not there"),
    "missing module": ("import numpy as np\nimport no_such_module\n", "no_such_module"),
    "error": (XOR.replace("error = expected", "error = expectd"), "name 'expectd_output'"),
    "uncalled": ("import numpy as np\ndef fit(stuff, magic):\n    W = np.ones(3)\n"
                 "    for q in stuff:\n        W -= magic * q\n", "fit(stuff, magic) updates"),
    "no loss": ("import numpy as np\nnp.random.seed(0)\nW = np.random.randn(3, 2)\n"
                "X = np.random.randn(5, 3)\nfor i in range(9):\n    h = np.maximum(X @ W, 0)\n"
                "    W -= 0.1 * X.T @ h ** 3\n", "updates of W (line 7) were found, but no loss"),
    "perceptron's rule": (
        "import numpy as np\nX = np.eye(2)\nw = np.zeros(2)\nb = 0\nlr = 0.1\n"
        "for x, y in zip(X, [0, 1]):\n"
        "    error = y - (1 if x @ w + b >= 0 else 0)\n    w += lr * error * x\n"
        "    b += lr * error\n", "updates of w (line 8), b (line 9) were found, but no loss"),
    "exit": ("import sys\nsys.exit(3)\n", "ends the program (sys.exit)"),
    "syntax": ("x = (1 +\ny = 2\n", "line 1: SyntaxError: '(' was never closed"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNUSABLE)
def test_unusable(what: str, checked) -> None:
    text, said = UNUSABLE[what]
    with pytest.raises(DataError, match=re.escape(said)):
        checked(text)


def test_an_error_after_the_update_is_no_obstacle(checked) -> None:
    report = checked(XOR + "print(undefined_name)\n")
    assert report.right


ONLY_A_CLASS = """
import numpy as np
class Net:
    def __init__(self, n_in, n_hidden, n_out):
        self.W1 = np.random.randn(n_in, n_hidden)
        self.W2 = np.random.randn(n_hidden, n_out)
    def train(self, X, y, epochs=10, lr=0.1):
        for _ in range(epochs):
            h = np.tanh(X @ self.W1)
            d = h @ self.W2 - y
            dW1 = X.T @ (d @ self.W2.T * (1 - h ** 2))
            self.W2 -= lr * h.T @ d
            self.W1 -= lr * dW1
"""


def test_a_class_that_is_not_used_is_called_with_xor(checked) -> None:
    report = checked(ONLY_A_CLASS)
    assert report.right
    assert any("Net(2, 3, 1).train(X, y)" in remark.text for remark in report.remarks)
    assert checked(ONLY_A_CLASS.replace(" * (1 - h ** 2)", "")).wrong == ("W1",)


def test_drawing_and_long_training(checked) -> None:
    text = "import matplotlib.pyplot as plt\n" + XOR.replace("epochs = 10000", "epochs = 10**9")
    assert checked(text + "fig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\n").right


def test_numbers_of_a_step_are_those_of_the_script(checked) -> None:
    """The gradients are what the script's own first update adds, divided by the rate."""
    report = checked(XOR)
    names = {}
    cut = XOR.replace("range(epochs)", "range(1)")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(cut, names)
    before = dict(names)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(cut.replace("range(1)", "range(0)").replace("print(predicted_output)", ""), before)
    for name, verdict in report.gradients.parameters.items():
        step = (before[name] - names[name]) / 0.1
        assert step.shape == verdict.shape
    space = {}
    exec(report.explicit, space)
    given = space["gradients"]({n: np.array(before[n]) for n in report.gradients.parameters})
    for name in given:
        np.testing.assert_allclose(given[name], (before[name] - names[name]) / 0.1, rtol=1e-9)
