"""Series, texts with classes, autoencoders and adversarial pairs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest


def read_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


@pytest.fixture
def waves(run):
    """Write a series with a season of four steps."""
    steps = np.arange(72)
    values = 50 + steps / 4 + 9 * np.sin(np.pi * steps / 2)
    dates = np.datetime64("2001-01", "M") + steps
    lines = [f"{date},{value:.3f}" for date, value in zip(dates, values, strict=True)]
    Path("waves.csv").write_text("month,count\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return Path("waves.csv")


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru", "tcn", "transformer", "mlp", "linear"])
def test_every_forecaster(run, waves, model):
    words = ("--window", 8, "--horizon", 2, "--epochs", 2, "--set", "data.season=4")
    outcome = run("train", waves, "--model", model, *words, "--out", "a")
    assert outcome.code == 0, outcome.err
    assert "seasonal naive" in outcome.out and "MASE" in outcome.out
    metrics = read_json("a/metrics.json")
    # A season before, the sine was the same and the trend a unit lower
    assert metrics["seasonal_naive_mae"] == pytest.approx(1, abs=2e-3)
    assert metrics["test_mase"] == pytest.approx(metrics["test_mae"], rel=2e-3)
    predicted = run("predict", "a", waves, "--json").json["predictions"]
    assert [row["step"] for row in predicted] == [1, 2]
    found = run("evaluate", "a", "--json").json
    assert found["mae"] == pytest.approx(metrics["test_mae"])


def test_a_series_is_told_by_its_columns_and_drawn(run, waves, with_curves):
    outcome = run("train", waves, "--epochs", 1, "--out", "a")
    assert outcome.code == 0, outcome.err
    assert read_json("a/config.json")["model"]["name"] == "lstm-forecaster"
    assert Path("a/forecast.png").stat().st_size > 5000


def test_options_of_other_data(run, waves):
    outcome = run("train", waves, "--tokenizer", "char")
    assert outcome.code == 2
    assert "--tokenizer goes with running text or a table of texts" in outcome.err
    assert "is a series in time" in outcome.err
    outcome = run("train", waves, "--model", "gpt")
    assert outcome.code == 2 and "does not go with a series in time" in outcome.err


@pytest.fixture
def letters(run):
    """Write short texts in which one word tells the class."""
    draw = np.random.default_rng(0)
    lines = ["label\ttext"]
    for _ in range(80):
        spam = draw.random() < 0.4
        word = "prize" if spam else "home"
        lines.append(f"{'spam' if spam else 'ham'}\tsee the {word} at {draw.integers(10**6)} now")
    Path("letters.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Path("letters.tsv")


@pytest.mark.parametrize("model", ["gru", "transformer"])
def test_texts_with_classes(run, letters, model):
    words = ("--epochs", 20, "--width", 16, "--lr", 0.01, "--out", "a", "-q")
    outcome = run("train", letters, "--model", model, *words)
    assert outcome.code == 0, outcome.err
    metrics = read_json("a/metrics.json")
    assert metrics["test_accuracy"] == 1 and metrics["test_f1"] == 1
    Path("new.txt").write_text("see the prize at 3 now\nsee the home now\n", encoding="utf-8")
    assert run("predict", "a", "new.txt").out.split() == ["prediction", "spam", "ham"]
    Path("new.csv").write_text("text\nsee the prize now\n", encoding="utf-8")
    assert "predictions" in run("predict", "a", "new.csv", "--json").json
    found = run("evaluate", "a", "--json").json
    assert found["classes"] == ["ham", "spam"] and found["confusion"][0][1] == 0


@pytest.fixture
def beats(run):
    """Write rows that are waves (1) or noise (0), without a header."""
    draw = np.random.default_rng(0)
    phase = draw.uniform(0, 6, (160, 1))
    waves = np.sin(np.arange(12) + phase)
    labels = (np.arange(160) % 4 > 0).astype(int)
    rows = np.where(labels[:, None] == 1, waves, draw.normal(0, 1.5, waves.shape))
    table = [
        ",".join(f"{v:.4f}" for v in row) + f",{y}" for row, y in zip(rows, labels, strict=True)
    ]
    Path("beats.csv").write_text("\n".join(table) + "\n", encoding="utf-8")
    return Path("beats.csv")


CODE = ("--set", "model.code=2", "--hidden", "16", "--epochs", 60, "--lr", 0.01)


def test_anomalies(run, beats, with_curves):
    words = ("--model", "autoencoder", "--normal-label", 1, *CODE, "--out", "a")
    outcome = run("train", beats, *words)
    assert outcome.code == 0, outcome.err
    assert "threshold" in outcome.out and "area under ROC curve" in outcome.out
    metrics = read_json("a/metrics.json")
    assert metrics["test_accuracy"] > 0.9 and metrics["test_roc_auc"] > 0.95
    for name in ("reconstructions", "scores", "roc"):
        assert Path(f"a/{name}.png").stat().st_size > 3000
    predicted = run("predict", "a", beats, "--json").json["predictions"]
    truth = [line.endswith(",0") for line in beats.read_text(encoding="utf-8").splitlines()]
    found = [row["prediction"] == "anomalous" for row in predicted]
    assert np.mean(np.equal(found, truth)) > 0.9 and predicted[0]["score"] > 0
    evaluated = run("evaluate", "a", "--json").json
    assert evaluated["classes"] == ["normal", "anomalous"]
    assert evaluated["accuracy"] == pytest.approx(metrics["test_accuracy"])


def test_a_class_that_there_is_not(run, beats):
    outcome = run("train", beats, "--model", "autoencoder", "--normal-label", "ok")
    assert outcome.code == 2 and "--normal-label ok: the classes are 0, 1" in outcome.err


@pytest.mark.parametrize("model", ["autoencoder", "vae"])
def test_reconstruction_beside_principal_components(run, model):
    words = ("--hidden", 8, "--epochs", 2, "--out", "a")
    outcome = run("train", "iris", "--model", model, *words)
    assert outcome.code == 0, outcome.err
    assert "principal components" in outcome.out
    outcome = run("predict", "a", "iris.csv")
    assert outcome.code == 2 and "gives samples again" in outcome.err


@pytest.fixture
def pictures(run):
    """Write a folder of small grey images of two classes."""
    image = pytest.importorskip("PIL.Image")
    draw = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        folder = Path("pictures") / name
        folder.mkdir(parents=True)
        for number in range(12):
            pixels = draw.integers(level, level + 40, (8, 8)).astype(np.uint8)
            image.fromarray(pixels).save(folder / f"{number}.png")
    return Path("pictures")


@pytest.mark.parametrize("model", ["gan", "conditional-gan", "wgan-gp"])
def test_adversarial_pairs(run, pictures, model, with_curves):
    words = ("--model", model, "--epochs", 2, "--batch-size", 8, "--hidden", 16)
    assert run("train", pictures, *words, "--out", "whole").code == 0
    outcome = run("train", pictures, *words, "--out", "parts", "--stop-after", 1)
    assert outcome.code == 0 and "Stopped after 1 of 2 epochs" in outcome.out
    outcome = run("train", "--resume", "parts")
    assert outcome.code == 0, outcome.err
    for file in ("model.safetensors", "samples/epoch-02.png"):
        assert Path("whole", file).read_bytes() == Path("parts", file).read_bytes()
    outcome = run("sample", "parts", "--count", 4, "--out", "grid.png", "--seed", 0)
    assert outcome.code == 0 and "4 samples in grid.png" in outcome.out
    assert Path("grid.png").exists()
    outcome = run("evaluate", "parts")
    assert outcome.code == 2 and "no truth to measure them by" in outcome.err
    assert "the generator" in run("summary", "parts").out
    outcome = run("sample", "parts", "--prompt", "a")
    assert outcome.code == 2 and "--prompt is for text" in outcome.err


def test_pairs_need_images(run):
    outcome = run("train", "iris", "--model", "gan")
    assert outcome.code == 2 and "makes images, but 'iris' holds none" in outcome.err
