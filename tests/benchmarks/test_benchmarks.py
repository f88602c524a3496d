"""The benchmark programs measure what they say. No test here looks at a time."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def load_benchmark(monkeypatch):
    """Return a function from the name of a module in benchmarks/ to the module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in [path.stem for path in BENCHMARKS.glob("*.py")]:
        sys.modules.pop(name, None)


def run(program: str, *options: str) -> str:
    command = [sys.executable, str(BENCHMARKS / program), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_rounds_measure_everybody_once_and_begin_with_another(load_benchmark) -> None:
    harness = load_benchmark("harness")
    order: list[str] = []
    measures = {name: lambda name=name: order.append(name) or 1.0 for name in "abc"}
    times = harness.interleave(measures, rounds=3, settle=0.0)
    assert order == list("abc" + "bca" + "cab")
    assert times == {name: [1.0] * 3 for name in "abc"}


def test_table_shows_medians_ratios_and_who_is_absent(load_benchmark) -> None:
    harness = load_benchmark("harness")
    rows = [
        harness.Row("ours", [1e-3, 2e-3, 3e-3]),
        harness.Row("theirs", [2e-3, 8e-3, 3e-3]),
        harness.Row("nobody", reason="not installed (nobody)"),
    ]
    first, second, third = harness.cells(rows)
    assert first[1] == "2.00 ms"
    assert first[3] == ""
    # Medians 3 and 2; round by round the ratios are 2, 4 and 1.
    assert second[3:5] == ("1.50 ×", "1.50 – 3.00")
    assert third[1] == "absent"
    assert "not installed" in harness.as_markdown("a title", rows)


def test_wrong_losses_are_found(load_benchmark) -> None:
    check_losses = load_benchmark("training_step").check_losses
    right = [2.0, 1.9, 1.8]
    wrong = [2.0, 1.99, 1.98]
    assert check_losses({"a": right, "b": right, "c": wrong}).keys() == {"c"}
    assert not check_losses({"a": right, "b": [2.0, 1.9001, 1.8]})


def test_products_of_a_network(load_benchmark) -> None:
    network = load_benchmark("networks").Network((5, 3, 2), 7)
    # X W₁, Xᵀ G₁; H W₂, Hᵀ G₂, G₂ W₂ᵀ
    assert network.products() == [(7, 5, 3), (5, 7, 3), (7, 3, 2), (3, 7, 2), (7, 2, 3)]
    assert network.flops() == 2 * (7 * 5 * 3 * 2 + 7 * 3 * 2 * 3)


def test_pellucid_step_is_adam_on_cross_entropy(load_benchmark) -> None:
    """Its losses against a step written out in NumPy, float64."""
    networks = load_benchmark("networks")
    steps = load_benchmark("step_contestants").Pellucid()
    steps.prepare("2-16-16-2")
    network = networks.NETWORKS["2-16-16-2"]

    weights = [array.astype(np.float64) for pair in network.weights() for array in pair]
    first, second = [0 * w for w in weights], [0 * w for w in weights]
    expected = []
    for number, (x, y) in enumerate(network.data()[:5], start=1):
        activations = [x.astype(np.float64)]
        for i in (0, 2, 4):
            z = activations[-1] @ weights[i] + weights[i + 1]
            activations.append(z if i == 4 else np.maximum(z, 0))
        z = activations.pop()
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        expected.append(-log_p[np.arange(len(y)), y].mean())
        delta = (np.exp(log_p) - np.eye(2)[y]) / len(y)
        slopes = []
        for i in (4, 2, 0):
            h = activations.pop()
            slopes = [h.T @ delta, delta.sum(axis=0), *slopes]
            delta = (delta @ weights[i].T) * (h > 0)
        for w, m, v, g in zip(weights, first, second, slopes, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= 1e-3 * m / (1 - 0.9**number) / (np.sqrt(v / (1 - 0.999**number)) + 1e-8)
    np.testing.assert_allclose(steps.losses(5), expected, rtol=1e-5)
    np.testing.assert_allclose(steps.losses(5), expected, rtol=1e-5)  # reset goes back


@pytest.mark.slow
def test_programs_run(tmp_path) -> None:
    pytest.importorskip("sklearn")
    steps = json.loads(
        run("training_step.py", "--quick", "--json", "--only", "Pellucid", "--only", "2-16-16-2")
    )
    rows = {row["label"]: row for row in steps["results"]["2-16-16-2"]}
    assert len(rows["Pellucid"]["seconds"]) == 3
    assert len(rows["matrix products alone (NumPy)"]["seconds"]) == 3

    fits = json.loads(run("fit_digits.py", "--quick", "--json", "--only", "Pellucid"))
    assert len(fits["results"][0]["seconds"]) == 3

    imports = json.loads(run("import_time.py", "--quick", "--json"))
    assert set(imports["loaded"]["import pellucid"]) == {"numpy", "pellucid"}
    assert imports["core_bytes"] is None or imports["core_bytes"] < 1_000_000
