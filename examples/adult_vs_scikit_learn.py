"""Predict from census data who earns more than $50,000, beside scikit-learn's MLPClassifier.

The "Adult" data set: 32,561 people to learn from and 16,281 to be tested on, six numbers and eight
categories each, some missing. `data.load` reads the two files as they were published, finds out
what the columns hold, and standardises and encodes them by the training rows.

Pellucid and scikit-learn get the same arrays and the same settings: 64 hidden ReLU units, one
output, Adam at 0.001, batches of 128, no penalty. Equal settings do not mean equal numbers, because
each draws its own initial weights and batches. Always answering "no" is right for 76.4 %.

The files adult-train.csv.gz and adult-test.csv.gz (from adult.data and adult.test at
https://archive.ics.uci.edu/dataset/2/adult) are looked for in the folder adult/ under the one that
the environment variable PELLUCID_DATA names.

Run it:  python examples/adult_vs_scikit_learn.py [--data FOLDER]
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import data, nn, training

HIDDEN = 64
RATE = 1e-3
BATCH = 128
EPOCHS = 8


class Score(NamedTuple):
    """Test accuracy, area under the ROC curve, and seconds of training."""

    accuracy: float
    roc_auc: float
    seconds: float


def load(folder: Path) -> data.Dataset:
    """Read the training and the test file; the last column is the target."""
    return data.load(folder / "adult-train.csv.gz", target=-1, test=folder / "adult-test.csv.gz")


def with_pellucid(adult: data.Dataset, epochs: int = EPOCHS, seed: int = 0) -> Score:
    """Train and test; a network with a single output gets binary cross-entropy."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Linear(adult.num_features, HIDDEN, rng=rng), nn.ReLU(), nn.Linear(HIDDEN, 1, rng=rng)
    )
    start = time.perf_counter()
    training.fit(
        net, adult.train, lr=RATE, batch_size=BATCH, epochs=epochs, progress="none", rng=rng
    )
    seconds = time.perf_counter() - start
    found = training.evaluate(net, adult.test, metrics="roc_auc")
    return Score(found["accuracy"], found["roc_auc"], seconds)


def with_scikit_learn(adult: data.Dataset, epochs: int = EPOCHS, seed: int = 0) -> Score:
    """Train and test MLPClassifier at equal settings."""
    from sklearn.metrics import roc_auc_score
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier(
        hidden_layer_sizes=(HIDDEN,),
        alpha=0.0,
        learning_rate_init=RATE,
        batch_size=BATCH,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        random_state=seed,
    )
    start = time.perf_counter()
    with warnings.catch_warnings():  # it warns that it could go on after the last epoch
        warnings.simplefilter("ignore")
        net.fit(adult.train.x, adult.train.y)
    seconds = time.perf_counter() - start
    area = roc_auc_score(adult.test.y, net.predict_proba(adult.test.x)[:, 1])
    return Score(float(net.score(adult.test.x, adult.test.y)), float(area), seconds)


def main(arguments: list[str] | None = None) -> None:
    """Load the files, train both, and print their results side by side."""
    parser = argparse.ArgumentParser(description="Pellucid and scikit-learn on the Adult data.")
    default = Path(os.environ.get("PELLUCID_DATA", ".")) / "adult"
    parser.add_argument("--data", type=Path, default=default, help="folder of the two files")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args(arguments)

    adult = load(options.data)
    print(adult.summary())
    print("\n                accuracy   ROC AUC   seconds")
    for library, run in (("Pellucid", with_pellucid), ("scikit-learn", with_scikit_learn)):
        score = run(adult, options.epochs)
        print(f"{library:<14}  {score.accuracy:.4f}     {score.roc_auc:.4f}    {score.seconds:.1f}")


if __name__ == "__main__":
    main()
