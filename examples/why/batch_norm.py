"""Why normalise: a deep network of sigmoids, with and without batch normalisation.

Six layers of sigmoids hardly learn: their slope is at most a quarter, so that gradients shrink by
more than that in each layer. With batch normalisation in front of each sigmoid the values stay
where its slope is largest, and the same network learns with any of three learning rates.

Run it:  python examples/why/batch_norm.py [figure.png]
"""

from __future__ import annotations

from comparison import Results, command_line, draw_curves, new_figure, save, table, train_all

import pellucid as pl
from pellucid import data, nn, training

SEEDS = 3
EPOCHS = 20
DEPTH = 6
WIDTH = 64
RATES = (0.01, 0.1, 1.0)


def network(normalise: bool, seed: int) -> nn.Sequential:
    """Six layers of sigmoids, each with batch normalisation in front or not."""
    pl.seed(seed)
    layers: list[nn.Module] = []
    for _ in range(DEPTH):
        layers.append(nn.Linear(None, WIDTH))
        if normalise:
            layers.append(nn.BatchNorm1d(WIDTH))
        layers.append(nn.Sigmoid())
    return nn.Sequential(*layers, nn.Linear(WIDTH, 10))


def run(normalise: bool, rate: float, seed: int) -> training.History:
    """Train with SGD at a learning rate."""
    digits = data.load("digits")
    net = network(normalise, seed)
    net(digits.train.x[:2])  # settles the size of the input
    return training.fit(
        net,
        digits.train,
        validation=digits.test,
        optimizer=pl.optim.SGD(net.parameters(), lr=rate, momentum=0.9),
        epochs=EPOCHS,
        batch_size=32,
        progress="none",
        rng=seed,
    )


def compare(normalise: bool, seeds: int = SEEDS) -> Results:
    """Train with every learning rate from every seed."""
    return train_all(
        {f"lr {rate:g}": lambda seed, rate=rate: run(normalise, rate, seed) for rate in RATES},
        seeds,
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    found = {
        "without batch normalisation": compare(False),
        "with batch normalisation": compare(True),
    }
    for title, results in found.items():
        print(f"{title}\n{table(results, ('loss', 'val_loss', 'val_accuracy'))}\n")
    if path is not None:
        figure, axes = new_figure(2, "Batch normalisation: digits, six layers of 64 sigmoids, SGD")
        for axis, (title, results) in zip(axes, found.items(), strict=True):
            draw_curves(axis, results, "val_accuracy", "accuracy on unseen digits")
            axis.set(title=title, ylim=(0, 1.02))
        save(figure, path)


if __name__ == "__main__":
    main()
