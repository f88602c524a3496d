from __future__ import annotations

import pytest


def test_learns_the_digits(load_example, monkeypatch, capsys) -> None:
    pytest.importorskip("sklearn")
    example = load_example("hand_written_loop")
    epochs = list(example.train())
    monkeypatch.setattr(example, "train", lambda: iter(epochs))
    example.main()
    assert "epoch 15" in capsys.readouterr().out
    losses = [loss for loss, _ in epochs]
    assert losses[-1] < 0.2 * losses[0]
    assert epochs[-1][1] >= 0.96


def test_same_seed_same_numbers(load_example) -> None:
    pytest.importorskip("sklearn")
    example = load_example("hand_written_loop")
    assert list(example.train(epochs=2, seed=3)) == list(example.train(epochs=2, seed=3))
