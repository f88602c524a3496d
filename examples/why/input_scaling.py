"""Why scale the inputs: chemistry of wines in raw units and standardised.

One of the 13 measurements is around 750, another around 0.4. In raw units the loss is a canyon,
steep across and flat along, which no single learning rate suits. Standardised, each measurement has
mean 0 and standard deviation 1, and the same network learns within a few epochs.

Run it:  python examples/why/input_scaling.py [figure.png]
"""

from __future__ import annotations

import numpy as np
from comparison import Results, command_line, draw_curves, new_figure, save, table, train_all

import pellucid as pl
from pellucid import data, models, training

SEEDS = 5
EPOCHS = 40


def run(scaled: bool, seed: int) -> training.History:
    """Train 13-16-3 with SGD on scaled or raw measurements."""
    wine = data.load("wine", scale="features" if scaled else "none")
    net = models.MLP(13, 16, 3, rng=seed)
    return training.fit(
        net,
        wine.train,
        validation=wine.test,
        optimizer=pl.optim.SGD(net.parameters(), lr=0.01, momentum=0.9),
        grad_clip=1.0,
        epochs=EPOCHS,
        batch_size=16,
        progress="none",
        rng=seed,
    )


def compare(seeds: int = SEEDS) -> Results:
    """Train on both from every seed."""
    return train_all(
        {
            "raw units": lambda seed: run(False, seed),
            "standardised": lambda seed: run(True, seed),
        },
        seeds,
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    results = compare()
    raw = data.load("wine", scale="none").train.x
    low, high = np.abs(raw).mean(axis=0).min(), np.abs(raw).mean(axis=0).max()
    print(f"mean sizes of the measurements: from {low:.2g} to {high:.3g}")
    print(table(results, ("loss", "val_loss", "val_accuracy")))
    if path is not None:
        figure, (losses, accuracies) = new_figure(2, "Input scaling: wine, 13-16-3, SGD")
        draw_curves(losses, results, "loss", "training loss")
        losses.set_yscale("log")
        draw_curves(accuracies, results, "val_accuracy", "accuracy on unseen wines")
        save(figure, path)


if __name__ == "__main__":
    main()
