"""Draw the picture of the README: a network in a glass case, a boundary, and learning curves.

Above, the 2-3-1 network of the XOR tutorial after training, with all its numbers for the input
(0, 1): weights, biases and activations on the way there, their gradients on the way back. Below,
what a small network makes of two spirals, and how another learns to read handwritten digits.
Everything is trained here, from fixed seeds, and drawn by pellucid.pictures.

Run it:  python examples/overview_picture.py [picture.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import pellucid as pl
from pellucid import nn, pictures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLE, TARGET = np.array([0.0, 1.0]), np.array([1.0])


def train_xor() -> nn.Sequential:
    """Train the 2-3-1 network of the tutorial on XOR."""
    rng = np.random.RandomState(42)
    net = nn.Sequential(
        nn.Linear(2, 3, dtype=np.float64), nn.Sigmoid(),
        nn.Linear(3, 1, dtype=np.float64), nn.Sigmoid(),
    )  # fmt: skip
    hidden, output = net[0], net[2]
    for parameter in (hidden.weight, output.weight, hidden.bias, output.bias):
        parameter.data[...] = rng.uniform(size=parameter.shape)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    y = np.array([[0], [1], [1], [0]], float)
    optimizer = pl.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(10_000):
        loss = pl.losses.half_squared_error(net(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return net


def draw_network(forward: Axes, backward: Axes, net: nn.Sequential) -> None:
    """Draw every number of one step: the way there, and the way back."""
    forward.set_title("every number: 2-3-1 on XOR, input (0, 1)")
    backward.set_title("and its gradient")
    names = {"input_names": ["x₀", "x₁"], "numbers": True, "loss": "half_squared_error"}
    pictures.network_diagram(net, SAMPLE, ax=forward, **names)
    pictures.network_diagram(net, SAMPLE, TARGET, backward=True, ax=backward, **names)


def draw_spirals(ax: Axes) -> None:
    """Train on two spirals and draw what is decided all over the plane."""
    spirals = pl.data.load("spirals", classes=2, turns=1.5, rng=0)
    rng = np.random.default_rng(1)
    net = nn.Sequential(
        nn.Linear(2, 32, rng=rng), nn.Tanh(),
        nn.Linear(32, 32, rng=rng), nn.Tanh(),
        nn.Linear(32, 2, rng=rng),
    )  # fmt: skip
    pl.fit(net, spirals.train, lr=0.01, epochs=300, progress="none", rng=2)
    pictures.decision_boundary(net, spirals.train.x, spirals.train.y, resolution=300, ax=ax)
    ax.get_legend().remove()
    ax.set_title("what it learned: two spirals")
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="", aspect="equal")


def draw_digits(ax: Axes) -> None:
    """Train on the digits and draw the accuracies."""
    digits = pl.data.load("digits")
    net = nn.Sequential(nn.Linear(64, 64, rng=0), nn.ReLU(), nn.Linear(64, 10, rng=1))
    history = pl.fit(net, digits.train, validation=digits.test, epochs=20, progress="none", rng=2)
    pictures.learning_curves(history, "accuracy", ax=ax)
    final = history["val_accuracy"][-1]
    ax.set_title(f"how it went: handwritten digits, {final:.1%}", pad=22)


def draw(path: Path) -> None:
    """Train all three and save the picture. Needs matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.4), layout="constrained")
    (forward, backward), (plane, curves) = figure.subplots(2, 2, height_ratios=(1.1, 1))
    draw_spirals(plane)
    draw_digits(curves)
    draw_network(forward, backward, train_xor())
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("picture", nargs="?", type=Path, default=Path("overview.png"))
    path = parser.parse_args().picture
    draw(path)
    print(f"saved {path}")
