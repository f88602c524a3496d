"""Running text on the command line: train, resume, sample."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

SONG = "la la li\nthe lark sings la li lo\n" * 60
SMALL = ("--width", 16, "--layers", 1, "--context", 8, "--steps", 20, "-q")


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Return a folder with a text, and the trainings of a GPT and of an LSTM on it."""
    from cli.conftest import invoke

    folder = tmp_path_factory.mktemp("song")
    text = folder / "song.txt"
    text.write_text(SONG, encoding="utf-8")
    for model, more in (("gpt", ("--heads", 2)), ("lstm", ())):
        words = ("train", text, "--model", model, *SMALL, *more, "--out", folder / model)
        outcome = invoke(*words)
        assert outcome.code == 0, outcome.err
    return folder


def test_what_is_kept_of_a_training(song):
    metrics = json.loads((song / "gpt/metrics.json").read_text(encoding="utf-8"))
    assert metrics["validation_perplexity"] == pytest.approx(math.exp(metrics["validation_loss"]))
    bits = metrics["validation_bits_per_character"]
    assert bits == pytest.approx(metrics["validation_loss"] / math.log(2))
    assert metrics["seconds"] > 0 and metrics["peak_memory"] > 1e6
    config = json.loads((song / "gpt/config.json").read_text(encoding="utf-8"))
    assert config["kind"] == "language" and config["settings"]["optimizer"] == "adamw"
    assert config["model"]["options"]["vocabulary"] == len(set(SONG))
    assert ["optimizer", "betas", [0.9, 0.99]] in config["settings"]["set"]


def test_a_text_is_told_by_its_ending(run, song):
    outcome = run("train", song / "song.txt", "--steps", 4, "--width", 8, "--heads", 1)
    assert outcome.code == 0, outcome.err
    assert "gpt, " in outcome.out and "windows of 64 tokens" in outcome.out
    assert "A sample:" in outcome.out and "pellucid sample runs/song" in outcome.out
    assert "characters/s" in outcome.err and "val_perplexity" in outcome.err


def test_the_same_seed_gives_the_same_text(run, song):
    words = ("sample", song / "gpt", "--prompt", "la ", "--length", 50, "--seed", 3)
    first = run(*words)
    assert first.code == 0, first.err
    assert first.out.startswith("la ") and len(first.out.rstrip("\n")) <= 53
    assert run(*words).out == first.out
    assert run(*words[:-1], 4).out != first.out


def test_samples_as_json(run, song):
    found = run("sample", song / "lstm", "--count", 3, "--length", 9, "--json").json
    assert [len(text) for text in found["samples"]] == [9, 9, 9]


def test_the_likeliest_text_needs_no_seed(run, song):
    words = ("sample", song / "lstm", "--prompt", "the", "--length", 12, "--temperature", 0)
    assert run(*words).out == run(*words).out


def test_a_prompt_with_a_new_character(run, song):
    outcome = run("sample", song / "gpt", "--prompt", "laX")
    assert outcome.code == 2
    assert "'X' at position 2" in outcome.err and "leave it out" in outcome.err
    assert "specials" not in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--top-k", "0"], "whole number ≥ 1"),
        (["--top-p", "1.5"], "≤ 1"),
        (["--temperature", "-1"], "≥ 0"),
        (["--out", "a.png"], "--out is for images"),
    ],
)
def test_wrong_options_of_sample(run, song, words, message):
    outcome = run("sample", song / "gpt", *words)
    assert outcome.code == 2 and message in outcome.err


def test_only_makers_of_samples_have_samples(run, trained):
    outcome = run("sample", trained / "iris")
    assert outcome.code == 2 and "holds a network that classifies" in outcome.err


@pytest.mark.parametrize("model", ["gpt", "gru"])
def test_a_stopped_training_goes_on_with_the_same_bits(run, song, model):
    words = ("train", song / "song.txt", "--model", model, *SMALL)
    assert run(*words, "--out", "whole").code == 0
    assert run(*words, "--out", "parts", "--stop-after", 7).code == 0
    outcome = run("train", "--resume", "parts", "-q")
    assert outcome.code == 0, outcome.err
    whole, parts = Path("whole/model.safetensors"), Path("parts/model.safetensors")
    assert whole.read_bytes() == parts.read_bytes()


def test_more_steps_on_resume(run, song):
    assert run("train", song / "song.txt", "--model", "rnn", *SMALL, "--out", "a").code == 0
    outcome = run("train", "--resume", "a", "--steps", 24)
    assert outcome.code == 0, outcome.err
    assert "laid out anew over 24 updates" in outcome.out
    outcome = run("train", "--resume", "a", "--width", 8)
    assert outcome.code == 2 and "only --steps may change" in outcome.err


def test_evaluate_and_predict(run, song):
    found = run("evaluate", song / "gpt", "--json").json
    kept = json.loads((song / "gpt/metrics.json").read_text(encoding="utf-8"))
    assert found["loss"] == pytest.approx(kept["validation_loss"])
    assert run("evaluate", song / "gpt", song / "song.txt").code == 0
    outcome = run("predict", song / "gpt", song / "song.txt")
    assert outcome.code == 2 and "pellucid sample" in outcome.err


def test_a_model_that_does_not_read_text(run, song):
    outcome = run("train", song / "song.txt", "--model", "mlp")
    assert outcome.code == 2
    assert "'mlp' does not go with running text; those that do: rnn, lstm, gru, gpt" in outcome.err


def test_lines_end_by_themselves(run):
    names = "\n".join(["anna", "bo", "carla", "dora"] * 30)
    Path("names.txt").write_text(names, encoding="utf-8")
    words = ("--set", "data.lines=true", "--model", "gru", "--width", 12, "--steps", 10, "-q")
    outcome = run("train", "names.txt", *words)
    assert outcome.code == 0, outcome.err
    outcome = run("sample", "runs/names", "--count", 4, "--seed", 0)
    assert outcome.code == 0 and len(outcome.out.splitlines()) == 4
