"""The benchmark of whole projects trains the same network in both libraries."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl
from pellucid import models, nn

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def load_benchmark(monkeypatch):
    """Return a function from the name of a module in benchmarks/ to the module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in [path.stem for path in BENCHMARKS.glob("*.py")]:
        sys.modules.pop(name, None)


def test_learning_rates(load_benchmark) -> None:
    projects = load_benchmark("project_list").PROJECTS
    ecg, cnn, lstm = (projects[name] for name in ("ecg", "mnist-cnn", "shakespeare-lstm"))
    assert ecg.lr_at(0, 100) == ecg.lr_at(99, 100) == ecg.lr
    assert cnn.lr_at(0, 100) == cnn.lr
    assert cnn.lr_at(50, 100) == pytest.approx(cnn.lr / 2)
    assert lstm.lr_at(100, 100) == pytest.approx(lstm.floor)


def test_rows_show_both_libraries_or_a_dash(load_benchmark) -> None:
    benchmark = load_benchmark("projects")
    one = {"figures": {"test accuracy": 0.9}, "seconds": 2.0, "megabytes": 10.0}
    two = {"figures": {"test accuracy": 0.8}, "seconds": 4.0, "megabytes": 30.0}
    results = [{"project": "ecg", "Pellucid": run, "Torch": {"absent": "no"}} for run in (one, two)]
    (row,) = benchmark.as_rows(results)
    assert row[1:] == [
        *("test accuracy", "≥ 0.944", "0.8500 ± 0.0707", "3 s", "30 MB"),
        *("–", "–", "–"),
    ]


@pytest.mark.parity
@pytest.mark.parametrize(
    ("make", "sample"),
    [
        (
            lambda: nn.Sequential(
                nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                nn.Flatten(), nn.Linear(36, 3),
            ),
            (1, 6, 6),
        ),
        (lambda: models.Autoencoder((10,), hidden=8, code=2), (10,)),
        (lambda: models.RecurrentForecaster(1, 3, 8, cell="lstm"), (7, 1)),
        (lambda: models.RecurrentForecaster(1, 3, 8, cell="gru"), (7, 1)),
    ],
)  # fmt: skip
def test_twins_compute_the_same(make, sample, load_benchmark) -> None:
    torch = pytest.importorskip("torch")
    pl.seed(0)
    net = make()
    x = np.random.default_rng(0).normal(size=(5, *sample)).astype(np.float32)
    net(x)
    twin = load_benchmark("torch_twins").twin_of(net)
    for mode in (True, False):
        expected = net.train(mode)(x).data
        found = twin.train(mode)(torch.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parity
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_twins_of_token_models_compute_the_same(cell, load_benchmark) -> None:
    torch = pytest.importorskip("torch")
    twin_of = load_benchmark("torch_twins").twin_of
    tokens = np.random.default_rng(0).integers(1, 20, (3, 7))
    tokens[1, 4:] = 0
    for net in (
        models.CharRNN(20, hidden=8, cell=cell, rng=0),
        models.CharRNN(20, hidden=8, cell=cell, embedding=None, rng=0),
        models.RecurrentClassifier(20, 2, 8, cell=cell, rng=0),
    ):
        expected = net.eval()(tokens).data
        found = twin_of(net).eval()(torch.from_numpy(tokens)).detach().numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parity
def test_a_layer_without_a_twin_is_named(load_benchmark) -> None:
    pytest.importorskip("torch")
    with pytest.raises(LookupError, match="no PyTorch twin of GroupNorm"):
        load_benchmark("torch_twins").twin_of(nn.GroupNorm(2, 4))
