"""Why dropout: a network that is larger than its data deserve, with and without it.

On 1,000 digits with right labels, 256 + 256 hidden units do no harm, and dropout does no good. When
every fifth label is wrong, the network learns the wrong ones by heart; with dropout, where no unit
can rely on another one, it can not, and unseen digits are recognised much better.

Run it:  python examples/why/dropout.py [figure.png]
"""

from __future__ import annotations

from comparison import (
    Results,
    command_line,
    draw_curves,
    new_figure,
    save,
    table,
    train_all,
    with_wrong_labels,
)

from pellucid import data, models, training

SEEDS = 3
EPOCHS = 40
RATES = (0.0, 0.2, 0.5)
WRONG = (0.0, 0.2)


def run(rate: float, wrong: float, seed: int) -> training.History:
    """Train on 1,000 digits with a dropout rate and a share of wrong labels."""
    digits = data.load("digits")
    net = models.MLP(64, (256, 256), 10, dropout=rate, rng=seed)
    return training.fit(
        net,
        with_wrong_labels(digits.train[:1000], wrong, 10, seed),
        validation=digits.test,
        lr=1e-3,
        epochs=EPOCHS,
        batch_size=32,
        progress="none",
        rng=seed,
    )


def compare(wrong: float, seeds: int = SEEDS) -> Results:
    """Train with every rate from every seed."""
    return train_all(
        {f"dropout {rate:g}": lambda seed, rate=rate: run(rate, wrong, seed) for rate in RATES},
        seeds,
    )


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    found = {f"{share:.0%} wrong labels": compare(share) for share in WRONG}
    for title, results in found.items():
        print(f"{title}\n{table(results, ('loss', 'val_loss', 'val_accuracy'))}\n")
    if path is not None:
        figure, axes = new_figure(2, "Dropout: 1,000 digits, 64-256-256-10")
        for axis, (title, results) in zip(axes, found.items(), strict=True):
            draw_curves(axis, results, "val_accuracy", "accuracy on unseen digits")
            axis.set(title=title, ylim=(0.8, 1.0))
        save(figure, path)


if __name__ == "__main__":
    main()
