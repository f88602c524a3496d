"""The benchmark of the GPT: its schedule, its windows, and that both train the same network."""

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
def gpt(monkeypatch):
    """The module benchmarks/gpt.py."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("gpt")
    for name in [path.stem for path in BENCHMARKS.glob("*.py")]:
        sys.modules.pop(name, None)


@pytest.fixture
def text(tmp_path) -> Path:
    """A text of 40 different characters without a pattern."""
    letters = np.random.default_rng(0).integers(0, 40, 3000) + ord("A")
    path = tmp_path / "text.txt"
    path.write_text("".join(map(chr, letters)), encoding="utf-8")
    return path


def run(*options: str) -> str:
    command = [sys.executable, str(BENCHMARKS / "gpt.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_learning_rate_rises_and_falls(gpt) -> None:
    rates = [gpt.learning_rate(step, 2000) for step in range(2000)]
    assert rates[0] == pytest.approx(1e-3 / 101)
    assert rates[99] == pytest.approx(1e-3 * 100 / 101)
    assert rates[100] == max(rates) == 1e-3
    assert rates[1050] == pytest.approx((1e-3 + 1e-4) / 2)
    assert rates[-1] == pytest.approx(1e-4, rel=1e-3)
    assert (np.diff(rates[:101]) > 0).all()
    assert (np.diff(rates[100:]) < 0).all()


def test_windows_are_followed_by_their_next_characters(gpt) -> None:
    ids = np.arange(1000)
    x, y = gpt.windows(ids, np.array([0, 17]))
    assert x.shape == y.shape == (2, 64)
    np.testing.assert_array_equal(x[1], np.arange(17, 81))
    np.testing.assert_array_equal(y, x + 1)


@pytest.mark.slow
def test_pellucid_alone(text: Path) -> None:
    found = json.loads(run(str(text), "--steps", "3", "--without-torch", "--json"))["results"]
    assert list(found) == ["Pellucid"]
    result = found["Pellucid"]
    assert result["vocabulary"] == 40
    assert result["parameters"] == 40 * 128 + 64 * 128 + 4 * (12 * 128**2 + 2 * 128) + 128
    # Before anything is learnt, every character is as likely as any other.
    np.testing.assert_allclose(result["losses"], np.log(40), atol=0.2)
    np.testing.assert_allclose(result["validation"], np.log(40), atol=0.2)


@pytest.mark.slow
@pytest.mark.parity
def test_both_have_the_same_losses(text: Path) -> None:
    pytest.importorskip("torch")
    found = json.loads(run(str(text), "--steps", "8", "--json"))["results"]
    ours, theirs = found["Pellucid"], found["Torch"]
    assert ours["parameters"] == theirs["parameters"]
    np.testing.assert_allclose(ours["losses"], theirs["losses"], atol=1e-5)
    assert ours["validation"] == pytest.approx(theirs["validation"], abs=1e-5)
    lines = run(str(text), "--steps", "2").splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["Pellucid", "Torch"]
