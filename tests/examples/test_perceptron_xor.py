from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize(
    "version", ["with_layers", pytest.param("with_numpy", marks=pytest.mark.slow)]
)
def test_one_unit_ends_at_one_half(load_example, version: str) -> None:
    result = getattr(load_example("perceptron_xor"), version)()
    assert np.max(np.abs(result.outputs - 0.5)) < 1e-12
    assert abs(result.curve[-1] - np.log(2)) < 1e-12
    # The weight of the tutorial's seed was really there, and went.
    assert result.curve[0] > 0.8


def test_picture_and_printed_table(load_example, tmp_path, capsys, monkeypatch) -> None:
    pytest.importorskip("matplotlib")
    example = load_example("perceptron_xor")
    short = example.with_numpy(1001)
    monkeypatch.setattr(example, "STEPS", 1001)
    monkeypatch.setattr(example, "with_layers", lambda: short)
    monkeypatch.setattr(example, "with_numpy", lambda: short)
    example.main([str(tmp_path / "xor.png")])
    assert (tmp_path / "xor.png").read_bytes().startswith(b"\x89PNG")
    assert "no straight line" in capsys.readouterr().out
