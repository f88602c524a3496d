"""What the commands that look into a network refuse, and how they find data again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

COMMANDS = ("source", "report")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_perceptron_has_no_gradient(run, command):
    run("train", "and", "--model", "perceptron", "--out", "p")
    outcome = run(command, "p")
    assert outcome.code == 2
    assert "learns by a rule of its own" in outcome.err


def test_a_run_of_two_networks(run, with_curves):
    words = ("--model", "gan", "--epochs", 1, "--out", "g")
    assert run("train", "digits", *words).code == 0
    assert "two networks against each other" in run("doctor", "g").err
    outcome = run("explain", "g", "--sample", 2, "--full")
    assert outcome.code == 0, outcome.err
    for piece in (
        "Sample 2 of the train part",
        "THE DISCRIMINATOR'S STEP",
        "L = L_real + L_made",
        "THE GENERATOR'S STEP",
        "discriminator.1.weight",
        "generator.0.weight",
    ):
        assert piece in outcome.out
    assert "only train" in run("explain", "g", "--part", "test").err
    assert "numbered 0 to" in run("explain", "g", "--sample", 100_000).err
    outcome = run("report", "g", "--json")
    assert outcome.code == 0, outcome.err
    assert Path(outcome.json["report"]).exists()
    script = run("source", "g").out
    assert "# --- Backward" in script
    assert "the discriminator's, then the generator's" in script
    assert "def predict(x)" in run("source", "g", "--forward-only").out


def test_the_generator_of_a_conditional_pair_takes_more_than_noise(run):
    words = ("--model", "conditional-gan", "--epochs", 1, "--out", "g")
    assert run("train", "digits", *words).code == 0
    assert "leave --forward-only out" in run("source", "g", "--forward-only").err
    assert run("source", "g").code == 0


def test_data_that_have_changed(run):
    rows = ["a,b,y", *(f"{i},{i % 3},{i % 2}" for i in range(40))]
    Path("t.csv").write_text("\n".join(rows))
    run("train", "t.csv", "--target", "y", "--epochs", 1, "--out", "t")
    assert run("source", "t").code == 0
    Path("t.csv").write_text("\n".join([*rows, "9,9,1"]))
    assert "have changed since" in run("source", "t").err


def test_a_run_that_was_moved_finds_its_data(run, tmp_path, monkeypatch):
    rows = ["a,b,y", *(f"{i},{i % 3},{i % 2}" for i in range(40))]
    Path("t.csv").write_text("\n".join(rows))
    run("train", "t.csv", "--target", "y", "--epochs", 1, "--out", "t")
    other = tmp_path / "elsewhere"
    other.mkdir()
    shutil.move("t", other / "t")
    monkeypatch.chdir(other)
    assert run("source", "t").code == 0


def test_options_of_a_training_do_not_go_with_a_run(run):
    run("train", "xor", "--epochs", 1, "--out", "x")
    assert (
        "--hidden: 'x' is a run, and its settings are known"
        in run("source", "x", "--hidden", "3").err
    )
