"""``pellucid train --fix``: one change after the other, until one helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.attempt import Attempt
from pellucid.cli.finding_words import finding_in_options
from pellucid.cli.fix_scores import Score, improves, scored
from pellucid.cli.measuring import Measures
from pellucid.inspect import Diagnosis
from pellucid.inspect.diagnosing.rules import finding
from pellucid.training import History

SMALL = ("--hidden", "16", "--epochs", "3", "--optimizer", "sgd", "--quiet")


def rows(outcome):
    """Return the lines of the table of attempts, cut at two or more spaces."""
    lines = outcome.out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("training  "))
    ended = next(i for i in range(start, len(lines)) if "runs" not in lines[i] and i > start)
    return [line.split("  ")[0] for line in lines[start + 1 : ended]]


@pytest.mark.parametrize(
    "lr", ["30", *(pytest.param(lr, marks=pytest.mark.slow) for lr in ("300", "1e-7"))]
)
def test_it_goes_on_until_a_rate_learns(run, lr):
    outcome = run("train", "digits", *SMALL, "--lr", lr, "--fix")
    assert outcome.code == 0, outcome.err
    verdict = next(line for line in outcome.out.splitlines() if " helped: " in line)
    reached = float(verdict.split("accuracy ")[-1].split("→ ")[-1].split(" (")[0])
    assert reached > 0.4, "always the most frequent class gets 0.1"
    assert rows(outcome)[0] == "as asked for"
    assert "beats a guess" in outcome.out


def test_nothing_helps_where_there_is_nothing_to_learn(run):
    rng = np.random.default_rng(0)
    lines = [",".join(f"{v:.3f}" for v in rng.standard_normal(4)) for _ in range(200)]
    Path("noise.csv").write_text("a,b,c,d\n" + "\n".join(lines), "utf-8")
    outcome = run(
        "train", "noise.csv", "--target", "d", "--epochs", "4", "--optimizer", "sgd", "--lr",
        "1000", "--fix", "--quiet",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "changes has helped" in outcome.out
    assert "no better than a guess" in outcome.out
    assert "broke off" in rows_text(outcome)
    assert len(rows(outcome)) <= 5


def rows_text(outcome):
    return outcome.out[outcome.out.index("as asked for") :]


def measured(accuracy, samples=400, confusion=None):
    found = Measures(
        "classification", samples, {"accuracy": accuracy}, {"accuracy": 0.1}, "always '1'",
        confusion=confusion,
    )  # fmt: skip
    return Attempt(Path("runs/x"), History(), Diagnosis([]), found)


def test_better_than_a_guess_is_more_than_chance():
    assert scored(measured(0.1), False).beats_guess is False
    assert scored(measured(0.12), False).beats_guess is False, "one and a half standard errors"
    assert scored(measured(0.2), False).beats_guess is True
    broken = Attempt(Path("runs/x"), History(), Diagnosis([]), None)
    assert scored(broken, False).beats_guess is False


@pytest.mark.parametrize(
    ("metric", "before", "after", "expected"),
    [
        ("accuracy", 0.5, 0.6, True),
        ("accuracy", 0.6, 0.5, False),
        ("mae", 2.0, 1.0, True),
        ("mae", 1.0, 1.001, False),
        ("r2", None, -0.5, True),
        ("r2", 0.5, None, False),
        ("loss", 1.0, float("nan"), False),
    ],
)
def test_what_is_better(metric, before, after, expected):
    assert improves(Score(metric, after), Score(metric, before)) is expected


def test_rare_classes_count_the_same_where_the_doctor_says_so():
    lazy = measured(0.95, confusion=np.array([[380, 0], [20, 0]]))
    fair = measured(0.85, confusion=np.array([[325, 55], [4, 16]]))
    assert not improves(scored(fair, False), scored(lazy, False))
    assert improves(scored(fair, True), scored(lazy, True))
    assert scored(lazy, True).value == pytest.approx(0.5)
    assert scored(lazy, True).beats_guess is False
    assert scored(fair, True).value == pytest.approx((325 / 380 + 16 / 20) / 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("clip the gradients with grad_clip=1.0", "clip the gradients with --grad-clip 1.0"),
        ('take class_weight="balanced", or', "take --class-weight balanced, or"),
        (
            'see: pl.doctor(net, train, experiments=["ignores-input"])',
            "see: pellucid doctor runs/x --experiment ignores-input",
        ),
        ("leave out the ReLU at '3'", "leave out the ReLU at '3'"),
        ("take nn.init.Normal(std=0.01)", "take nn.init.Normal(std=0.01)"),
    ],
)
def test_advice_speaks_of_options(said, expected):
    found = finding("flat-loss", "seen", said)
    assert finding_in_options(found, "runs/x").suggestion == expected


def test_classes_are_called_by_their_names(run):
    rng = np.random.default_rng(0)
    lines = [
        ",".join([*(f"{v:.3f}" for v in rng.standard_normal(3)), "ill" if i % 20 == 0 else "well"])
        for i in range(400)
    ]
    Path("rare.csv").write_text("a,b,c,state\n" + "\n".join(lines), "utf-8")
    outcome = run("doctor", "rare.csv", "--target", "state")
    assert "'well' has" in outcome.out
    assert "--class-weight balanced" in outcome.out
