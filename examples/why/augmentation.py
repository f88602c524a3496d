"""Why augment: few images, and pictures of them that are a little different each time.

A convolutional network learns from 50 images of each of ten digits. Shifted by up to two pixels,
turned by up to fifteen degrees and scaled by up to a tenth, each epoch shows it images that it has
not seen, and that still are the same digits: it recognises more of the unseen ones, and learns more
slowly.

Run it:  python examples/why/augmentation.py [figure.png]
"""

from __future__ import annotations

import numpy as np
from comparison import Results, command_line, draw_curves, new_figure, save, table, train_all

from pellucid import data, nn, training
from pellucid.data import Part, transforms

SEEDS = 3
EPOCHS = 40
IMAGES = 500
UNSEEN = 2000


def network(seed: int) -> nn.Sequential:
    """Make two convolutions and a dense layer."""
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10, rng=rng),
    )


def load() -> tuple[Part, Part]:
    """Return 500 training images and 2,000 others to judge by."""
    digits = data.load("mnist", flat=False)
    assert digits.test is not None
    return digits.train[:IMAGES], digits.test[:UNSEEN]


def run(augment: bool, seed: int, epochs: int = EPOCHS) -> training.History:
    """Train with or without augmentation."""
    train, unseen = load()
    changes = transforms.Compose(
        transforms.RandomRotation(15), transforms.RandomScale(0.9, 1.1), transforms.RandomShift(2)
    )
    return training.fit(
        network(seed),
        train,
        validation=unseen,
        lr=2e-3,
        schedule="cosine",
        epochs=epochs,
        batch_size=32,
        augment=changes if augment else None,
        progress="none",
        rng=seed,
    )


def compare(seeds: int = SEEDS) -> Results:
    """Train in both ways from every seed."""
    return train_all(
        {"as they are": lambda seed: run(False, seed), "augmented": lambda seed: run(True, seed)},
        seeds,
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    results = compare()
    print(table(results, ("loss", "val_loss", "val_accuracy")))
    if path is not None:
        figure, (losses, accuracies) = new_figure(2, "Augmentation: a CNN on 500 digits of MNIST")
        draw_curves(losses, results, "loss", "training loss")
        losses.set_yscale("log")
        draw_curves(accuracies, results, "val_accuracy", "accuracy on unseen digits")
        accuracies.set_ylim(0.85, 1.0)
        save(figure, path)


if __name__ == "__main__":
    main()
