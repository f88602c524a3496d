"""``pellucid datasets``, ``models`` and ``summary``."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from pellucid.data import DATASETS
from pellucid.models import MODELS


def test_datasets(run):
    outcome = run("datasets")
    assert outcome.code == 0
    for name, source in DATASETS.items():
        line = next(line for line in outcome.out.splitlines() if line.startswith(f"{name} "))
        for words in (source.size, source.origin, source.licence):
            assert words in line
    listed = run("datasets", "--json").json
    assert [entry["name"] for entry in listed] == list(DATASETS)


def test_what_is_at_hand(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "sklearn" else real(name, *a)
    )
    entries = {entry["name"]: entry for entry in run("datasets", "--json").json}
    assert entries["xor"]["available"]
    assert entries["digits"]["needs"] == "pip install 'pellucid[sklearn]'"
    assert entries["mnist"]["needs"] == "downloads"
    folder = tmp_path / "mnist"
    folder.mkdir()
    for file in DATASETS["mnist"].loader.files:
        (folder / file).touch()
    entries = {entry["name"]: entry for entry in run("datasets", "--json").json}
    assert entries["mnist"]["available"]


def test_models(run):
    out = run("models").out
    for name, model in MODELS.items():
        assert any(line.startswith(name) and model.paper in line for line in out.splitlines())
    listed = {entry["name"]: entry for entry in run("models", "--json").json}
    assert listed.keys() == MODELS.keys()
    assert listed["mlp"]["options"]["activation"] == "relu"


def test_summary_of_a_model(run):
    words = ("mlp", "--inputs", "1x28x28", "--outputs", 10, "--hidden", "256,128")
    outcome = run("summary", *words)
    assert outcome.code == 0, outcome.err
    assert "Linear(784 → 256" in outcome.out
    assert f"{784 * 256 + 256:,}" in outcome.out
    total = 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10
    assert f"{total:,} parameters" in outcome.out
    result = run("summary", *words, "--json").json
    assert result["parameters"] == total
    assert [row["output_shape"] for row in result["layers"]] == [
        [784],
        [256],
        [256],
        [128],
        [128],
        [10],
    ]
    assert sum(row["parameters"] for row in result["layers"]) == total


def test_summary_of_data_and_of_runs(run, trained):
    assert "mlp for iris" in run("summary", "iris", "--hidden", "5").out
    assert run("summary", "iris", "--hidden", "5", "--json").json["parameters"] == 4 * 5 + 5 + 18
    table = run("summary", trained / "prices.csv", "--target", "price", "--json").json
    assert table["input_shape"] == [3]
    result = run("summary", trained / "iris", "--json").json
    saved = np.sum([row["parameters"] for row in result["layers"]])
    assert result["parameters"] == saved == 4 * 16 + 16 + 16 * 3 + 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mlp"], "--inputs"),
        (["iris", "--inputs", "3"], "for a model"),
        (["irs"], "did you mean 'iris'"),
        (["mlp", "--inputs", "3,a", "--outputs", "1"], "784 or 1x28x28"),
        (["linear", "--inputs", "3", "--outputs", "1", "--dropout", "0.5"], "no --dropout"),
    ],
)
def test_what_summary_refuses(run, words, said):
    outcome = run("summary", *words)
    assert outcome.code == 2
    assert said in outcome.err
