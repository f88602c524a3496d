"""Options, settings, configuration files, and the command that repeats a training."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from pellucid.cli.config_file import read_config
from pellucid.cli.settings import NOT_SET, Settings
from pellucid.cli.training_options import TRAINING_OPTIONS
from pellucid.errors import CheckpointError

# For each option: how it is written, what it means, and how a configuration file says it.
EXAMPLES = {
    "target": (["--target", "price"], "price", 'target = "price"'),
    "task": (["--task", "regression"], "regression", 'task = "regression"'),
    "test": (["--test", "test.csv"], "test.csv", 'test = "test.csv"'),
    "test_fraction": (["--test-fraction", "0.3"], 0.3, "test-fraction = 0.3"),
    "validation": (["--validation", "0.1"], 0.1, "validation = 0.1"),
    "categorical": (["--categorical", "ordinal"], "ordinal", 'categorical = "ordinal"'),
    "column_types": (
        ["--column", "zip=categorical", "--column", "a=b=drop"],
        (("zip", "categorical"), ("a=b", "drop")),
        'column = { zip = "categorical", "a=b" = "drop" }',
    ),
    "missing": (["--missing", "-", "--missing", "0"], ("-", "0"), 'missing = ["-", "0"]'),
    "missing_target": (["--missing-target", "drop"], "drop", 'missing_target = "drop"'),
    "delimiter": (["--delimiter", ";"], ";", 'delimiter = ";"'),
    "header": (["--no-header"], False, "header = false"),
    "text_encoding": (["--text-encoding", "latin-1"], "latin-1", 'text_encoding = "latin-1"'),
    "decimal": (["--decimal", ","], ",", 'decimal = ","'),
    "size": (["--image-size", "28x32"], (28, 32), "image-size = [28, 32]"),
    "model": (["--model", "linear"], "linear", 'model = "linear"'),
    "hidden": (["--hidden", "128,64"], (128, 64), "hidden = [128, 64]"),
    "activation": (["--activation", "leaky-relu"], "leaky_relu", 'activation = "leaky_relu"'),
    "dropout": (["--dropout", "0.5"], 0.5, "dropout = 0.5"),
    "dtype": (["--dtype", "float64"], "float64", 'dtype = "float64"'),
    "optimizer": (["--optimizer", "AdamW"], "adamw", 'optimizer = "adamw"'),
    "lr": (["--lr", "3e-4"], 3e-4, "lr = 3e-4"),
    "epochs": (["--epochs", "7"], 7, "epochs = 7"),
    "batch_size": (["--batch-size", "64"], 64, "batch_size = 64"),
    "loss": (["--loss", "mse"], "mean_squared_error", 'loss = "mse"'),
    "schedule": (["--schedule", "one_cycle"], "one-cycle", 'schedule = "one-cycle"'),
    "weight_decay": (["--weight-decay", "0.01"], 0.01, "weight-decay = 0.01"),
    "l1": (["--l1", "1e-5"], 1e-5, "l1 = 1e-5"),
    "grad_clip": (["--grad-clip", "1"], 1.0, "grad_clip = 1"),
    "label_smoothing": (["--label-smoothing", "0.1"], 0.1, "label_smoothing = 0.1"),
    "class_weight": (["--class-weight", "balanced"], "balanced", 'class_weight = "balanced"'),
    "patience": (["--patience", "5"], 5, "patience = 5"),
    "metric": (
        ["--metric", "f1", "--metric", "recall"],
        ("f1", "recall"),
        'metric = ["f1", "recall"]',
    ),
    "tokenizer": (["--tokenizer", "word"], "word", 'tokenizer = "word"'),
    "context": (["--context", "32"], 32, "context = 32"),
    "window": (["--window", "24"], 24, "window = 24"),
    "horizon": (["--horizon", "12"], 12, "horizon = 12"),
    "normal_label": (["--normal-label", "1"], "1", 'normal-label = "1"'),
    "augment": (
        ["--augment", "shift=2,flip"],
        ("shift=2", "flip"),
        'augment = ["shift=2", "flip"]',
    ),
    "layers": (["--layers", "4"], 4, "layers = 4"),
    "width": (["--width", "128"], 128, "width = 128"),
    "heads": (["--heads", "4"], 4, "heads = 4"),
    "steps": (["--steps", "2000"], 2000, "steps = 2000"),
    "seed": (["--seed", "123456789012345678901"], 123456789012345678901, "seed = 5"),
    "set": (
        [
            "--set",
            "optimizer.momentum=0.9",
            "--set",
            "model.bias=false",
            "--set",
            "data.scale=unit",
        ],
        (
            ("optimizer", "momentum", 0.9),
            ("model", "bias", False),
            ("data", "scale", "unit"),
        ),
        "[set.optimizer]\nmomentum = 0.9\n[set.model]\nbias = false\n[set.data]\nscale = 'unit'",
    ),
}


@pytest.fixture
def parsed(run, monkeypatch):
    """Return a function that gives the settings that a command line asks for."""
    from pellucid.cli import training

    found = []
    monkeypatch.setattr(training, "start", lambda screen, settings, how: found.append(settings))

    def parse(*words):
        outcome = run("train", *words)
        assert outcome.code == 0, outcome.err
        return found.pop()

    return parse


def test_every_option_has_an_example_and_is_a_setting():
    names = {option.name for option in TRAINING_OPTIONS}
    assert names == set(EXAMPLES)
    assert names | {"source"} == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_option_survives_command_config_and_json(parsed, tmp_path, name):
    words, value, toml = EXAMPLES[name]
    settings = parsed("digits", *words)
    assert getattr(settings, name) == value

    repeated = shlex.split(settings.command())
    assert repeated[:2] == ["pellucid", "train"]
    assert parsed(*repeated[2:]) == settings

    saved = json.loads(json.dumps(settings.to_json()))
    assert Settings.from_json(saved, "config.json") == settings

    (tmp_path / "c.toml").write_text(toml, encoding="utf-8")
    if name != "seed":
        assert getattr(parsed("digits", "--config", "c.toml"), name) == value
    else:
        assert parsed("digits", "--config", "c.toml").seed == 5


@pytest.mark.parametrize("text", ["true", "1", "null", "None", "[1, 2]", '"quoted"', "a b", ""])
def test_texts_that_look_like_json_stay_what_they_are(parsed, text):
    settings = Settings(source="digits", set=(("data", "scale", text),))
    assert parsed(*shlex.split(settings.command())[2:]).set == settings.set


def test_no_hidden_layer(parsed):
    settings = parsed("digits", "--hidden", "none")
    assert settings.hidden == ()
    assert parsed(*shlex.split(settings.command())[2:]).hidden == ()


def test_the_command_line_comes_before_the_file(parsed, tmp_path):
    (tmp_path / "c.toml").write_text(
        "source = 'moons'\nlr = 0.1\nepochs = 3\nmetric = 'f1'\n"
        "[set.optimizer]\nmomentum = 0.9\nnesterov = true\n",
        encoding="utf-8",
    )
    settings = parsed(
        "--config", "c.toml", "--lr", "0.2", "--set", "optimizer.momentum=0.5", "--metric", "recall"
    )
    assert (settings.source, settings.lr, settings.epochs) == ("moons", 0.2, 3)
    assert settings.metric == ("recall",)
    assert dict(entry[1:] for entry in settings.set) == {"momentum": 0.5, "nesterov": True}
    assert parsed("iris", "--config", "c.toml").source == "iris"
    # also where the option says what is the usual value anyway
    assert parsed("--config", "c.toml", "--seed", "0").seed == 0


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("epoch = 3", "did you mean 'epochs'"),
        ("epochs = 'many'", "epochs: 'many' is not a whole number"),
        ("epochs = 2.5", "epochs: 2.5 is not a whole number"),
        ("epochs = true", "epochs: True is not a whole number"),
        ("lr = -1", "lr: -1 is not a number > 0"),
        ("lr = nan", "lr: nan is not a number > 0"),
        ("header = 'no'", "header: 'no' is neither true nor false"),
        ("optimizer = 'adm'", "did you mean 'adam'"),
        ("target = 1.5", "target: 1.5 is not a text"),
        ("metric = {f1 = 1}", "metric: expected a list"),
        ("set = {optimiser = {lr = 1}}", "did you mean 'optimizer'"),
        ("set = {optimizer = 1}", "expected a table [set.optimizer]"),
        ("batch-size = 3\nbatch_size = 4", "says 'batch_size' twice"),
        ("epochs = ", "not a TOML file"),
    ],
)
def test_what_is_wrong_in_a_configuration_file(run, tmp_path, toml, said):
    (tmp_path / "c.toml").write_text(toml, encoding="utf-8")
    outcome = run("train", "xor", "--config", "c.toml")
    assert outcome.code == 2
    assert said in outcome.err
    assert "c.toml" in outcome.err or "did you mean" in outcome.err


def test_a_configuration_file_that_is_not_there(run):
    assert "cannot read 'c.toml'" in run("train", "xor", "--config", "c.toml").err


def test_settings_of_another_version():
    with pytest.raises(CheckpointError, match="newer version"):
        Settings.from_json({"source": "xor", "wobble": 1}, "config.json")
    with pytest.raises(CheckpointError, match="does not name the data"):
        Settings.from_json({}, "config.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hidden", "12,x"], "whole numbers such as 128,64"),
        (["--hidden", "12,0"], "at least one unit"),
        (["--hidden", "1.5"], "whole numbers"),
        (["--epochs", "0"], "≥ 1"),
        (["--lr", "0"], "> 0"),
        (["--lr", "inf"], "> 0"),
        (["--dropout", "1"], "≥ 0 and < 1"),
        (["--validation", "-0.1"], "≥ 0 and < 1"),
        (["--seed", "-1"], "≥ 0"),
        (["--image-size", "0x3"], "28x28"),
        (["--hidden", "12,,4"], "whole numbers such as 128,64"),
        (["--set", "momentum=3"], "optimizer.momentum=0.9"),
        (["--set", "optimizer.lr=1"], "use --lr"),
        (["--set", "model.hidden=3"], "use --hidden"),
        (["--set", "schedule.total_steps=5"], "use --epochs"),
        (["--set", "optimizer.params=3"], "not an option"),
        (["--column", "zip"], "zip=categorical"),
        (["--column", "zip=number"], "numeric"),
    ],
)
def test_values_that_options_refuse(run, words, said):
    outcome = run("train", "xor", *words)
    assert outcome.code == 2
    assert said in outcome.err


def test_every_option_that_set_leaves_alone_names_one_that_there_is():
    written = {word for option in TRAINING_OPTIONS for word in option.opts}
    assert set(NOT_SET.values()) <= written


def test_a_table_where_a_name_belongs_is_said_to_be_no_name(run):
    Path("c.toml").write_text('source = "xor"\n[optimizer]\nname = "adamw"\n', encoding="utf-8")
    outcome = run("train", "--config", "c.toml")
    assert outcome.code == 2
    assert "optimizer: {'name': 'adamw'} is not a name" in outcome.err


def test_columns_of_the_command_line_join_those_of_the_file(run, write_table):
    write_table("t.csv")
    Path("c.toml").write_text(
        'source = "t.csv"\ntarget = "colour"\n[column]\nshape = "drop"\nsize = "drop"\n',
        encoding="utf-8",
    )
    outcome = run(
        *("train", "--config", "c.toml", "--column", "size=numeric"),
        *("--epochs", 1, "--out", "o", "-q"),
    )
    assert outcome.code == 0, outcome.err
    config = json.loads(Path("o/config.json").read_text())
    assert config["settings"]["column_types"] == [["shape", "drop"], ["size", "numeric"]]
    assert config["data"]["rows"] and config["model"]["input_shape"] == [1]


def test_the_documented_config_is_one(tmp_path):
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    block = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "c.toml").write_text(block, encoding="utf-8")
    settings = Settings(**read_config(str(tmp_path / "c.toml")))
    assert settings.hidden == (64, 32)
    assert settings.column_types == (("ticket", "drop"),)
    assert settings.set == (("optimizer", "momentum", 0.9),)
