"""Learn the digits 5–9 from few images, with features that were learned on the digits 0–4.

A convolutional network learns to tell 0–4 apart from all their images. Then its convolutions are
frozen, and only a new last layer learns 5–9, from 10, 30 or 100 images a class. Next to it the same
network learns 5–9 from the same images from scratch, and a third one goes on training everything
from the learned start (fine-tuning).

Run it:  python examples/transfer_learning.py [accuracies.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from pellucid import data, nn, training
from pellucid.data import Part
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

Way: TypeAlias = Literal["frozen features", "fine-tuned", "from scratch"]
WAYS: tuple[Way, ...] = ("frozen features", "fine-tuned", "from scratch")
COUNTS = (10, 30, 100)
SEEDS = 3
EPOCHS = 30
SIZE = 32 * 7 * 7
"""Numbers that the features make of an image."""
COLOURS = ("#0072B2", "#009E73", "#D55E00")
MARKERS = ("o", "s", "^")


class Halves(NamedTuple):
    """MNIST in two parts of five digits each, labelled 0 … 4."""

    source: Part
    source_test: Part
    target: Part
    target_test: Part


def load(limit: int | None = None) -> Halves:
    """Load MNIST as images and cut it by digit; `limit` takes the first training images only."""
    digits = data.load("mnist", flat=False)
    assert digits.test is not None

    def of(part: Part, low: int) -> Part:
        y = np.asarray(part.y)
        chosen = np.flatnonzero((y >= low) & (y < low + 5))
        return Part(part.x[chosen], y[chosen] - low)

    train = digits.train if limit is None else digits.train[:limit]
    return Halves(of(train, 0), of(digits.test, 0), of(train, 5), of(digits.test, 5))


def features(rng: np.random.Generator) -> nn.Sequential:
    """Two convolutions that make 32 × 7 × 7 numbers of an image."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, rng=rng),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, rng=rng),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


def few(part: Part, count: int, rng: np.random.Generator) -> Part:
    """Choose so many images of each class at random."""
    y = np.asarray(part.y)
    chosen = [rng.choice(np.flatnonzero(y == label), count, replace=False) for label in range(5)]
    rows = rng.permutation(np.concatenate(chosen))
    return Part(part.x[rows], y[rows])


def train(net: nn.Module, part: Part, epochs: int, seed: int, lr: float = 2e-3) -> None:
    """Train what is not frozen."""
    training.fit(
        net,
        part,
        lr=lr,
        schedule="cosine",
        epochs=epochs,
        batch_size=64 if len(part) > 1000 else 16,
        progress="none",
        rng=seed,
    )


def accuracy(net: nn.Module, part: Part) -> float:
    """Return the share of images whose digit is found."""
    return float(training.evaluate(net, part)["accuracy"])


def learn_source(halves: Halves, epochs: int = 2, seed: int = 0) -> tuple[dict[str, Array], float]:
    """Learn 0–4; return the features' state, and the accuracy on test images."""
    body = features(np.random.default_rng(seed))
    net = nn.Sequential(body, nn.Linear(SIZE, 5, rng=seed))
    train(net, halves.source, epochs, seed)
    return body.state_dict(), accuracy(net, halves.source_test)


def transfer(halves: Halves, learned: dict[str, Array], way: Way, count: int, seed: int) -> float:
    """Learn the new digits in one of the ways; return the accuracy on their test images."""
    rng = np.random.default_rng([seed, count])
    part, test = few(halves.target, count, rng), halves.target_test
    body, head = features(rng), nn.Linear(SIZE, 5, rng=rng)
    if way == "frozen features":
        # What is frozen gives the same numbers each time: they are computed once, and batch
        # normalisation keeps the statistics of 0–4.
        body.load_state_dict(learned)
        seen, unseen = (Part(training.predict(body, p.x), p.y) for p in (part, test))
        train(head, seen, EPOCHS, seed)
        return accuracy(head, unseen)
    if way == "fine-tuned":
        body.load_state_dict(learned)
    net = nn.Sequential(body, head)
    train(net, part, EPOCHS, seed, lr=5e-4 if way == "fine-tuned" else 2e-3)
    return accuracy(net, test)


def draw(results: dict[Way, dict[int, list[float]]], path: Path) -> None:
    """Save a picture of accuracy by number of images."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axis = figure.subplots()
    for (way, by_count), colour, marker in zip(results.items(), COLOURS, MARKERS, strict=True):
        means = [np.mean(found) for found in by_count.values()]
        low = [min(found) for found in by_count.values()]
        high = [max(found) for found in by_count.values()]
        axis.fill_between(list(by_count), low, high, color=colour, alpha=0.2, lw=0)
        axis.plot(list(by_count), means, marker=marker, color=colour, label=way)
    axis.set(
        xscale="log", xlabel="images of each of the digits 5–9", ylabel="accuracy on test images",
        title="What was learned on 0–4 helps with 5–9", xticks=COUNTS, xticklabels=COUNTS,
    )  # fmt: skip
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(path, dpi=120)


def main(arguments: list[str] | None = None) -> None:
    """Learn 0–4, then 5–9 in three ways; print the accuracies and draw them if asked to."""
    parser = argparse.ArgumentParser(description="Features of some digits, used for others.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the result")
    picture = parser.parse_args(arguments).picture
    halves = load()
    learned, found = learn_source(halves)
    print(f"0–4 from {len(halves.source):,} images: {found:.4f}")
    results: dict[Way, dict[int, list[float]]] = {
        way: {
            count: [transfer(halves, learned, way, count, seed) for seed in range(SEEDS)]
            for count in COUNTS
        }
        for way in WAYS
    }
    print(f"5–9, mean of {SEEDS} choices of images" + "".join(f"{count:>10}" for count in COUNTS))
    for way, by_count in results.items():
        cells = "".join(f"{np.mean(found):>10.4f}" for found in by_count.values())
        print(f"{way:<34}{cells}")
    if picture is not None:
        draw(results, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
