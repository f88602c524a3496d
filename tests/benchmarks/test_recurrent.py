"""The benchmark of recurrent layers compares equals. No test here looks at a time."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch):
    """The module benchmarks/recurrent.py."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("recurrent")
    for name in ("recurrent", "harness"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_all_contestants_compute_the_same(benchmark, monkeypatch, kind) -> None:
    pytest.importorskip("torch")
    monkeypatch.setitem(benchmark.SIZES, "tiny", (3, 5, 2, 4))
    found = {
        name: getattr(benchmark, name)().prepare(kind, "tiny")
        for name in benchmark.CONTESTANTS.values()
    }
    assert len(found) == 3
    assert benchmark.agree(found)
    first = found["Torch"]
    assert abs(first[0]) > 0.05 and first[1] > 0.01
    assert not benchmark.agree({**found, "wrong": [first[0] + 1, first[1]]})


def test_a_measurement_is_the_mean_of_several_passes(benchmark, monkeypatch) -> None:
    monkeypatch.setattr(benchmark, "SECONDS", 0.01)
    layer = benchmark.Pellucid()
    layer.prepare("RNN", next(reversed(benchmark.SIZES)))
    passes = []
    run = layer.run
    monkeypatch.setattr(layer, "run", lambda: passes.append(run()))
    seconds = layer.seconds_per_pass()
    assert seconds > 0 and len(passes) >= 2
    assert len(set(passes)) == 1  # each begins anew
