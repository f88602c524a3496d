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
