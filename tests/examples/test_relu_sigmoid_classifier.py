from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize(
    "version", ["with_layers", pytest.param("with_numpy", marks=pytest.mark.slow)]
)
def test_published_cost(load_example, version: str) -> None:
    result = getattr(load_example("relu_sigmoid_classifier"), version)()
    assert round(result.curve[-1], 8) == 0.00028084
    assert np.round(result.outputs).tolist() == [0, 1, 1, 0]


def test_printed_table(load_example, capsys, monkeypatch) -> None:
    example = load_example("relu_sigmoid_classifier")
    for version in ("with_layers", "with_numpy"):
        short = getattr(example, version)(4)
        short = short._replace(curve=short.curve * (example.STEPS // 4))
        monkeypatch.setattr(example, version, lambda short=short: short)
    example.main()
    assert "0.00028084" in capsys.readouterr().out
