"""Why schedules: a rate that is high at first and low at the end.

A constant high rate learns fast and then bounces about; a constant low one is slow. A schedule that
goes from high to low, along a cosine or a line, does both, one after the other.

Run it:  python examples/why/schedules.py [figure.png]
"""

from __future__ import annotations

import numpy as np
from comparison import (
    COLOURS,
    LINES,
    Results,
    command_line,
    draw_curves,
    new_figure,
    save,
    table,
    train_all,
)

import pellucid as pl
from pellucid import data, models, training

SEEDS = 5
EPOCHS = 15
BATCH = 16
VARIANTS: dict[str, tuple[float, str | None]] = {
    "constant 0.02": (0.02, None),
    "constant 0.001": (0.001, None),
    "cosine from 0.02": (0.02, "cosine"),
    "linear from 0.02": (0.02, "linear"),
}


def run(lr: float, schedule: str | None, seed: int) -> training.History:
    """Train 64-64-10 with Adam."""
    digits = data.load("digits")
    net = models.MLP(64, 64, 10, rng=seed)
    optimizer = pl.optim.Adam(net.parameters(), lr=lr)
    steps = EPOCHS * -(-len(digits.train) // BATCH)
    return training.fit(
        net,
        digits.train,
        validation=digits.test,
        optimizer=optimizer,
        schedule=None
        if schedule is None
        else pl.optim.make_schedule(schedule, optimizer, total_steps=steps),
        epochs=EPOCHS,
        batch_size=BATCH,
        progress="none",
        rng=seed,
    )


def compare(seeds: int = SEEDS) -> Results:
    """Train with every schedule from every seed."""
    return train_all(
        {name: lambda seed, how=how: run(*how, seed) for name, how in VARIANTS.items()}, seeds
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    results = compare()
    print(table(results, ("loss", "val_loss", "val_accuracy")))
    if path is not None:
        figure, (rates, losses) = new_figure(2, "Schedules: digits, 64-64-10, Adam")
        for (name, histories), colour, line in zip(results.items(), COLOURS, LINES, strict=False):
            epochs = np.arange(1, EPOCHS + 1)
            rates.plot(epochs, histories[0]["lr"], color=colour, ls=line, label=name)
        rates.set(xlabel="epoch", ylabel="learning rate after the epoch")
        rates.legend()
        draw_curves(losses, results, "val_loss", "loss on unseen digits")
        losses.set_yscale("log")
        save(figure, path)


if __name__ == "__main__":
    main()
