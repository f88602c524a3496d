"""What the comparisons share, and that every one of them runs and draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pellucid.data import Part

PROGRAMS = sorted(
    path.stem
    for path in (Path(__file__).resolve().parents[3] / "examples" / "why").glob("*.py")
    if path.stem != "comparison"
)


def test_wrong_labels_are_a_share_of_them(load_example) -> None:
    comparison = load_example("why/comparison")
    part = Part(np.zeros((2000, 1)), np.full(2000, 3))
    noisy = comparison.with_wrong_labels(part, 0.5, 10, seed=0)
    assert 0.40 < (noisy.y != 3).mean() < 0.50  # one in ten of the drawn labels is right
    assert (part.y == 3).all()
    again = comparison.with_wrong_labels(part, 0.5, 10, seed=0)
    np.testing.assert_array_equal(again.y, noisy.y)


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_comparison_runs_and_draws(name, load_example, tmp_path, capsys, real_data) -> None:
    pytest.importorskip("matplotlib")
    load_example(f"why/{name}").main([str(tmp_path / "figure.png")])
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert "The figure is in" in capsys.readouterr().out
