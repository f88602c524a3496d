"""Squeeze digits into 2, 8 and 32 numbers: an autoencoder next to principal components.

Both are fitted on training images and judged by the mean squared error of test images that were
squeezed and restored. The principal components are the best that can be done with a plane; the
autoencoder may bend it. Hinton & Salakhutdinov (2006). The picture shows where the test images fall
among two numbers, and what some look like after each way through.

Run it:  python examples/dimension_reduction.py [picture.png] [--images 20000] [--epochs 10]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import data, models, training
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

# Okabe & Ito's colours and two greys; each class has its digit written on it as well.
COLOURS = (
    *("#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442"),
    *("#0072B2", "#D55E00", "#CC79A7", "#999999", "#5B3A29"),
)


class Reduced(NamedTuple):
    """Test images in few numbers, and restored from them."""

    codes: Array
    restored: Array
    error: float


def principal_components(train: Array, test: Array, numbers: int) -> Reduced:
    """Project on the directions of largest variance; Pearson (1901)."""
    mean = train.mean(axis=0)
    centred = (train - mean).astype(np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)  # in ascending order of variance
    basis = directions[:, : -numbers - 1 : -1]
    codes = (test - mean) @ basis
    restored = codes @ basis.T + mean
    return Reduced(codes, restored, float(np.mean((restored - test) ** 2)))


def autoencoder(train: Array, test: Array, numbers: int, epochs: int, seed: int = 0) -> Reduced:
    """Learn to squeeze and restore, with two hidden layers each way."""
    net = models.Autoencoder(
        train.shape[1:],
        hidden=(256, 128),
        code=numbers,
        activation="elu",
        output="sigmoid",
        rng=seed,
    )
    training.fit(
        net,
        train,
        loss="mean_squared_error",
        epochs=epochs,
        batch_size=100,
        lr=2e-3,
        schedule="cosine",
        progress="none",
        rng=seed,
    )
    restored = training.predict(net, test)
    codes = np.asarray(training.predict(net.encoder, test))
    return Reduced(codes, restored, float(np.mean((restored - test) ** 2)))


def draw(
    found: dict[str, dict[int, Reduced]], test: Array, labels: Array, path: Path, shown: int = 2000
) -> None:
    """Save the maps of two numbers, and images restored from each number of numbers."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error

    figure = Figure(figsize=(11, 9), layout="constrained")
    maps, images = figure.subfigures(2, 1, height_ratios=(3, 2))
    for axes, (name, reduced) in zip(maps.subplots(1, 2), found.items(), strict=True):
        codes = reduced[2].codes
        for digit, colour in enumerate(COLOURS):
            points = codes[:shown][labels[:shown] == digit]
            axes.scatter(*points.T, s=5, color=colour, lw=0)
            middle = np.median(codes[labels == digit], axis=0)
            axes.text(
                *middle,
                str(digit),
                ha="center",
                va="center",
                bbox={"boxstyle": "circle", "fc": "white", "ec": colour, "lw": 2},
            )
        axes.set(title=f"{name}: two numbers, test error {reduced[2].error:.4f}")
        (left, low), (right, high) = np.quantile(codes, (0.01, 0.99), axis=0)  # not the few far out
        axes.set(xticks=[], yticks=[], xlim=(left, right), ylim=(low, high))
    picks = [int(np.argmax(labels == digit)) for digit in range(10)]
    rows = {"test images": test} | {
        f"{name}, {numbers}": one.restored
        for numbers in next(iter(found.values()))
        for name, one in ((name, reduced[numbers]) for name, reduced in found.items())
    }
    for axes, (name, shown_images) in zip(images.subplots(len(rows), 1), rows.items(), strict=True):
        strip = shown_images[picks].reshape(10, 28, 28).transpose(1, 0, 2).reshape(28, 280)
        axes.imshow(strip, cmap="gray_r", vmin=0, vmax=1)
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
        axes.set(xticks=[], yticks=[])
    figure.savefig(path, dpi=110)


def main(arguments: list[str] | None = None) -> None:
    """Reduce by both ways, print the errors, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="Digits in few numbers.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the result")
    parser.add_argument("--images", type=int, default=20_000, help="images to learn from")
    parser.add_argument("--epochs", type=int, default=10)
    given = parser.parse_args(arguments)

    mnist = data.load("mnist")
    low, high = mnist.train.x.min(), mnist.train.x.max()
    train = (mnist.train.x[: given.images] - low) / (high - low)  # grey values 0 … 1
    test = (mnist.test.x - low) / (high - low)
    found: dict[str, dict[int, Reduced]] = {"principal components": {}, "autoencoder": {}}
    print("numbers   principal components   autoencoder   (mean squared error of test images)")
    for numbers in (2, 8, 32):
        found["principal components"][numbers] = principal_components(train, test, numbers)
        found["autoencoder"][numbers] = autoencoder(train, test, numbers, given.epochs)
        errors = [reduced[numbers].error for reduced in found.values()]
        print(f"{numbers:>7}   {errors[0]:>20.5f}   {errors[1]:>11.5f}")
    if given.picture is not None:
        draw(found, test, mnist.test.y, given.picture)
        print(f"The picture is in {given.picture}.")


if __name__ == "__main__":
    main()
