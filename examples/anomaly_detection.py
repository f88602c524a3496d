"""Find abnormal heartbeats with a network that has only ever seen normal ones.

An autoencoder learns to squeeze the 140 values of a normal beat through 8 numbers and to give them
again. An abnormal beat does not fit through, and its reconstruction error is large. Nothing is
learnt or chosen on abnormal beats: of the training part's normal beats nine tenths train the
network, and the error that 95 % of the other tenth stay below is the threshold. The test part (a
fifth of the data, stratified, from a fixed seed) holds both kinds and is used only at the end.

ECG5000: Goldberger et al. (2000), in the UCR archive.

Run it:  python examples/anomaly_detection.py [picture.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import data, models, training
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

NORMAL = 1


class Result(NamedTuple):
    """The detector, the beats it was tested on, and how well it told them apart."""

    detector: training.AnomalyDetector
    test: data.Part
    scores: Array
    figures: dict[str, float]


def train(beats: data.Dataset, epochs: int = 60, seed: int = 0) -> training.AnomalyDetector:
    """Train the autoencoder and choose the threshold, on normal beats of the training part."""
    normal = beats.train.x[beats.train.y == NORMAL]
    fitted, held_out = np.split(normal, [len(normal) * 9 // 10])
    net = models.Autoencoder(normal.shape[1:], hidden=64, code=8, rng=seed)
    training.fit(net, fitted, epochs=epochs, batch_size=64, lr=2e-3, progress="none", rng=seed)
    return training.AnomalyDetector(net).fit_threshold(held_out, quantile=0.95)


def judge(detector: training.AnomalyDetector, test: data.Part) -> Result:
    """Measure how well abnormal beats (the positive class) are found."""
    try:
        from sklearn import metrics
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "sklearn", "the measures") from error

    scores = detector.scores(test)
    truth, said = test.y != NORMAL, detector.predict(test)
    figures = {
        "accuracy": float(metrics.accuracy_score(truth, said)),
        "precision": float(metrics.precision_score(truth, said)),
        "recall": float(metrics.recall_score(truth, said)),
        "ROC AUC": float(metrics.roc_auc_score(truth, scores)),
    }
    return Result(detector, test, scores, figures)


def draw(result: Result, path: Path) -> None:
    """Save beats with their reconstructions, and the scores with the threshold."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error

    detector, test, scores = result.detector, result.test, result.scores
    again = training.predict(detector.net, test.x)
    anomalous = test.y != NORMAL
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    grid = figure.add_gridspec(2, 3, height_ratios=(1, 1))
    for row, (name, kind) in enumerate((("normal", ~anomalous), ("anomalous", anomalous))):
        places = np.flatnonzero(kind)
        typical = places[np.argsort(scores[places])[[len(places) // 4, len(places) * 3 // 4]]]
        for column, place in enumerate(typical):
            axes = figure.add_subplot(grid[row, column])
            axes.fill_between(range(140), test.x[place], again[place], color="0.8", lw=0)
            axes.plot(test.x[place], color="#0072B2", label="beat")
            axes.plot(again[place], "--", color="#D55E00", label="reconstruction")
            axes.set(title=f"{name}: error {scores[place]:.3f}", ylim=(-4.5, 3.5))
    figure.axes[0].legend(loc="lower right")
    bins = np.geomspace(scores.min(), scores.max(), 40)
    axes = figure.add_subplot(grid[:, 2])
    axes.hist(scores[~anomalous], bins, color="#0072B2", alpha=0.75, label="normal")
    axes.hist(
        scores[anomalous],
        bins,
        histtype="step",
        color="#D55E00",
        lw=2,
        hatch="//",
        label="anomalous",
    )
    axes.axvline(detector.threshold, color="black", ls=":", label="threshold")
    axes.set(xscale="log", xlabel="reconstruction error", ylabel="beats of the test part")
    axes.legend()
    figure.suptitle("   ".join(f"{name} {value:.3f}" for name, value in result.figures.items()))
    figure.savefig(path, dpi=120)


def main(arguments: list[str] | None = None) -> None:
    """Train, print the figures, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="Abnormal heartbeats by an autoencoder.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the result")
    picture = parser.parse_args(arguments).picture

    beats = data.load("ecg5000", scale="none", rng=0)  # each beat is standardised already
    detector = train(beats)
    result = judge(detector, beats.test)
    print(f"threshold {detector.threshold:.4f}, from {detector.chosen['samples']} normal beats")
    share = np.mean(beats.test.y != NORMAL)
    print(f"{len(beats.test)} beats tested, {share:.1%} of them anomalous:")
    for name, value in result.figures.items():
        print(f"  {name:<10}{value:.4f}")
    if picture is not None:
        draw(result, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
