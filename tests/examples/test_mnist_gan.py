from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.data import Dataset, Part


def test_scores_of_a_reader_that_is_sure_and_of_one_that_is_clueless(load_example) -> None:
    example = load_example("mnist_gan")
    images = np.zeros((20, 1, 28, 28), np.float32)
    images.reshape(20, -1)[np.arange(20), np.arange(20) % 10] = 1.0
    sure = nn.Lambda(lambda x: 100 * np.reshape(x, (len(x), -1))[:, :10])
    clueless = nn.Lambda(lambda x: 0 * np.reshape(x, (len(x), -1))[:, :10])
    found = example.read(sure, images, np.arange(20) % 10)
    assert (found.accuracy, found.confidence) == (1.0, pytest.approx(1))
    assert found.entropy == pytest.approx(0, abs=1e-9)
    assert found.evenness == pytest.approx(np.log2(10))
    found = example.read(clueless, images)
    assert found.entropy == pytest.approx(np.log2(10))
    assert found.evenness == 0
    assert found.accuracy is None


def test_images_lie_in_rows(load_example) -> None:
    images = np.arange(6.0)[:, None, None, None] * np.ones((1, 1, 2, 2))
    grid = load_example("mnist_gan").tiled(images, columns=3)
    assert grid.shape == (8, 12)
    np.testing.assert_array_equal(grid[1::4, 1::4], [[0, 1, 2], [3, 4, 5]])


@pytest.mark.slow
@pytest.mark.parametrize("model", ["dcgan", "wgan-gp", "conditional-gan"])
def test_the_whole_program_on_few_images(
    load_example, monkeypatch, tmp_path, capsys, model
) -> None:
    pytest.importorskip("matplotlib")
    example = load_example("mnist_gan")
    rng = np.random.default_rng(0)
    part = Part(rng.random((128, 1, 28, 28)).astype(np.float32), np.arange(128) % 10)
    monkeypatch.setattr(example.data, "load", lambda *a, **k: Dataset("mnist", part, test=part))
    make = example.make_pair
    monkeypatch.setattr(example, "make_pair", lambda model: make(model, channels=2))
    example.main([str(tmp_path), "--model", model, "--epochs", "2", "--reader-epochs", "1"])
    assert "samples" in capsys.readouterr().out
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"{model}-curves.png", f"{model}-epoch-01.png", f"{model}-epoch-02.png"]
