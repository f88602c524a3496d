"""Why early stopping: the best network is not the last one.

Every fifth label is wrong. At first the network learns what digits look like; later it learns the
wrong labels by heart, and the loss on unseen digits rises. Early stopping watches digits that are
held out, stops when they get no better, and goes back to the best weights. What it is judged by
here are others, which neither training nor stopping has seen.

Run it:  python examples/why/early_stopping.py [figure.png]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from comparison import command_line, new_figure, save, with_wrong_labels

from pellucid import data, models, training

SEEDS = 5
EPOCHS = 60
PATIENCE = 8


class Outcome(NamedTuple):
    """One training to the end, and the same with early stopping."""

    history: training.History
    stopped_after: int
    accuracy_at_end: float
    accuracy_stopped: float


def run(seed: int) -> Outcome:
    """Train twice from one seed, without and with early stopping."""
    digits = data.load("digits")
    noisy = with_wrong_labels(digits.train[:1000], 0.2, 10, seed)
    held_out = with_wrong_labels(digits.train[1000:1400], 0.2, 10, seed + 1000)

    def train(*callbacks: training.Callback) -> tuple[training.History, float]:
        net = models.MLP(64, (256, 256), 10, rng=seed)
        history = training.fit(
            net,
            noisy,
            validation=held_out,
            lr=1e-3,
            epochs=EPOCHS,
            batch_size=32,
            callbacks=callbacks,
            progress="none",
            rng=seed,
        )
        return history, float(training.evaluate(net, digits.test)["accuracy"])

    whole, at_end = train()
    short, stopped = train(training.EarlyStopping(PATIENCE))
    return Outcome(whole, len(short), at_end, stopped)


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    outcomes = [run(seed) for seed in range(SEEDS)]
    print("seed   after all epochs   stopped early")
    for seed, outcome in enumerate(outcomes):
        print(
            f"{seed:>4}{outcome.accuracy_at_end:>19.4f}{outcome.accuracy_stopped:>16.4f}"
            f"   after epoch {outcome.stopped_after}"
        )
    at_end = np.mean([outcome.accuracy_at_end for outcome in outcomes])
    stopped = np.mean([outcome.accuracy_stopped for outcome in outcomes])
    print(f"mean{at_end:>19.4f}{stopped:>16.4f}")
    if path is not None:
        figure, (losses, bars) = new_figure(2, "Early stopping: digits, every fifth label wrong")
        history = outcomes[0].history
        epochs = np.arange(1, len(history) + 1)
        losses.plot(epochs, history["loss"], color="#0072B2", label="training")
        losses.plot(epochs, history["val_loss"], "--", color="#D55E00", label="held out")
        losses.axvline(
            outcomes[0].stopped_after, color="black", ls=":", label="where it stops, seed 0"
        )
        losses.set(xlabel="epoch", ylabel="loss")
        losses.legend()
        seeds = np.arange(SEEDS)
        bars.bar(
            seeds - 0.2, [o.accuracy_at_end for o in outcomes], 0.4, color="#56B4E9",
            edgecolor="black", label="after all epochs",
        )  # fmt: skip
        bars.bar(
            seeds + 0.2, [o.accuracy_stopped for o in outcomes], 0.4, color="#E69F00",
            edgecolor="black", hatch="//", label="stopped early",
        )  # fmt: skip
        bars.set(xlabel="seed", ylabel="accuracy on unseen digits", ylim=(0.8, 1.05))
        bars.legend(loc="upper right")
        save(figure, path)


if __name__ == "__main__":
    main()
