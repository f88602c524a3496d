"""Networks that see images as images, and augmentation, on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pellucid import models, nn
from pellucid.cli.augmentation import AUGMENTATIONS, transform_of
from pellucid.errors import PellucidError
from pellucid.models.model import Model


def _see(input_shape, outputs, dtype=None, rng=None):
    channels, height, width = input_shape  # fails for rows
    size = channels * height * width
    return nn.Sequential(nn.Flatten(), nn.Linear(size, outputs, dtype=dtype, rng=rng))


@pytest.fixture
def pictures(run, monkeypatch):
    """Write a folder of images, and know a model that takes images."""
    image = pytest.importorskip("PIL.Image")
    entry = Model("eye", _see, "Sees.", "Nobody (2000)", takes="images")
    monkeypatch.setitem(models.MODELS, "eye", entry)
    draw = np.random.default_rng(0)
    for name, level in (("dark", 40), ("light", 200)):
        folder = Path("pictures") / name
        folder.mkdir(parents=True)
        for number in range(20):
            pixels = draw.integers(level, level + 40, (8, 8)).astype(np.uint8)
            image.fromarray(pixels).save(folder / f"{number}.png")
    return Path("pictures")


def test_images_keep_their_shape(run, pictures):
    words = ("--model", "eye", "--augment", "shift=1,flip,noise=0.05", "--epochs", 40)
    outcome = run("train", pictures, *words, "--lr", 0.01, "--out", "a")
    assert outcome.code == 0, outcome.err
    assert "1 × 8 × 8 numbers" in outcome.out
    assert run("evaluate", "a", "--json").json["accuracy"] == 1
    predicted = run("predict", "a", pictures / "light/3.png").out.split()
    assert predicted == ["prediction", "light"]


def test_augmentation_goes_on_with_the_same_bits(run, pictures):
    words = ("--model", "eye", "--augment", "crop=1,mixup", "--epochs", 4, "-q")
    assert run("train", pictures, *words, "--out", "whole").code == 0
    assert run("train", pictures, *words, "--out", "parts", "--stop-after", 2).code == 0
    assert run("train", "--resume", "parts", "-q").code == 0
    whole, parts = Path("whole/model.safetensors"), Path("parts/model.safetensors")
    assert whole.read_bytes() == parts.read_bytes()


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_augmentation_changes_images(name):
    x = np.random.default_rng(0).normal(size=(8, 1, 16, 16)).astype(np.float32)
    transform = transform_of((name,), 4)
    changed, _ = transform(x.copy(), np.arange(8) % 4, np.random.default_rng(0))
    assert changed.shape == x.shape and changed.dtype == np.float32
    assert not np.array_equal(changed, x)


def test_an_unknown_augmentation(run):
    outcome = run("train", "mnist", "--augment", "flop")
    assert outcome.code == 2 and "did you mean 'flip'" in outcome.err


def test_rows_are_not_augmented_as_images(run):
    with pytest.raises(PellucidError, match="images"):
        transform_of(("flip",), 3)(np.zeros((4, 3), np.float32), None, np.random.default_rng(0))
    outcome = run("train", "iris", "--augment", "flip", "--epochs", 1)
    assert outcome.code == 2, outcome.out
    assert "'mlp' takes rows of numbers here" in outcome.err


def test_a_network_of_images_needs_images(run, pictures):
    outcome = run("train", "iris", "--model", "eye")
    assert outcome.code == 2 and "'eye' does not go with rows of numbers" in outcome.err
