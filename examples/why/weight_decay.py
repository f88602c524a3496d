"""Why L1 and L2: a price on large weights, where every fifth label is wrong.

Without a price the network learns the wrong labels by heart. L2 keeps all weights small, L1 sets
many of them to nearly zero, so that it also shows which inputs are not needed.

Run it:  python examples/why/weight_decay.py [figure.png]
"""

from __future__ import annotations

import numpy as np
from comparison import (
    COLOURS,
    Results,
    command_line,
    draw_curves,
    new_figure,
    save,
    table,
    train_all,
    with_wrong_labels,
)

from pellucid import data, models, optim, training
from pellucid.dtypes import Array

SEEDS = 3
EPOCHS = 40
PENALTIES: dict[str, dict[str, float]] = {
    "none": {},
    "L2, λ = 0.01": {"weight_decay": 0.01},
    "L1, λ = 0.0005": {"l1": 0.0005},
}


def run(penalty: dict[str, float], seed: int) -> tuple[training.History, Array]:
    """Train on 1,000 digits with a penalty; return history and the first layer's weights."""
    digits = data.load("digits")
    net = models.MLP(64, (256, 256), 10, rng=seed)
    history = training.fit(
        net,
        with_wrong_labels(digits.train[:1000], 0.2, 10, seed),
        validation=digits.test,
        optimizer=optim.Adam(net.parameters(), lr=1e-3, **penalty),
        epochs=EPOCHS,
        batch_size=32,
        progress="none",
        rng=seed,
    )
    return history, net[0].weight.data


def compare(seeds: int = SEEDS) -> tuple[Results, dict[str, Array]]:
    """Train with every penalty from every seed; the weights are those of the last seed."""
    weights: dict[str, Array] = {}

    def variant(name: str, seed: int) -> training.History:
        history, weights[name] = run(PENALTIES[name], seed)
        return history

    results = train_all(
        {name: lambda seed, name=name: variant(name, seed) for name in PENALTIES}, seeds
    )
    return results, weights


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    results, weights = compare()
    print(table(results, ("loss", "val_loss", "val_accuracy")))
    for name, weight in weights.items():
        small = float((np.abs(weight) < 1e-3).mean())
        print(f"{name}: {small:.0%} of the first layer's weights are below 0.001")
    if path is not None:
        figure, (curves, sizes) = new_figure(2, "L1 and L2: 1,000 digits, every fifth label wrong")
        draw_curves(curves, results, "val_accuracy", "accuracy on unseen digits")
        bins = np.logspace(-6, 0, 49)
        for (name, weight), colour in zip(weights.items(), COLOURS, strict=False):
            sizes.hist(
                np.abs(weight).ravel(), bins, histtype="step", lw=2, color=colour, label=name
            )
        sizes.set(xscale="log", xlabel="size of a weight of the first layer", ylabel="weights")
        sizes.legend()
        save(figure, path)


if __name__ == "__main__":
    main()
