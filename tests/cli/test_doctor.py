"""``pellucid doctor``, and what ``pellucid train`` says and does about findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

BAD = ("train", "digits", "--hidden", "16", "--epochs", "3", "--optimizer", "sgd", "--lr", "30")


def kept(folder):
    return json.loads(Path(folder, "doctor.json").read_text("utf-8"))


def test_findings_are_shown_and_kept(run):
    outcome = run(*BAD)
    assert outcome.code == 0, outcome.err
    assert "doctor" in outcome.out
    codes = [found["code"] for found in kept("runs/digits")["findings"]]
    assert "dead-units" in codes or "learning-rate-too-high" in codes
    assert "lower the learning rate" in outcome.out
    again = run("doctor", "runs/digits")
    assert all(code in again.out for code in codes)


def test_a_sound_training_has_nothing_wrong(run):
    outcome = run("train", "iris", "--epochs", "3")
    assert "nothing wrong was found" in outcome.out
    assert kept("runs/iris")["findings"] == []
    assert "Nothing is wrong" in run("doctor", "runs/iris").out


def test_json_has_the_findings(run):
    found = run(*BAD, "--json").json["findings"]
    assert {"severity", "code", "layer", "measured", "suggestion", "change"} < found[0].keys()


def test_without_the_doctor(run):
    outcome = run("train", "iris", "--epochs", "3", "--no-doctor")
    assert outcome.code == 0
    assert "doctor" not in outcome.out
    assert not Path("runs/iris/doctor.json").exists()


def test_the_network_is_the_same_without_the_doctor(run):
    for words in (("--no-doctor",), ()):
        assert run("train", "iris", "--epochs", "3", *words).code == 0
    first, second = (
        Path(folder, "model.safetensors").read_bytes() for folder in ("runs/iris", "runs/iris-2")
    )
    assert first == second


def test_a_training_goes_on_with_or_without_the_doctor(run):
    words = ("train", "iris", "--epochs", "6", "--stop-after", "2")
    assert run(*words).code == 0
    assert run("train", "--resume", "runs/iris", "--stop-after", "4", "--no-doctor").code == 0
    outcome = run("train", "--resume", "runs/iris")
    assert outcome.code == 0, outcome.err
    assert "nothing wrong was found" in outcome.out


def test_data_without_a_training(run):
    outcome = run("doctor", "iris", "--experiment", "overfit-batch", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["findings"] == []
    assert outcome.json["results"]["overfit-batch"]["error"] <= 0.05


def test_the_range_test_shows_its_curve(run):
    outcome = run("doctor", "iris", "--optimizer", "sgd", "--experiment", "lr-range")
    assert "learning rate    loss" in outcome.out
    assert "try that learning rate" in " ".join(outcome.out.split())


def test_options_do_not_go_with_a_run(run):
    assert run("train", "iris", "--epochs", "2").code == 0
    outcome = run("doctor", "runs/iris", "--lr", "1")
    assert outcome.code == 2
    assert "--lr is for a SOURCE" in outcome.err


def test_an_unknown_experiment(run):
    outcome = run("doctor", "iris", "--experiment", "overfit")
    assert outcome.code == 2
    assert "overfit-batch" in outcome.err


def test_a_fix_is_tried_and_compared(run, with_curves):
    outcome = run(*BAD, "--fix")
    assert outcome.code == 0, outcome.err
    assert "--fix: " in outcome.out
    assert "--lr 3" in outcome.out
    assert "as asked for" in outcome.out
    assert " helped: " in outcome.out
    settings = json.loads(Path("runs/digits-2/config.json").read_text("utf-8"))["settings"]
    assert (settings["lr"], settings["seed"], settings["optimizer"]) == (3.0, 0, "sgd")
    (drawn,) = Path("runs").glob("*/fix.png")
    assert drawn.read_bytes()[:4] == b"\x89PNG"


def test_a_fix_of_a_training_that_broke_off(run):
    words = ("train", "diabetes", "--hidden", "32,32", "--epochs", "3", "--optimizer", "sgd")
    outcome = run(*words, "--lr", "1000", "--fix")
    assert outcome.code == 0, outcome.err
    assert "The training broke off" in outcome.out
    assert kept("runs/diabetes")["findings"][-1]["code"] == "non-finite"
    assert "--fix: non-finite; once more with --lr 100" in outcome.out


def test_nothing_to_fix(run):
    outcome = run("train", "iris", "--epochs", "3", "--fix")
    assert outcome.code == 0
    assert "nothing that a setting would change" in outcome.out
    assert not Path("runs/iris-2").exists()


@pytest.mark.parametrize(
    "flag", [("--json",), ("--no-doctor",), ("--stop-after", "1")], ids=lambda words: words[0]
)
def test_what_a_fix_does_not_go_with(run, flag):
    outcome = run("train", "iris", "--fix", *flag)
    assert outcome.code == 2
    assert f"--fix does not go with {flag[0]}" in outcome.err
