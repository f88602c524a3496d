"""Draw the picture of the README: a network in a glass case, a boundary, and learning curves.

Left, the 2-3-1 network of the XOR tutorial after training, with its weights, biases and the
activations for the input (0, 1). Middle, what a small network makes of two spirals. Right, how it
learns to read handwritten digits. Everything is trained here, from fixed seeds.

Run it:  python examples/overview_picture.py [picture.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.dtypes import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito (2008): colours that people with any kind of colour vision can tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

SAMPLE = np.array([[0.0, 1.0]])


def train_xor() -> nn.Sequential:
    """Train the 2-3-1 network of the tutorial on XOR."""
    rng = np.random.RandomState(42)
    net = nn.Sequential(
        nn.Linear(2, 3, dtype=np.float64), nn.Sigmoid(), nn.Linear(3, 1, dtype=np.float64)
    )
    hidden, output = net[0], net[2]
    for parameter in (hidden.weight, output.weight, hidden.bias, output.bias):
        parameter.data[...] = rng.uniform(size=parameter.shape)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    y = np.array([[0], [1], [1], [0]], float)
    optimizer = pl.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(10_000):
        loss = pl.losses.half_squared_error(pl.sigmoid(net(x)), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return net


def draw_network(ax: Axes, net: nn.Sequential) -> None:
    """Draw units as circles with their activations, weights as lines with their numbers."""
    hidden, output = net[0], net[2]
    with pl.no_grad():
        a1 = pl.sigmoid(hidden(SAMPLE)).data[0]
        a2 = pl.sigmoid(net(SAMPLE)).data[0]
    layers = [
        [(0.0, 2.4), (0.0, 0.6)],
        [(1.6, 3.0), (1.6, 1.5), (1.6, 0.0)],
        [(3.2, 1.5)],
    ]
    values = [SAMPLE[0], a1, a2]
    biases = [None, hidden.bias.data, output.bias.data]
    for start, end, weight in ((0, 1, hidden.weight.data), (1, 2, output.weight.data)):
        for i, (x0, y0) in enumerate(layers[start]):
            for j, (x1, y1) in enumerate(layers[end]):
                w = weight[i, j]
                colour = BLUE if w > 0 else ORANGE
                ax.plot([x0, x1], [y0, y1], color=colour, lw=0.6 + 0.35 * abs(w), zorder=1)
                t = 0.29 if start == 0 else 0.42  # off the places where the lines cross
                ax.text(
                    x0 + t * (x1 - x0), y0 + t * (y1 - y0), f"{w:.2f}",
                    fontsize=8, ha="center", va="center", color=colour,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                )  # fmt: skip
    for places, numbers, bias in zip(layers, values, biases, strict=True):
        for k, ((x, y), number) in enumerate(zip(places, numbers, strict=True)):
            ax.scatter(x, y, s=1500, color="white", edgecolors="black", zorder=2)
            ax.text(x, y, f"{number:.3g}", ha="center", va="center", fontsize=9, zorder=3)
            if bias is not None:
                ax.text(x, y - 0.56, f"b = {bias[k]:.2f}", ha="center", fontsize=8, color="0.35")
    ax.set(xlim=(-0.5, 3.7), ylim=(-0.85, 3.7))
    ax.set_title("every number: 2-3-1 on XOR, input (0, 1)")
    ax.axis("off")


def draw_spirals(ax: Axes) -> None:
    """Train on two spirals and draw the probability of the second all over the plane."""
    spirals = pl.data.load("spirals", classes=2, turns=1.5, rng=0)
    rng = np.random.default_rng(1)
    net = nn.Sequential(
        nn.Linear(2, 32, rng=rng), nn.Tanh(),
        nn.Linear(32, 32, rng=rng), nn.Tanh(),
        nn.Linear(32, 2, rng=rng),
    )  # fmt: skip
    pl.fit(net, spirals.train, lr=0.01, epochs=300, progress="none", rng=2)
    x, y = spirals.train.x, spirals.train.y
    side = np.linspace(x.min() * 1.1, x.max() * 1.1, 240, dtype=np.float32)
    plane: Array = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)  # (240², 2)
    p = pl.training.predict_proba(net, plane)[:, 1].reshape(240, 240)
    ax.contourf(side, side, p, levels=np.linspace(0, 1, 21), cmap="PuOr_r", alpha=0.85)
    ax.contour(side, side, p, levels=[0.5], colors="black", linewidths=1.2)
    for label, marker in ((0, "o"), (1, "^")):
        ax.scatter(*x[y == label].T, s=10, marker=marker, c="white", edgecolors="black", lw=0.4)
    ax.set_title("what it learned: two spirals")
    ax.set(xticks=[], yticks=[], aspect="equal")


def draw_digits(ax: Axes) -> None:
    """Train on the digits and draw the accuracies."""
    digits = pl.data.load("digits")
    net = nn.Sequential(nn.Linear(64, 64, rng=0), nn.ReLU(), nn.Linear(64, 10, rng=1))
    history = pl.fit(net, digits.train, validation=digits.test, epochs=20, progress="none", rng=2)
    epochs = np.arange(1, len(history) + 1)
    ax.plot(epochs, history["accuracy"], color=BLUE, label="training")
    ax.plot(epochs, history["val_accuracy"], "--", color=ORANGE, label="test")
    final = history["val_accuracy"][-1]
    seconds = sum(history["seconds"])
    ax.set_title(f"how it went: digits, {final:.1%} in {seconds:.1f} s")
    ax.set(xlabel="epoch", ylabel="accuracy", ylim=(None, 1.01))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(alpha=0.3)
    ax.legend(loc="lower right")


def draw(path: Path) -> None:
    """Train all three and save the picture. Needs matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4), layout="constrained")
    network, plane, curves = figure.subplots(1, 3, width_ratios=(4, 3, 4))
    draw_network(network, train_xor())
    draw_spirals(plane)
    draw_digits(curves)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("picture", nargs="?", type=Path, default=Path("overview.png"))
    path = parser.parse_args().picture
    draw(path)
    print(f"saved {path}")
