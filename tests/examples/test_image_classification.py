from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.data import Part


def test_worst_mistakes_come_first(load_example) -> None:
    example = load_example("image_classification")
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, rng=0))
    x = np.random.default_rng(0).normal(size=(20, 1, 2, 2)).astype(np.float32)
    right = net(x).data.argmax(axis=1)
    y = right.copy()
    y[7] = 1 - y[7]
    images, said, true = example.worst(net, Part(x, y), 3)
    np.testing.assert_array_equal(images[0], x[7])
    assert (said[0], true[0]) == (right[7], y[7])
    shown = example.visible(images)
    assert shown.shape == (3, 2, 2, 1)
    assert (shown.min(), shown.max()) == (0, 1)


@pytest.mark.slow
@pytest.mark.data
def test_networks_learn_and_are_drawn(load_example, real_data, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    example = load_example("image_classification")
    results = {
        name: example.train(example.TASKS[name], limit=3000, epochs=3)
        for name in ("mnist-cnn", "mnist-lenet5")
    }
    assert results["mnist-cnn"].accuracy > 0.93
    assert results["mnist-lenet5"].accuracy > 0.85
    example.draw(results, tmp_path / "images.png")
    assert (tmp_path / "images.png").read_bytes().startswith(b"\x89PNG")
