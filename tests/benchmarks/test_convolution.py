"""The benchmark of convolutions compares equals. No test here looks at a time."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SETTINGS = [
    {"x": (2, 3, 6, 5), "weight": (4, 3, 3, 2), "padding": 1},
    {"x": (2, 4, 6, 5), "weight": (4, 1, 3, 3), "groups": 4},
    {"x": (2, 3, 4, 3), "weight": (3, 2, 4, 4), "stride": 2, "padding": 1, "transposed": True},
]


@pytest.fixture
def benchmark(monkeypatch):
    """The module benchmarks/convolution.py."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("convolution")
    for name in ("convolution", "harness"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("setting", SETTINGS, ids=["plain", "depthwise", "transposed"])
def test_all_contestants_compute_the_same(benchmark, monkeypatch, setting) -> None:
    pytest.importorskip("torch")
    monkeypatch.setitem(benchmark.CASES, "tiny", setting)
    found = {
        name: getattr(benchmark, name)().prepare("tiny") for name in benchmark.CONTESTANTS.values()
    }
    assert len(found) == 2
    assert benchmark.agree(found)
    first = found["Torch"]
    assert all(abs(value) > 0.01 for value in first)
    assert not benchmark.agree({**found, "wrong": [first[0] + 1, *first[1:]]})


def test_a_measurement_is_the_mean_of_several_passes(benchmark, monkeypatch) -> None:
    monkeypatch.setattr(benchmark, "SECONDS", 0.01)
    monkeypatch.setitem(benchmark.CASES, "tiny", SETTINGS[0])
    layer = benchmark.Pellucid()
    layer.prepare("tiny")
    passes = []
    run = layer.run
    monkeypatch.setattr(layer, "run", lambda: passes.append(run()))
    seconds = layer.seconds_per_pass()
    assert seconds > 0 and len(passes) >= 2
    assert len(set(passes)) == 1  # each begins anew
