from __future__ import annotations

import numpy as np
import pytest

# Printed by the tutorial, to eight digits, in the order 00, 01, 10, 11.
PUBLISHED = [0.02836474, 0.93327392, 0.9327148, 0.0833559]


@pytest.mark.parametrize(
    "version", ["with_layers", pytest.param("with_numpy", marks=pytest.mark.slow)]
)
def test_published_outputs(load_example, version: str) -> None:
    result = getattr(load_example("xor_2_3_1"), version)()
    assert result.outputs.dtype == np.float64
    assert np.round(result.outputs[:, 0], 8).tolist() == PUBLISHED
    assert result.curve[-1] < 0.01 < 0.5 < result.curve[0]


def test_printed_table(load_example, capsys, monkeypatch) -> None:
    example = load_example("xor_2_3_1")
    for version in ("with_layers", "with_numpy"):
        short = getattr(example, version)(4)
        short = short._replace(curve=short.curve * (example.STEPS // 4))
        monkeypatch.setattr(example, version, lambda short=short: short)
    example.main()
    assert "0.93327392" in capsys.readouterr().out
