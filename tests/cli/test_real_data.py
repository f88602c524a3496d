"""The real data sets, end to end in the default settings."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.data, pytest.mark.slow]


def test_mnist(run, data_dir, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    words = ("train", "mnist", "--model", "mlp", "--hidden", "256,128")
    result = run(*words, "--json", "-q").json
    assert result["epochs"] <= 10
    assert result["test_accuracy"] >= 0.98


def test_adult(run, data_dir):
    train, test = (data_dir / "adult" / f"adult-{part}.csv.gz" for part in ("train", "test"))
    outcome = run("train", train, "--test", test, "--json", "-q")
    assert outcome.json["test_accuracy"] >= 0.85
    assert outcome.json["baseline_accuracy"] == pytest.approx(0.7638, abs=1e-4)
    again = run("evaluate", outcome.json["run"], test, "--unknown", "ignore", "--json")
    assert again.json["accuracy"] == outcome.json["test_accuracy"]
    predicted = run("predict", outcome.json["run"], test, "--proba", "--unknown", "ignore")
    assert len(predicted.out.splitlines()) == 16_282


def test_anomalies_of_heartbeats(run, data_dir):
    file = next((data_dir / "ecg5000").glob("*.csv.gz"))
    outcome = run("train", file, "--model", "autoencoder", "--normal-label", 1, "--json", "-q")
    assert outcome.code == 0, outcome.err
    assert outcome.json["test_accuracy"] >= 0.944
    assert outcome.json["test_roc_auc"] >= 0.97


def test_spam(run, data_dir, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    result = run("train", "sms-spam", "--model", "gru", "--json", "-q").json
    assert result["test_accuracy"] >= 0.97
    assert result["test_f1"] >= 0.9


def test_passengers(run, data_dir, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    words = ("--window", 24, "--horizon", 12, "--model", "gru", "--epochs", 150)
    growing = ("--set", "data.log=true", "--set", "data.difference=1")
    result = run("train", "airline-passengers", *words, *growing, "--json", "-q").json
    assert result["test_mae"] < result["seasonal_naive_mae"] < result["naive_mae"]
