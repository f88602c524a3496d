from __future__ import annotations

import numpy as np
import pytest


def test_scores_by_hand(load_example) -> None:
    example = load_example("text_classification")
    true = np.array([0, 0, 0, 0, 1, 1, 1])
    predicted = np.array([0, 0, 0, 1, 1, 1, 0])
    found = example.scores(predicted, true)
    np.testing.assert_array_equal(found.confusion, [[3, 1], [1, 2]])
    assert found.accuracy == pytest.approx(5 / 7)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.f1 == pytest.approx(2 / 3)


def test_scores_agree_with_scikit_learn(load_example) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 2, (2, 200))
    found = load_example("text_classification").scores(predicted, true)
    expected = metrics.precision_recall_fscore_support(true, predicted, average="binary")
    assert tuple(found[1:4]) == pytest.approx(expected[:3])


@pytest.mark.slow
@pytest.mark.data
def test_most_spam_is_found(load_example, real_data, tmp_path, capsys) -> None:
    example = load_example("text_classification")
    example.main([str(tmp_path / "mistakes.md")])
    assert "always ham" in capsys.readouterr().out
    assert "wrong by" in (tmp_path / "mistakes.md").read_text()
    messages = example.load()
    net = example.train(example.NETWORKS[0], messages, epochs=3)
    assert example.scores(example.predict(net, messages.test.x), messages.test.y).f1 > 0.85
