"""``pellucid train``: what it prints and what it leaves in the run folder."""

from __future__ import annotations

import csv
import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid
from pellucid.cli.defaults import SIZES, for_rows
from pellucid.training import load_run


def files(folder):
    return {path.name for path in Path(folder).iterdir()}


def weights(folder):
    """Return every bit of a network's weights."""
    state = load_run(folder).net.state_dict()
    return {name: (array.dtype.str, array.tobytes()) for name, array in state.items()}


def test_digits_in_the_default_settings(run, with_curves):
    outcome = run("train", "digits")
    assert outcome.code == 0, outcome.err
    assert "1,438 training and 359 test rows, 64 features, 10 classes" in outcome.out
    assert "mlp 64 → 128 → 64 → 10, relu, 17,226 parameters" in outcome.out
    assert "test accuracy" in outcome.out
    assert "always '1': 0.1003" in outcome.out
    assert "pellucid evaluate runs/digits" in outcome.out
    assert "epoch 40/40" in outcome.err
    metrics = json.loads(Path("runs/digits/metrics.json").read_text())
    assert metrics["test_accuracy"] >= 0.97
    assert metrics["seed"] == 0
    assert metrics["epochs"] == 40
    assert metrics["versions"]["pellucid"] == pellucid.__version__
    assert {"test_loss", "seconds", "baseline_accuracy"} < metrics.keys()
    assert files("runs/digits") == {
        "config.json",
        "checkpoint.safetensors",
        "model.safetensors",
        "history.csv",
        "metrics.json",
        "curves.png",
        "doctor.json",
    }
    with Path("runs/digits/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert Path("runs/digits/curves.png").read_bytes()[:4] == b"\x89PNG"


def test_the_command_in_the_config_gives_the_same_network(run):
    assert run("train", "iris", "--hidden", "8", "--seed", "3", "-q").code == 0
    config = json.loads(Path("runs/iris/config.json").read_text())
    words = shlex.split(config["command"])
    assert words[:3] == ["pellucid", "train", "iris"]
    for word in ("--seed", "--epochs", "--batch-size", "--lr", "--hidden", "--schedule"):
        assert word in words
    assert run(*words[1:], "--out", "again", "-q").code == 0
    assert weights("runs/iris") == weights("again")


def test_another_seed_gives_another_network(run):
    for seed in (0, 1):
        run("train", "iris", "--epochs", 1, "--seed", seed, "--out", f"seed{seed}", "-q")
    assert weights("seed0") != weights("seed1")


def test_json_is_all_there_is_on_stdout(run):
    outcome = run("train", "iris", "--epochs", 3, "--json")
    assert outcome.json["run"] == "runs/iris"
    assert outcome.json["epochs"] == 3
    assert 0 <= outcome.json["test_accuracy"] <= 1
    assert "epoch 3/3" in outcome.err
    assert "120 training" in outcome.err
    quiet = run("train", "iris", "--epochs", 3, "--json", "--quiet")
    assert quiet.json["run"] == "runs/iris-2"
    assert quiet.err == ""


def test_quiet_says_only_the_result(run):
    outcome = run("train", "iris", "--epochs", 3, "--quiet")
    assert outcome.err == ""
    assert "test accuracy" in outcome.out
    assert "runs/iris" in outcome.out
    assert len(outcome.out.splitlines()) == 4


def test_regression_is_told_in_the_targets_own_unit(run):
    outcome = run("train", "diabetes", "--json", "-q")
    result = outcome.json
    assert result["test_r2"] > 0.4
    assert 35 < result["test_mae"] < 50  # of values from 25 to 346
    assert 60 < result["baseline_mae"] < 80
    assert abs(result["baseline_r2"]) < 0.05
    people = run("train", "diabetes", "--epochs", 2)
    assert "test R²" in people.out
    assert "always the mean" in people.out


@pytest.mark.parametrize("seed", range(3))
def test_xor_is_solved_and_said_to_be_measured_on_training_rows(run, seed):
    outcome = run("train", "xor", "--seed", seed, "--progress", "none")
    assert "training accuracy  1.0000   (4 of 4" in outcome.out
    assert "no test rows" in outcome.out
    assert json.loads(Path("runs/xor/metrics.json").read_text())["train_accuracy"] == 1.0


@pytest.mark.parametrize(
    ("name", "least"), [("iris", 0.9), ("wine", 0.94), ("moons", 0.98), ("breast-cancer", 0.95)]
)
def test_small_data_in_the_default_settings(run, name, least):
    assert run("train", name, "--json", "-q").json["test_accuracy"] >= least


def test_a_table(run, write_table):
    write_table("things.csv")
    outcome = run("train", "things.csv", "--progress", "none")
    assert outcome.code == 0, outcome.err
    assert "48 training and 12 test rows, 3 features, 2 classes" in outcome.out
    assert "the target is column 'colour' (--target chooses another)" in outcome.out
    config = json.loads(Path("runs/things/config.json").read_text())
    assert config["data"]["class_names"] == ["blue", "red"]
    assert config["data"]["path"] == str(Path("things.csv").resolve())
    loaded = load_run("runs/things")
    assert loaded.class_names == ("blue", "red")
    assert loaded.preparation.feature_names == ("size", "shape=round", "shape=square")


def test_options_of_tables_reach_the_loader(run, write_table):
    write_table("things.csv")
    text = Path("things.csv").read_text().replace(",", ";").replace("round", "?", 3)
    Path("odd.csv").write_text(text.split("\n", 1)[1])
    write_table("test.csv", rows=10)
    Path("test.csv").write_text(Path("test.csv").read_text().replace(",", ";").split("\n", 1)[1])
    outcome = run(
        *("train", "odd.csv", "--delimiter", "semicolon", "--no-header", "--target", "-1"),
        *("--test", "test.csv", "--validation", "0.25", "--categorical", "ordinal"),
        *("--column", "column0=numeric", "--set", "data.missing_category=false"),
        *("--epochs", 3, "--json", "-q", "--metric", "f1", "--metric", "recall"),
    )
    assert outcome.code == 0, outcome.err
    assert {"test_f1", "test_recall"} < outcome.json.keys()
    rows = json.loads(Path("runs/odd/config.json").read_text())["data"]["rows"]
    assert rows == {"train": 45, "validation": 15, "test": 10}
    assert load_run("runs/odd").preparation.feature_names == ("column0", "column1")
    assert "val_f1" in Path("runs/odd/history.csv").read_text()


def test_arrays(run):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(80, 3)).astype(np.float32)
    np.savez("data.npz", x=x, y=(x.sum(axis=1) > 0).astype(int))
    assert run("train", "data.npz", "--json", "-q").json["test_accuracy"] > 0.8
    np.save("matrix.npy", np.concatenate([x.sum(axis=1, keepdims=True), x], axis=1))
    outcome = run("train", "matrix.npy", "--target", 0, "--task", "regression", "--json", "-q")
    assert outcome.json["test_r2"] > 0.6


def test_a_folder_of_images(run):
    image = pytest.importorskip("PIL.Image")
    draw = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 128)):
        Path("pictures", name).mkdir(parents=True)
        for i in range(10):
            pixels = draw.integers(low, low + 120, (9, 9), dtype=np.uint8)
            image.fromarray(pixels).save(f"pictures/{name}/{i}.png")
    outcome = run("train", "pictures", "--image-size", "6", "--json", "-q")
    assert outcome.code == 0, outcome.err
    assert outcome.json["test_accuracy"] == 1.0
    assert run("evaluate", "runs/pictures", "pictures", "--json").json["accuracy"] == 1.0
    predicted = run("predict", "runs/pictures", "pictures/dark/3.png")
    assert predicted.out == "prediction\ndark\n"
    assert run("predict", "runs/pictures", "pictures/light").out.count("light\n") == 10


def test_everything_at_once(run, write_table):
    write_table("things.csv", rows=120)
    outcome = run(
        *("train", "things.csv", "--hidden", "8,4", "--activation", "tanh", "--dropout", "0.1"),
        *("--optimizer", "sgd", "--lr", "0.1", "--set", "optimizer.momentum=0.9"),
        *("--weight-decay", "1e-4", "--l1", "1e-5", "--schedule", "one-cycle"),
        *("--grad-clip", "1", "--label-smoothing", "0.05", "--class-weight", "balanced"),
        *("--patience", "3", "--epochs", 30, "--batch-size", 8, "--dtype", "float64"),
        *("--seed", 5, "--checkpoint-every", 0, "--json", "-q"),
    )
    assert outcome.code == 0, outcome.err
    loaded = load_run("runs/things")
    assert loaded.net.parameters()[0].data.dtype == np.float64
    assert loaded.config["settings"]["validation"] == 0.1
    assert outcome.json["test_accuracy"] > 0.6


@pytest.mark.parametrize("loss", ["binary_cross_entropy_with_logits", "hinge", "binary_focal"])
def test_losses_of_a_single_output(run, write_table, loss):
    write_table("things.csv", rows=120)
    outcome = run("train", "things.csv", "--loss", loss, "--json", "-q")
    assert outcome.json["test_accuracy"] > 0.75
    assert run("evaluate", "runs/things", "--json").json["accuracy"] == pytest.approx(
        outcome.json["test_accuracy"]
    )
    proba = run("predict", "runs/things", "things.csv", "--proba")
    if loss == "hinge":
        assert proba.code == 2
        assert "probabilities" in proba.err
    else:
        rows = list(csv.DictReader(proba.out.splitlines()))
        assert all(
            float(row["probability_blue"]) + float(row["probability_red"])
            == pytest.approx(1, abs=1.1e-6)  # each is rounded to six digits
            and float(row[f"probability_{row['prediction']}"]) >= 0.5
            for row in rows
        )


@pytest.mark.parametrize("optimizer", ["lbfgs", "adadelta", "lion"])
def test_other_optimizers(run, optimizer):
    outcome = run("train", "iris", "--optimizer", optimizer, "--epochs", 20, "--json", "-q")
    assert outcome.code == 0, outcome.err
    settings = json.loads(Path("runs/iris/config.json").read_text())["settings"]
    if optimizer == "lbfgs":
        assert settings["batch_size"] == 120
        assert settings["schedule"] == "constant"
        assert outcome.json["test_accuracy"] > 0.85


def test_the_perceptron_of_1958(run):
    outcome = run("train", "and", "--model", "perceptron")
    assert outcome.code == 0, outcome.err
    assert "converged" in outcome.out
    assert "training accuracy  1.0000" in outcome.out
    assert "mistakes" in Path("runs/and/history.csv").read_text()
    assert run("evaluate", "runs/and", "--json").json["accuracy"] == 1.0
    Path("bits.csv").write_text("0,0\n1,1\n")
    assert run("predict", "runs/and", "bits.csv").out == "prediction\n0\n1\n"
    assert "never will" in run("train", "xor", "--model", "perceptron").out
    assert "two classes" in run("train", "iris", "--model", "perceptron").err
    assert (
        "without --optimizer"
        in run("train", "and", "--model", "perceptron", "--optimizer", "sgd").err
    )


def test_the_linear_model(run):
    outcome = run("train", "iris", "--model", "linear", "--epochs", 100)
    assert "linear 4 → 3, 15 parameters" in outcome.out
    assert "no --hidden" in run("train", "iris", "--model", "linear", "--hidden", "3").err


def test_without_matplotlib_everything_else_is_kept(run):
    assert sys.modules["matplotlib.figure"] is None
    outcome = run("train", "iris", "--epochs", 2)
    assert outcome.code == 0
    assert "pip install 'pellucid[plot]'" in outcome.out
    assert "curves.png" not in files("runs/iris")
    assert "metrics.json" in files("runs/iris")


def test_run_folders_get_numbers(run):
    for folder in ("runs/iris", "runs/iris-2", "runs/iris-3"):
        assert run("train", "iris", "--epochs", 1, "--json", "-q").json["run"] == folder


def test_overwriting(run):
    run("train", "iris", "--epochs", 1, "--out", "here", "-q")
    Path("here/notes.txt").write_text("mine")
    refused = run("train", "iris", "--epochs", 2, "--out", "here")
    assert refused.code == 2
    assert "--resume" in refused.err
    assert "--overwrite" in refused.err
    assert json.loads(Path("here/metrics.json").read_text())["epochs"] == 1
    done = run("train", "iris", "--epochs", 2, "--out", "here", "--overwrite", "--json", "-q")
    assert done.json["epochs"] == 2
    assert Path("here/notes.txt").read_text() == "mine"
    assert json.loads(Path("here/config.json").read_text())["settings"]["epochs"] == 2
    run("train", "iris", "--epochs", 1, "-q")
    again = run("train", "iris", "--epochs", 1, "--overwrite", "--json", "-q")
    assert again.json["run"] == "runs/iris"


def test_early_stopping_is_told(run):
    outcome = run("train", "moons", "--patience", 0, "--lr", 0.3, "--epochs", 50)
    assert "stopped" in outcome.out
    assert "epoch" in outcome.out
    assert json.loads(Path("runs/moons/metrics.json").read_text())["stopped_by"]


def test_defaults_cover_every_size():
    assert [entry.rows for entry in SIZES] == sorted(entry.rows for entry in SIZES)
    assert SIZES[-1].rows == float("inf")
    assert for_rows(4).epochs > for_rows(60_000).epochs
