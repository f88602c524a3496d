"""Training scripts whose mistake is in the updates: each kind with the programs that show it."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from pellucid.errors import DataError
from pellucid.inspect.checking.script.examination import examine
from pellucid.inspect.checking.script.report import ScriptReport

HEAD = """import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(12, 3))
y = (X @ np.array([[1.0], [2.0], [-1.0]]) > 0) * 1.0
W = rng.normal(size=(3, 1))
b = np.zeros(1)
lr, decay = 0.1, 0.005
"""
FORWARD = """    p = 1 / (1 + np.exp(-(X @ W + b)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    d = (p - y) / len(y)
"""
LOOP = f"{HEAD}for epoch in range(20):\n{FORWARD}"
BIAS = "    b -= lr * d.sum(axis=0)\n"


@pytest.fixture
def checked(tmp_path: Path):
    def check(text: str) -> ScriptReport:
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            return examine(path, {})

    return check


def kinds(report: ScriptReport) -> set[str]:
    return {c.kind for e in report.gradients.explanations for c in e}


def said(report: ScriptReport) -> str:
    return "\n".join(map(str, report.remarks))


# --- later updates --------------------------------------------------------------------------------

ZEROED_ONCE = f"""{HEAD}dW, db = np.zeros_like(W), np.zeros_like(b)
for epoch in range(20):
{FORWARD}    dW += X.T @ d
    db += d.sum(axis=0)
    W -= lr * dW
    b -= lr * db
"""
RECURRENT = """import numpy as np
rng = np.random.default_rng(2)
x = np.sin(np.arange(0, 3, 0.5))
U, V, O = (rng.normal(size=s) * 0.3 for s in ((4, 1), (4, 4), (1, 4)))
dU, dV, dO = np.zeros_like(U), np.zeros_like(V), np.zeros_like(O)
for epoch in range(20):
    h, out, loss = {-1: np.zeros((4, 1))}, {}, 0
    for t in range(5):
        h[t] = np.tanh(U * x[t] + V @ h[t - 1])
        out[t] = O @ h[t]
        loss += 0.5 * (out[t][0, 0] - x[t + 1]) ** 2
    later = np.zeros((4, 1))
    for t in range(4, -1, -1):
        d = out[t] - x[t + 1]
        dO += d @ h[t].T
        dz = (O.T @ d + later) * (1 - h[t] ** 2)
        dU += dz * x[t]
        dV += dz @ h[t - 1].T
        later = V.T @ dz
    for param, dparam in zip([U, V, O], [dU, dV, dO]):
        param -= 0.01 * dparam
    print(loss)
"""
CLASS = f"""{HEAD}
class Model:
    def __init__(self):
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)
    def step(self):
        p = 1 / (1 + np.exp(-(X @ self.W + self.b)))
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        self.dW += X.T @ (p - y) / len(y)
        self.db += np.mean(p - y, axis=0)
        self.W -= lr * self.dW
        self.b -= lr * self.db
        return loss
model = Model()
for epoch in range(20):
    print(model.step())
"""


@pytest.mark.parametrize(
    "text",
    [ZEROED_ONCE, pytest.param(RECURRENT, marks=pytest.mark.slow),
     pytest.param(CLASS, marks=pytest.mark.slow)],
    ids=["matrix", "recurrent", "class"],
)  # fmt: skip
def test_gradients_that_are_never_set_to_zero(text: str, checked) -> None:
    report = checked(text)
    assert not report.right
    assert kinds(report) == {"added-up-over-updates"}
    assert "never set back to zero" in str(report)


def test_line_of_the_arrays_that_are_never_set_to_zero(checked) -> None:
    (cause,) = checked(ZEROED_ONCE).causes
    assert "dW (line 8), db (line 8)" in cause.detail


MOMENTUM = f"""{HEAD}vW, vb = np.zeros_like(W), np.zeros_like(b)
for epoch in range(20):
{FORWARD}    vW *= 0.9
    vW += X.T @ d
    vb = 0.9 * vb + d.sum(axis=0)
    W -= lr * vW
    b -= lr * vb
"""


@pytest.mark.parametrize(
    "text",
    [
        ZEROED_ONCE.replace("    dW += X", "    dW[...] = 0\n    db[...] = 0\n    dW += X"),
        pytest.param(RECURRENT.replace("    later = np.z", "    dU *= 0; dV *= 0; dO *= 0\n"
                     "    later = np.z"), marks=pytest.mark.slow),
        pytest.param(MOMENTUM, marks=pytest.mark.slow),
    ],
    ids=["set to zero", "recurrent", "momentum"],
)  # fmt: skip
def test_sums_that_are_right(text: str, checked) -> None:
    report = checked(text)
    assert report.right, str(report)


STALE_FORWARD = f"""{HEAD}out = X @ W + b
for epoch in range(20):
    loss = np.mean((out - y) ** 2)
    d = 2 * (out - y) / len(y)
    W -= lr * X.T @ d
{BIAS}"""
STALE_NUMBERS = """x, y = [1.0, 2.0, 3.0, 4.0], [3.1, 5.2, 6.9, 9.1]
m, c = 0.1, 0.2
n, lr = len(x), 0.01
dm = sum(2 * (m * a + c - b) * a for a, b in zip(x, y)) / n
dc = sum(2 * (m * a + c - b) for a, b in zip(x, y)) / n
for epoch in range(100):
    loss = sum((m * a + c - b) ** 2 for a, b in zip(x, y)) / n
    m = m - lr * dm
    c = c - lr * dc
    print(loss)
"""


@pytest.mark.parametrize(
    "text", [STALE_FORWARD, pytest.param(STALE_NUMBERS, marks=pytest.mark.slow)]
)
def test_gradient_of_old_parameters(text: str, checked) -> None:
    report = checked(text)
    assert not report.right
    assert kinds(report) == {"not-computed-anew"}


# --- weight decay ---------------------------------------------------------------------------------

DECAYED = {
    "in the product": "    W -= lr * (X.T @ d + decay * W)\n",
    "a term": "    W -= lr * (X.T @ d) + lr * decay * W\n",
    "into the gradient": "    dW = X.T @ d\n    dW += decay * W\n    W -= lr * dW\n",
    "shrunk before": "    W *= 1 - lr * decay\n    W -= lr * X.T @ d\n",
    "subtracted before": "    W -= lr * decay * W\n    W -= lr * X.T @ d\n",
}


@pytest.mark.parametrize(
    "way", [w if w == "into the gradient" else pytest.param(w, marks=pytest.mark.slow)
            for w in DECAYED]
)  # fmt: skip
def test_weight_decay_is_no_mistake(way: str, checked) -> None:
    report = checked(LOOP + DECAYED[way] + BIAS)
    assert report.right, str(report)
    if "before" not in way:
        assert "0.005·W" in said(report) or "weight decay" in said(report)


@pytest.mark.slow
def test_weight_decay_without_a_loss(checked) -> None:
    text = LOOP.replace("    loss =", "    shown =").replace("-np.mean(y *", "-np.mean(0 *")
    lines = [x for x in text.split("\n") if "shown" not in x]
    report = checked("\n".join(lines) + DECAYED["in the product"] + BIAS)
    assert report.right, str(report)
    assert "0.005·W" in said(report)


def test_a_penalty_of_the_loss_is_compared_as_it_is(checked) -> None:
    text = LOOP.replace("(1 - p))\n", "(1 - p)) + decay * np.sum(W ** 2)\n")
    assert text != LOOP
    assert checked(text + DECAYED["into the gradient"] + BIAS).wrong == ("W",)


@pytest.mark.slow
def test_decay_by_a_number_that_is_not_said(checked) -> None:
    assert checked(LOOP + "    dW = X.T @ d + W / 7\n    W -= lr * dW\n" + BIAS).wrong == ("W",)


# --- what an update is ----------------------------------------------------------------------------

LAYERS = """import numpy as np
rng = np.random.default_rng(0)
class Dense:
    def __init__(self, a, b):
        self.W, self.b = rng.normal(size=(a, b)), rng.normal(size=(1, b))
    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W + self.b)
    def backward(self, g, a):
        g = g * (1 - a ** 2)
        self.dW, self.db = self.x.T @ g, g.sum(axis=0, keepdims=True)
        return g @ self.W.T
class Optimizer:
    def __init__(self, layers):
        self.t, self.state, self.layers = 0, {}, layers
    def step(self):
        self.t += 1
        for i, layer in enumerate(self.layers):
            for name in ("W", "b"):
                g = getattr(layer, "d" + name)
                m, v = self.state.get((i, name), (0, 0))
                m = 0.9 * m + (1 - 0.9) * g
                v = 0.99 * v + (1 - 0.99) * g * g
                self.state[i, name] = m, v
                mh, vh = m / (1 - 0.9 ** self.t), v / (1 - 0.99 ** self.t)
                setattr(layer, name, getattr(layer, name) - 0.01 * mh / (np.sqrt(vh) + 1e-8))
X, Y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
net = [Dense(2, 3), Dense(3, 1)]
optimizer = Optimizer(net)
for epoch in range(20):
    one = net[0].forward(X)
    two = net[1].forward(one)
    loss = np.mean((two - Y) ** 2)
    net[0].backward(net[1].backward(2 * (two - Y) / Y.size, two), one)
    optimizer.step()
"""


def test_adam_over_layers_by_setattr(checked) -> None:
    report = checked(LAYERS)
    assert report.right and len(report.parameters) == 4, str(report)


@pytest.mark.slow
def test_adam_over_layers_with_a_mistake(checked) -> None:
    assert len(checked(LAYERS.replace("(1 - a ** 2)", "(1 - a)")).wrong) == 4
    in_place = LAYERS.replace(
        "setattr(layer, name, getattr(layer, name) - 0.01 * mh / (np.sqrt(vh) + 1e-8))",
        "param = getattr(layer, name); param -= 0.01 * mh / (np.sqrt(vh) + 1e-8)",
    )
    assert checked(in_place).right


ADAM = """m, v = np.zeros_like(W), np.zeros_like(W)
for t in range(20):
    out = X @ W
    loss = np.mean((out - y) ** 2)
    g = 2 * X.T @ (out - y) / len(y)
    m = 0.9 * m + 0.1 * g
    v = 0.99 * v + 0.01 * g ** 2
    m_hat = m / (1 - 0.9 ** t)
    v_hat = v / (1 - 0.99 ** t)
    W -= lr * m_hat / (np.sqrt(v_hat) + 1e-8)
"""


def test_bias_correction_that_starts_at_zero(checked) -> None:
    text = r"line 15: division by zero, `1 - 0.9 \*\* t` is 0: `t` is 0 there, let it start at 1"
    with pytest.raises(DataError, match=text):
        checked(HEAD + ADAM)


@pytest.mark.slow
def test_bias_correction_that_starts_at_one(checked) -> None:
    assert checked(HEAD + ADAM.replace("range(20)", "range(1, 20)")).right


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("    W = W + lr * X.T @ d\n", "    b = b + lr * d.sum(axis=0)\n"),
        pytest.param("    W += lr * X.T @ d\n", "    b += lr * d.sum(axis=0)\n",
                     marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_uphill(first: str, second: str, checked) -> None:
    report = checked(LOOP + first + second)
    assert kinds(report) == {"uphill"}
    (cause,) = report.causes
    assert "lines 12 and 13 add the gradient" in cause.detail
    assert all("-" in line and "+" not in line for line in cause.write)


def test_what_climbs_by_a_negative_gradient_is_right(checked) -> None:
    text = LOOP.replace("(p - y)", "(y - p)")
    assert checked(text + "    W += lr * X.T @ d\n    b += lr * d.sum(axis=0)\n").right


INTEGERS = f"""{
    HEAD.replace("* 1.0", ".astype(int)")
    .replace(".astype", " + 0).astype", 1)
    .replace("y = (X", "y = ((X")
}for epoch in range(20):
{FORWARD}    delta = np.zeros_like(y)
    for i in range(len(y)):
        delta[i] = d[i]
    W -= lr * X.T @ delta
    b -= lr * delta.sum(axis=0)
"""


@pytest.mark.parametrize(
    "made", ["np.zeros_like(y)", pytest.param("np.zeros(y.shape, dtype=int)",
                                              marks=pytest.mark.slow)]
)  # fmt: skip
def test_floats_written_into_integers(made: str, checked) -> None:
    report = checked(INTEGERS.replace("np.zeros_like(y)", made))
    assert kinds(report) == {"cut-to-integers"}, str(report)
    (cause,) = report.causes
    assert "delta" in cause.where and "dtype=float" in cause.write[0]
    assert not report.gradients.notes


@pytest.mark.slow
def test_floats_written_into_floats(checked) -> None:
    assert checked(INTEGERS.replace("np.zeros_like(y)", "np.zeros_like(y, dtype=float)")).right


# --- remarks --------------------------------------------------------------------------------------


def test_parameter_that_is_never_updated(checked) -> None:
    text = LOOP + "    dW = X.T @ d\n    db = d.sum(axis=0)\n    W -= lr * dW\n"
    report = checked(text)
    assert report.right
    assert "line 13: `b` (made in line 6) is never updated" in said(report)


SHUFFLED = f"""{HEAD}for epoch in range(20):
    order = rng.permutation(12)
    X = X[order]
    for s in range(0, 12, 4):
        a, t = X[s:s + 4], y[s:s + 4]
        e = a @ W + b - t
        loss = np.mean(e ** 2)
        W -= lr * 2 * a.T @ e / 4
        b -= lr * 2 * e.mean(axis=0)
"""


def test_samples_shuffled_alone(checked) -> None:
    assert "line 10: `X` is shuffled and `y` is not" in said(checked(SHUFFLED))


@pytest.mark.slow
def test_samples_shuffled_together(checked) -> None:
    report = checked(SHUFFLED.replace("X = X[order]", "X = X[order]; y = y[order]"))
    assert "shuffled" not in said(report)
    report = checked(SHUFFLED.replace("X = X[order]", "rng.shuffle(X)"))
    assert "shuffled and `y` is not" in said(report)


# --- which loss -----------------------------------------------------------------------------------


def test_loss_that_is_summed_up_and_never_read(checked) -> None:
    text = RECURRENT.replace("    print(loss)\n", "").replace(
        "    later = np.z", "    dU *= 0; dV *= 0; dO *= 0\n    later = np.z"
    )
    assert checked(text).right
