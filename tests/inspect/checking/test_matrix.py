"""Mistakes planted in hand-written networks are named, and correct code is not accused."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
_QUICK = ("dense 3-5-4 sigmoid, half squared", "residual", "recurrent tanh", "batch norm relu",
          "attention")  # fmt: skip


@pytest.fixture(scope="module")
def matrix():
    """The module benchmarks/checker_matrix.py."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("checker_matrix")
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in [name for name in sys.modules if name.startswith("checker_")]:
            sys.modules.pop(name)


@pytest.mark.slow
def test_a_sample_of_the_mistakes(matrix) -> None:
    networks = [n for n in (make() for make in matrix.NETWORKS) if n.name in _QUICK]
    assert len(networks) == len(_QUICK)
    cases = [
        matrix.try_out(network, (fault,))
        for network in networks
        for fault in list(network.faults)[::5]
    ]
    missed = [case for case in cases if not case.named]
    assert len(cases) >= 25
    assert len(missed) <= 0.05 * len(cases), missed


def test_correct_code_is_right(matrix) -> None:
    cases = [matrix.try_out(make(), ()) for make in matrix.NETWORKS]
    assert [case for case in cases if not case.named] == []


@pytest.mark.slow
def test_every_mistake_everywhere(matrix) -> None:
    cases = matrix.singles(make() for make in matrix.NETWORKS)
    planted = [case for case in cases if case.faults]
    missed = [case for case in planted if not case.named]
    assert len(planted) > 500
    assert len(missed) <= 0.05 * len(planted), missed
    by_network: dict[str, list[bool]] = {}
    for case in planted:
        by_network.setdefault(case.network, []).append(case.named)
    assert min(sum(named) / len(named) for named in by_network.values()) >= 0.85


@pytest.mark.slow
def test_pairs(matrix) -> None:
    cases = matrix.pairs([make() for make in matrix.NETWORKS], 3)
    assert sum(case.named for case in cases) >= 0.8 * len(cases)
