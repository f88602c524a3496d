"""Train a small network on the two moons and draw the line that it finds between them.

`fit` does the training; the picture shows the probability of class 1 all over the plane, the
boundary where it is one half, and how loss and accuracy went.

Run it:  python examples/two_moons_boundary.py [picture.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import data, nn, training
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError


class Result(NamedTuple):
    """The trained network, the data it was trained on, and its curves."""

    net: nn.Module
    moons: data.Dataset
    history: training.History


def train(epochs: int = 60, seed: int = 0) -> Result:
    """Train 2-16-16-2 with tanh units and Adam; everything random comes from `seed`."""
    rng = np.random.default_rng(seed)
    moons = data.load("moons", rng=rng)
    net = nn.Sequential(
        nn.Linear(2, 16, rng=rng),
        nn.Tanh(),
        nn.Linear(16, 16, rng=rng),
        nn.Tanh(),
        nn.Linear(16, 2, rng=rng),
    )
    history = training.fit(
        net,
        moons.train,
        validation=moons.test,
        optimizer="adam",
        lr=0.01,
        epochs=epochs,
        progress="none",
        rng=rng,
    )
    return Result(net, moons, history)


def probabilities(net: nn.Module, low: Array, high: Array, points: int = 200) -> tuple[Array, ...]:
    """Return a grid x (points,), y (points,) and P(class 1) on it, (points, points)."""
    x = np.linspace(low[0], high[0], points, dtype=np.float32)
    y = np.linspace(low[1], high[1], points, dtype=np.float32)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)  # (points², 2)
    p = training.predict_proba(net, plane)[:, 1]
    return x, y, p.reshape(points, points)


def draw(result: Result, path: Path) -> None:
    """Save the picture; the suffix of `path` chooses the format. Needs matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error

    samples = result.moons.train
    low, high = samples.x.min(axis=0) - 0.4, samples.x.max(axis=0) + 0.4
    x, y, p = probabilities(result.net, low, high)

    figure = Figure(figsize=(10, 4), layout="constrained")
    plane, curves = figure.subplots(1, 2, width_ratios=(3, 2))
    plane.contourf(x, y, p, levels=np.linspace(0, 1, 21), cmap="coolwarm", alpha=0.8)
    plane.contour(x, y, p, levels=[0.5], colors="black", linewidths=1.5)
    for label, marker in ((0, "o"), (1, "^")):
        points = samples.x[samples.y == label]
        plane.scatter(*points.T, s=12, marker=marker, c="white", edgecolors="black", lw=0.5)
    plane.set(title="P(class 1); the line is where it is ½", xlabel="$x_1$", ylabel="$x_2$")

    epochs = np.arange(1, len(result.history) + 1)
    for name, style in (
        ("loss", "-"),
        ("val_loss", "--"),
        ("accuracy", "-"),
        ("val_accuracy", "--"),
    ):
        curves.plot(epochs, result.history[name], style, label=name)
    curves.set(title="training", xlabel="epoch", ylim=(0, 1.05))
    curves.legend()
    figure.savefig(path, dpi=120)


def main(arguments: list[str] | None = None) -> None:
    """Train, print how well, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="A network between two moons.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the result")
    picture = parser.parse_args(arguments).picture

    result = train()
    print(result.net)
    for epoch in (1, 2, 5, 10, 20, len(result.history)):
        row = result.history.row(epoch)
        print(
            f"epoch {epoch:>3}   loss {row['loss']:.4f}   accuracy {row['accuracy']:.3f}"
            f"   on unseen points: loss {row['val_loss']:.4f}, accuracy {row['val_accuracy']:.3f}"
        )
    if picture is not None:
        draw(result, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
