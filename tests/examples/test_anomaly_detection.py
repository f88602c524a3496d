from __future__ import annotations

import numpy as np
import pytest

from pellucid import data


@pytest.mark.slow
@pytest.mark.data
def test_abnormal_beats_are_found(load_example, data_dir, monkeypatch, tmp_path, capsys) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    example = load_example("anomaly_detection")
    results = []
    judge = example.judge
    monkeypatch.setattr(example, "judge", lambda *a: results.append(judge(*a)) or results[0])
    example.main([str(tmp_path / "beats.png")])
    assert "accuracy" in capsys.readouterr().out
    assert (tmp_path / "beats.png").read_bytes().startswith(b"\x89PNG")
    assert results[0].figures["accuracy"] >= 0.944
    assert results[0].figures["ROC AUC"] >= 0.98


def test_nothing_is_learnt_from_anomalies(load_example) -> None:
    example = load_example("anomaly_detection")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 140)).astype(np.float32)
    y = np.arange(60) % 2

    def threshold(samples: np.ndarray) -> float:
        part = data.Part(samples, y)
        return example.train(data.Dataset("beats", part), epochs=1).threshold

    changed = x.copy()
    changed[y != example.NORMAL] = 100.0
    assert threshold(changed) == threshold(x)
