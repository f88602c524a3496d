"""One sigmoid unit cannot learn XOR, and ends at "I do not know": 0.5 for all four inputs.

A single unit computes σ(w·x + b): on one side of a straight line it says yes, on the other no. No
line has 01 and 10 on one side and 00 and 11 on the other. Training makes the best of it, and the
best turns out to be w = 0, b = 0:

* There the output is 0.5 everywhere, so the errors p − y are ½, −½, −½, ½. The gradient by w sums
  them over the points where an input is 1, and finds one ½ and one −½ for either input; the
  gradient by b sums all four. Everything is 0: training stops.
* The mean cross-entropy of a single unit is a convex function of w and b, so this one flat place is
  the global minimum. No learning rate, no seed and no patience will find anything better; only a
  hidden layer will (see xor_2_3_1.py).

Run it:  python examples/perceptron_xor.py [picture.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import pellucid as pl
from pellucid import losses, nn, optim
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = np.array([[0.0], [1.0], [1.0], [0.0]])
RATE = 0.1
STEPS = 10_000


class Result(NamedTuple):
    """What training ended with: w (2, 1), b (1,), the four outputs, and the loss of every step."""

    weight: Array
    bias: Array
    outputs: Array
    curve: list[float]


def initial_weight() -> Array:
    """Draw w as the tutorial does; the bias starts at 0."""
    np.random.seed(1)
    return np.random.randn(2, 1)


def with_layers(steps: int = STEPS) -> Result:
    """Train with a layer, a loss and an optimizer; the loss takes logits and owns the sigmoid."""
    unit = nn.Linear(2, 1, dtype=np.float64)
    unit.load_state_dict({"weight": initial_weight(), "bias": np.zeros(1)})
    optimizer = optim.SGD(unit.parameters(), lr=RATE)

    curve = []
    for _ in range(steps):
        logits = unit(INPUTS)
        loss = losses.binary_cross_entropy_with_logits(logits, TARGETS)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        curve.append(loss.item())
    outputs = sigmoid(logits.numpy())
    return Result(unit.weight.numpy(), unit.bias.numpy(), outputs, curve)


def sigmoid(x: Any) -> Any:
    """The tutorial's own sigmoid."""
    return 1 / (1 + np.exp(-x))


def with_numpy(steps: int = STEPS) -> Result:
    """Train a plain NumPy formula; its gradient is recorded, not derived by hand."""
    w = pl.Tensor(initial_weight(), requires_grad=True)
    b = pl.Tensor(np.zeros(1), requires_grad=True)

    curve = []
    for _ in range(steps):
        outputs = sigmoid(np.dot(INPUTS, w) + b)
        loss = -np.mean(TARGETS * np.log(outputs) + (1 - TARGETS) * np.log(1 - outputs))
        slope_w, slope_b = pl.gradients(loss, [w, b])
        w.data -= RATE * slope_w
        b.data -= RATE * slope_b
        curve.append(loss.item())
    return Result(w.numpy(), b.numpy(), outputs.numpy(), curve)


def draw(result: Result, path: Path) -> None:
    """Save a picture: what the unit says about the plane, and the four points that it cannot part.

    Parameters
    ----------
    result : Result
        A trained unit.
    path : Path
        Where to; the suffix chooses the format. Needs matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error

    ticks = np.linspace(-0.5, 1.5, 101)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1)  # (101, 101, 2)
    shades = sigmoid(plane @ result.weight + result.bias)[..., 0]

    figure = Figure(figsize=(5.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    colours = axes.pcolormesh(ticks, ticks, shades, cmap="coolwarm", vmin=0, vmax=1, shading="auto")
    figure.colorbar(colours, label="output of the unit")
    for value, marker in ((0, "o"), (1, "^")):
        points = INPUTS[TARGETS[:, 0] == value]
        axes.scatter(*points.T, s=140, c="white", edgecolors="black", marker=marker, zorder=2,
                     label=f"target {value}")  # fmt: skip
    for point, output in zip(INPUTS, result.outputs[:, 0], strict=True):
        axes.annotate(f"{output:.3f}", point, xytext=(0, 12), textcoords="offset points",
                      ha="center")  # fmt: skip
    axes.set(title="One unit on XOR: no line parts ▲ from ●", xlabel="$x_1$", ylabel="$x_2$")
    axes.legend(loc="center")
    figure.savefig(path, dpi=120)


def main(arguments: list[str] | None = None) -> None:
    """Train both ways, print where they end, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="A single unit on XOR.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the result")
    picture = parser.parse_args(arguments).picture

    layers, formula = with_layers(), with_numpy()
    print("step     mean cross-entropy")
    for step in (0, 10, 100, 1000, STEPS - 1):
        print(f"{step:>5}    {layers.curve[step]:.12f}")
    print(f"ln 2     {np.log(2):.12f}   what always saying 0.5 costs\n")

    print("inputs   target   layer            NumPy formula")
    for row, target, a, b in zip(INPUTS, TARGETS, layers.outputs, formula.outputs, strict=True):
        print(f"{row[0]:.0f} {row[1]:.0f}      {target[0]:.0f}        ", end="")
        print(f"{a[0]:.12f}   {b[0]:.12f}")

    print(
        f"\nw = {layers.weight.ravel()}, b = {layers.bias.item():.1e}: the unit ignores its inputs."
    )
    print("This is the best that one unit can do: no straight line parts 01, 10 from 00, 11.")
    if picture is not None:
        draw(layers, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
