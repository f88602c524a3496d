from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid.training import LossScaler


def test_the_same_accuracy_on_the_bundled_digits(load_example) -> None:
    example = load_example("mixed_precision")
    digits = pl.data.load("digits")
    found = example.accuracies(digits, epochs=4, batch_size=32)
    full, mixed = np.mean(found["float32"]), np.mean(found["mixed"])
    assert full > 0.93
    assert abs(full - mixed) < 0.008  # 360 test samples: one of them is 0.003


def test_less_memory(load_example) -> None:
    example = load_example("mixed_precision")
    full, _ = example.cost("float32", 1024, 128)
    mixed, _ = example.cost("mixed", 1024, 128)
    assert mixed < 0.85 * full


def test_small_gradients_need_scaling(load_example) -> None:
    example = load_example("mixed_precision")
    digits = pl.data.load("digits")
    unscaled = LossScaler(initial=1.0, growth_interval=10**9)
    assert example.with_small_gradients(digits, "mixed", 2) < 0.5
    assert example.with_small_gradients(digits, unscaled, 2) > 0.9


@pytest.mark.data
@pytest.mark.slow
def test_the_same_accuracy_on_mnist(load_example, data_dir, monkeypatch) -> None:
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    example = load_example("mixed_precision")
    found = example.accuracies(pl.data.load("mnist"), epochs=2)
    assert min(found["float32"]) > 0.96
    assert abs(np.mean(found["float32"]) - np.mean(found["mixed"])) < 0.003
