"""Why initialise with care: ten layers deep, three ways to begin.

A signal that shrinks by half in each layer is a thousandth after ten, one that doubles is a
thousandfold. He's initial weights keep its size through layers of ReLU: N(0, 2 / inputs). Weights
that are too small leave nothing to learn from, weights that are too large give losses in the
millions that the first steps do not recover from.

Run it:  python examples/why/initialisation.py [figure.png]
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
from pellucid import data, models, nn, training
from pellucid.dtypes import Array

SEEDS = 3
EPOCHS = 20
DEPTH = 10
WIDTH = 64
STARTS = {
    "He normal": nn.init.HeNormal(),
    "normal, std 0.01": nn.init.Normal(0.01),
    "normal, std 0.5": nn.init.Normal(0.5),
}


def network(start: nn.init.Initializer, seed: int) -> models.MLP:
    """Ten layers of ReLU with these initial weights."""
    return models.MLP(64, (WIDTH,) * DEPTH, 10, weight_init=start, rng=seed)


def signal(start: nn.init.Initializer, seed: int = 0) -> Array:
    """Return how large the values are after each hidden layer before training, (DEPTH,)."""
    x = data.load("digits").train.x[:256]
    sizes = []
    with pl.no_grad():
        for layer in network(start, seed):
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                sizes.append(float(np.sqrt((x.data**2).mean())))
    return np.array(sizes)


def run(start: nn.init.Initializer, seed: int) -> training.History:
    """Train with SGD and momentum, which does not make up for a bad start as Adam does."""
    digits = data.load("digits")
    net = network(start, seed)
    return training.fit(
        net,
        digits.train,
        validation=digits.test,
        optimizer=pl.optim.SGD(net.parameters(), lr=0.01, momentum=0.9),
        grad_clip=1.0,  # or the largest start would end in infinities at once
        epochs=EPOCHS,
        batch_size=32,
        progress="none",
        rng=seed,
    )


def compare(seeds: int = SEEDS) -> Results:
    """Train from every start and every seed."""
    return train_all(
        {name: lambda seed, start=start: run(start, seed) for name, start in STARTS.items()}, seeds
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    results = compare()
    print(table(results, ("loss", "val_loss", "val_accuracy")))
    for name, start in STARTS.items():
        sizes = signal(start)
        print(f"{name}: size of the values after layer 1 {sizes[0]:.2g}, after 10 {sizes[-1]:.2g}")
    if path is not None:
        figure, (sizes, curves) = new_figure(2, "Initial weights: digits, ten layers of 64 ReLU")
        for (name, start), colour, line in zip(STARTS.items(), COLOURS, LINES, strict=False):
            layers = np.arange(1, DEPTH + 1)
            sizes.plot(layers, signal(start), color=colour, ls=line, marker="o", ms=4, label=name)
        sizes.set(yscale="log", xlabel="hidden layer", ylabel="root mean square before training")
        sizes.grid(alpha=0.3)
        sizes.legend()
        draw_curves(curves, results, "val_accuracy", "accuracy on unseen digits")
        save(figure, path)


if __name__ == "__main__":
    main()
