"""The program itself: help, version, nearest matches, exit codes."""

from __future__ import annotations

import importlib

import pytest

import pellucid
from pellucid.cli.app import COMMANDS
from pellucid.errors import DataError


def test_help_lists_the_commands_with_examples(run):
    outcome = run("--help")
    assert outcome.code == 0
    for name, line in COMMANDS.items():
        assert name in outcome.out
        assert line in outcome.out
    assert "pellucid train digits" in outcome.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_help_and_examples(run, name):
    command = getattr(importlib.import_module(f"pellucid.cli.commands.{name}"), name)
    assert command.name == name
    for word in ("--help", "-h"):
        outcome = run(name, word)
        assert outcome.code == 0
        assert "Examples:" in outcome.out
        assert outcome.out.count(f"pellucid {name}") >= 2
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.help, f"--{parameter.name} of {name} is not explained"


def test_help_of_train_names_what_the_registries_hold(run):
    out = run("train", "--help").out
    for word in ("adamw", "cosine", "gelu", "huber", "roc_auc", "perceptron"):
        assert word in out
    assert out.index("Data:") < out.index("Network:") < out.index("Training:")


def test_version(run):
    assert run("--version").out.strip().endswith(pellucid.__version__)


def test_without_a_command_the_help_is_shown(run):
    outcome = run()
    assert outcome.code in (0, 2)  # 2 from click 8.2 on
    assert "Commands:" in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["trian"], "train"),
        (["train", "digits", "--epoch", "3"], "--epochs"),
        (["train", "digts"], "digits"),
        (["train", "xor", "--optimizer", "adm"], "adam"),
        (["train", "xor", "--activation", "rellu"], "relu"),
        (["train", "xor", "--loss", "cross_entrpy"], "cross_entropy"),
        (["train", "xor", "--schedule", "cosin"], "cosine"),
        (["train", "xor", "--metric", "acuracy"], "accuracy"),
        (["train", "xor", "--model", "mpl"], "mlp"),
        (["train", "xor", "--dtype", "float23"], "float32"),
        (["train", "xor", "--class-weight", "balance"], "balanced"),
        (["train", "xor", "--set", "optimiser.momentum=1"], "optimizer"),
        (["train", "xor", "--optimizer", "sgd", "--set", "optimizer.momentun=1"], "momentum"),
        (["train", "xor", "--set", "model.bais=false"], "bias"),
        (["train", "xor", "--set", "loss.label_smothing=0.1"], "label_smoothing"),
        (["train", "moons", "--set", "data.sample=10"], "samples"),
    ],
)
def test_unknown_names_get_the_nearest_match(run, words, nearest):
    outcome = run(*words)
    assert outcome.code == 2
    assert nearest in outcome.err
    assert "did you mean" in outcome.err.lower()
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


def test_debug_shows_the_traceback_wherever_it_stands(run):
    for words in (["--debug", "train", "digts"], ["train", "digts", "--debug"]):
        outcome = run(*words)
        assert outcome.code == 2
        assert "Traceback" in outcome.err
        assert "Error: unknown data set 'digts'" in outcome.err


def test_a_defect_keeps_its_traceback(run, monkeypatch):
    from pellucid.cli import training

    def broken(*arguments):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(training, "start", broken)
    with pytest.raises(ZeroDivisionError):
        run("train", "xor")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "Interrupted."),
        (MemoryError("4 GB"), 2, "not enough memory"),
        (PermissionError(13, "no", "/there"), 2, "'/there': permission denied"),
        (OSError(28, "no", "/there"), 2, "the disk is full"),
        (DataError("bad"), 2, "Error: bad"),
    ],
)
def test_how_a_command_ends_badly(run, monkeypatch, error, code, said):
    from pellucid.cli import training

    def failing(*arguments):
        raise error

    monkeypatch.setattr(training, "start", failing)
    outcome = run("train", "xor")
    assert outcome.code == code
    assert said in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("choose with target=, or", "choose with --target, or"),
        ("pass missing_target='drop'", "pass --missing-target drop"),
        ("pass column_types={'zip': 'categorical'}", "pass --column zip=categorical"),
        ("pass size=(28, 28) to", "pass --image-size 28x28 to"),
        ("pass encoding='latin-1'", "pass --text-encoding latin-1"),
        ("pass header=False if", "pass --no-header if"),
        ("pass header=True if", "pass --header if"),
        ("weights of grad_clip=1.0 then", "weights of --grad-clip 1.0 then"),
        ("keep drop_last=True here", "keep drop_last=True here"),
        ("a != b and x=3", "a != b and x=3"),
    ],
)
def test_keywords_are_told_as_options(message, said):
    import click

    from pellucid.cli.commands.train import train
    from pellucid.cli.failures import in_options

    assert in_options(message, click.Context(train)) == said


def test_warnings_are_one_line(run, monkeypatch):
    import warnings

    from pellucid.cli import training

    def warning(*arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("take care", stacklevel=1)

    monkeypatch.setattr(training, "start", warning)
    assert run("train", "xor").err == "Warning: take care\n"
