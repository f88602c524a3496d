"""``pellucid evaluate``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk

from pellucid import data
from pellucid.training import load_run, predict


def test_the_test_rows_give_what_training_said(run, trained):
    said = json.loads((trained / "iris/metrics.json").read_text())
    outcome = run("evaluate", trained / "iris")
    assert outcome.code == 0, outcome.err
    assert "the test rows of iris: 30 samples" in outcome.out
    result = run("evaluate", trained / "iris", "--json").json
    assert result["accuracy"] == said["test_accuracy"]
    assert result["loss"] == said["test_loss"]
    assert result["samples"] == 30


def test_confusions_are_scikit_learns(run, trained):
    result = run("evaluate", trained / "iris", "--json").json
    test = data.load("iris").test
    labels = predict(load_run(trained / "iris").net, test.x).argmax(axis=1)
    assert result["confusion"] == sk.confusion_matrix(test.y, labels).tolist()
    assert result["classes"] == ["setosa", "versicolor", "virginica"]
    out = run("evaluate", trained / "iris").out
    assert "true classes" in out
    assert "virginica" in out


@pytest.mark.parametrize("part", ["train", "test"])
def test_parts(run, trained, part):
    result = run("evaluate", trained / "iris", "--part", part, "--json").json
    assert result["samples"] == {"train": 120, "test": 30}[part]
    assert "no validation part" in run("evaluate", trained / "iris", "--part", "validation").err


def test_metrics_of_classes(run, trained):
    names = ["f1", "recall", "precision", "balanced-accuracy", "matthews", "log_loss"]
    words = [word for name in names for word in ("--metric", name)]
    result = run("evaluate", trained / "things", *words, "--json").json
    for name in names:
        assert np.isfinite(result[name.replace("-", "_")])
    wrong = run("evaluate", trained / "things", "--metric", "mae")
    assert wrong.code == 2
    assert "of numbers" in wrong.err


def test_metrics_of_numbers_are_in_the_targets_unit(run, trained):
    result = run("evaluate", trained / "prices", "--metric", "mse", "--json").json
    loaded = data.load_table(trained / "prices.csv", target="price")
    target = loaded.preparation.target
    net = load_run(trained / "prices").net
    truth = loaded.test.y * target.scale + target.center
    predicted = predict(net, loaded.test.x) * target.scale + target.center
    assert result["mae"] == pytest.approx(sk.mean_absolute_error(truth, predicted), rel=1e-4)
    assert result["mse"] == pytest.approx(sk.mean_squared_error(truth, predicted), rel=1e-4)
    assert result["r2"] == pytest.approx(sk.r2_score(truth, predicted), rel=1e-4)
    assert "confusion" not in result
    assert "of classes" in run("evaluate", trained / "prices", "--metric", "f1").err


def test_another_file(run, trained, write_table):
    write_table("more.csv", rows=20)
    outcome = run("evaluate", trained / "things", "more.csv")
    assert "more.csv: 20 samples" in outcome.out
    assert "unless" not in outcome.err
    Path("bare.csv").write_text("size,shape\n1,round\n2,square\n")
    assert "no column 'colour'" in run("evaluate", trained / "things", "bare.csv").err
    Path("odd.csv").write_text("size,shape,colour\n1,round,green\n2,square,red\n")
    assert "'green' is not one of the classes" in run("evaluate", trained / "things", "odd.csv").err
    assert run("evaluate", trained / "things", "more.csv", "--part", "test").code == 2


def test_from_another_folder(run, write_table, tmp_path, monkeypatch):
    write_table("things.csv")
    run("train", "things.csv", "--epochs", 2, "-q")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("evaluate", "../runs/things").code == 0


def test_what_is_not_a_run(run, trained):
    run("train", "xor", "--epochs", 1, "-q")
    outcome = run("evaluate", "nowhere")
    assert outcome.code == 2
    assert "there are runs/xor" in outcome.err
    assert run("evaluate", trained / "iris/model.safetensors").code == 0
