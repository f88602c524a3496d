from __future__ import annotations

import numpy as np
import pytest


def test_boundary_lies_between_the_moons(load_example, tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("matplotlib")
    example = load_example("two_moons_boundary")
    result = example.train()
    monkeypatch.setattr(example, "train", lambda: result)
    example.main([str(tmp_path / "moons.png")])
    assert "epoch  60" in capsys.readouterr().out
    assert (tmp_path / "moons.png").read_bytes().startswith(b"\x89PNG")
    assert result.history.last["val_accuracy"] >= 0.96

    _, _, p = example.probabilities(result.net, np.array([-1.0, -1.0]), np.array([2.0, 1.5]), 20)
    assert p.min() < 0.01 < 0.99 < p.max()
