"""``pellucid explain``: samples of runs, and what it refuses."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def trained():
    """Runs that were made once for all tests, by name."""
    return {}


@pytest.fixture
def digits(run, trained, tmp_path_factory):
    if "digits" not in trained:
        folder = tmp_path_factory.mktemp("runs") / "digits"
        outcome = run("train", "digits", "--epochs", 1, "--hidden", "8", "--out", folder)
        assert outcome.code == 0
        trained["digits"] = str(folder)
    return trained["digits"]


def test_a_sample_of_a_run(run, digits):
    outcome = run("explain", digits, "--sample", 3)
    assert outcome.code == 0
    assert outcome.out.startswith(f"Sample 3 of the test part of {digits}\n")
    for piece in (
        "in evaluation mode",
        "z₁ = x W₁ + b₁",
        "L = (1 / n)·Σ (−ln(p_y))",
        "W₁′ = W₁ −",
        "← true",
    ):
        assert piece in outcome.out
    assert max(map(len, outcome.out.splitlines()[1:])) <= 80
    assert run("explain", digits, "--sample", 4).out != outcome.out


def test_files(run, digits, tmp_path):
    words = ("--sample", 2, "--part", "train", "--html", "a.html", "--markdown", "a.md")
    outcome = run("explain", digits, *words)
    assert outcome.code == 0
    assert f"a.html: sample 2 of the train part of {digits}" in outcome.out
    assert "z₁" not in outcome.out
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "$$" in (tmp_path / "a.md").read_text("utf-8")


def test_one_layer_and_unit(run, digits):
    out = run("explain", digits, "--layer", "0", "--unit", 5, "--digits", 6).out
    assert "z₁[5]" in out
    assert "Loss" not in out.title()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sample", 400), "numbered 0 to 358"),
        (("--sample", -1), "numbered 0 to 358"),
        (("--layer", "7"), "unknown layer '7'"),
        (("--layer", "0", "--unit", 8), "numbered 0 to 7"),
        (("--unit", 1), "name it with --layer"),
        (("--digits", 40), "from 1 to 17"),
        (("--layer", "0", "--unit", "x"), "no whole number"),
        (("--part", "validation"), "no validation part"),
    ],
    ids=lambda value: "_".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_refusals(run, digits, words, message):
    outcome = run("explain", digits, *words)
    assert outcome.code != 0
    assert message in outcome.err


def test_the_numbers_are_said_to_be_prepared(run, digits):
    said = "as the network takes them, after its data have been prepared"
    assert said in run("explain", digits).out
    assert said not in run("explain", digits, "--layer", "0").out


def test_a_kind_of_network_is_no_run(run):
    outcome = run("explain", "mlp")
    assert outcome.code != 0
    assert "'mlp' is a kind of network; explain takes a run" in outcome.err


def test_no_run(run):
    outcome = run("explain", "nowhere")
    assert outcome.code != 0
    assert "nowhere" in outcome.err


def test_a_network_before_training(run):
    outcome = run("explain", "digits", "--training")
    assert outcome.code == 0
    assert "in training mode" in outcome.out


def test_a_table(run, write_table):
    write_table("colours.csv")
    run("train", "colours.csv", "--target", "colour", "--epochs", 1, "--out", "table")
    out = run("explain", "table").out
    assert "(red)" in out
    assert "(blue)" in out


def test_an_autoencoder(run):
    words = ("--model", "autoencoder", "--epochs", 1, "--out", "coder")
    assert run("train", "digits", *words).code == 0
    out = run("explain", "coder", "--sample", 1).out
    assert "The target y is the sample itself." in out


def test_images(run):
    words = ("--model", "cnn", "--epochs", 1, "--out", "images")
    assert run("train", "digits", *words).code == 0
    out = run("explain", "images", "--layer", "0").out
    assert "window =" in out
    assert "kernel =" in out


@pytest.mark.parametrize("model", ["gpt", "gru"])
def test_text(run, model, tmp_path):
    (tmp_path / "tale.txt").write_text("the cat sat on the mat. " * 60, encoding="utf-8")
    size = ("--layers", 1, "--width", 16)
    words = ("--model", model, *size, "--steps", 2, "--context", 8, "--out", "tale")
    outcome = run("train", "tale.txt", *words)
    assert outcome.code == 0, outcome.err
    out = run("explain", "tale").out
    assert "validation part" in out
    assert "('t')" in out


def test_series(run, tmp_path):
    rows = "\n".join(f"{k % 7 + 0.1 * k:.2f}" for k in range(120))
    (tmp_path / "waves.csv").write_text(f"value\n{rows}\n", encoding="utf-8")
    words = ("--epochs", 1, "--window", 6, "--horizon", 1, "--out", "waves")
    outcome = run("train", "waves.csv", *words)
    assert outcome.code == 0, outcome.err
    out = run("explain", "waves").out
    assert "Step t = 4, unit" in out
    assert "over time" in out
