from __future__ import annotations

import numpy as np
import pytest


def test_as_good_as_scikit_learn_at_equal_settings(load_example, monkeypatch, capsys) -> None:
    pytest.importorskip("sklearn")
    example = load_example("diabetes_vs_scikit_learn")
    scores = example.compare()
    monkeypatch.setattr(example, "compare", lambda: scores)
    example.main()
    assert "scikit-learn" in capsys.readouterr().out
    assert len(scores["Pellucid"]) == len(scores["scikit-learn"]) == 5
    ours, theirs = np.mean(scores["Pellucid"]), np.mean(scores["scikit-learn"])
    assert ours > 0.3
    assert ours > theirs - 0.05
