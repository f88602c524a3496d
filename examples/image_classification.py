"""Classify handwritten digits and small photographs with convolutional networks.

MNIST by a small network of today's parts and by LeNet-5 of 1998; and 4,000 photographs of CIFAR-10,
which are few, with and without augmentation: mirrored, and cut out of a frame of four pixels. The
picture shows the curves, the filters of the first layer, and the worst mistakes.

Run it:  python examples/image_classification.py [picture.png] [--only mnist-cnn]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import pellucid as pl
from pellucid import data, models, nn, training
from pellucid.data import Part, transforms
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError


@dataclass(frozen=True)
class Task:
    """A data set, a model and how long to train it."""

    images: str
    model: str
    epochs: int
    augment: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    lr: float = 2e-3


_WIDE = {"channels": [32, 64, 128], "dropout": 0.4}

TASKS = {
    "mnist-cnn": Task("mnist", "cnn", 5),
    "mnist-lenet5": Task("mnist", "lenet5", 10),
    "cifar-cnn": Task("cifar10-subset", "cnn", 40, options=_WIDE),
    "cifar-cnn-augmented": Task("cifar10-subset", "cnn", 40, augment=True, options=_WIDE),
}


class Result(NamedTuple):
    """A trained network, its data, its curves, and how it does on the test images."""

    net: nn.Module
    images: data.Dataset
    history: training.History
    accuracy: float
    seconds: float


def train(task: Task, seed: int = 0, limit: int | None = None, epochs: int | None = None) -> Result:
    """Train on the first `limit` images, or on all."""
    images = data.load(task.images, flat=False)
    assert images.test is not None
    pl.seed(seed)
    net = models.MODELS[task.model].build(images.input_shape, images.num_outputs, task.options)
    changes = transforms.Compose(transforms.RandomCrop(padding=4), transforms.RandomFlip())
    start = time.perf_counter()
    history = training.fit(
        net,
        images.train if limit is None else images.train[:limit],
        lr=task.lr,
        schedule="cosine",
        epochs=epochs or task.epochs,
        batch_size=64,
        augment=changes if task.augment else None,
        progress="none",
        rng=seed,
    )
    seconds = time.perf_counter() - start
    accuracy = float(training.evaluate(net, images.test)["accuracy"])
    return Result(net, images, history, accuracy, seconds)


def worst(net: nn.Module, part: Part, count: int) -> tuple[Array, Array, Array]:
    """Return the images that the network is most wrong about, what it says, and what they are."""
    p = training.predict_proba(net, part.x)
    y = np.asarray(part.y)
    order = np.argsort(p[np.arange(len(y)), y])[:count]
    return part.x[order], p[order].argmax(axis=1), y[order]


def visible(images: Array) -> Array:
    """Bring images (N, C, H, W) to 0 … 1 as matplotlib draws them, (N, H, W, C)."""
    low, high = (f(images, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    return np.moveaxis((images - low) / np.maximum(high - low, 1e-9), 1, -1)


def draw(results: dict[str, Result], path: Path) -> None:
    """Save a row for each task: curve, filters of the first layer, worst mistakes."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error
    figure = Figure(figsize=(13, 3.4 * len(results)), layout="constrained")
    rows = np.atleast_1d(figure.subfigures(len(results), 1))
    for row, (name, result) in zip(rows, results.items(), strict=True):
        row.suptitle(f"{name}: test accuracy {result.accuracy:.4f}", fontweight="bold")
        left, middle, right = row.subfigures(1, 3, width_ratios=(4, 3, 6))
        curves = left.subplots()
        epochs = np.arange(1, len(result.history) + 1)
        curves.plot(epochs, result.history["accuracy"], color="#0072B2")
        curves.set(xlabel="epoch", ylabel="accuracy in training")
        curves.xaxis.get_major_locator().set_params(integer=True)
        first = next(m for m in result.net.modules() if isinstance(m, nn.Conv2d))
        _show(middle, visible(first.weight.data[:12]), 3, 4, "filters of the first layer")
        assert result.images.test is not None
        wrong, said, true = worst(result.net, result.images.test, 10)
        names = result.images.class_names
        titles = [f"{names[s]}, not {names[t]}" for s, t in zip(said, true, strict=True)]
        _show(right, visible(wrong), 2, 5, "worst mistakes: what it says", titles)
    figure.savefig(path, dpi=100)


def _show(
    figure: Any, images: Array, rows: int, columns: int, title: str, titles: Sequence[str] = ()
) -> None:
    figure.suptitle(title, fontsize=9)
    for i, axis in enumerate(figure.subplots(rows, columns).ravel()):
        axis.axis("off")
        if i < len(images):
            axis.imshow(images[i].squeeze(), cmap="gray")
            if titles:
                axis.set_title(titles[i], fontsize=7)


def main(arguments: list[str] | None = None) -> None:
    """Train, print accuracies and seconds, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="Images classified by convolutional networks.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the results")
    parser.add_argument("--only", action="append", choices=list(TASKS), help="one of the tasks")
    options = parser.parse_args(arguments)
    results = {}
    for name in options.only or TASKS:
        results[name] = train(TASKS[name])
        print(
            f"{name:<20} {results[name].net.num_parameters():>9,} parameters, "
            f"{TASKS[name].epochs:>2} epochs in {results[name].seconds:>4.0f} s: "
            f"test accuracy {results[name].accuracy:.4f}",
            flush=True,
        )
    if options.picture is not None:
        draw(results, options.picture)
        print(f"The picture is in {options.picture}.")


if __name__ == "__main__":
    main()
