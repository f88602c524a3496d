"""Why clip gradients: a recurrent network on sequences of 20 steps.

The adding problem of Hochreiter & Schmidhuber (1997): each step brings a random number and a mark,
which is 1 at two of the steps; the sum of the two marked numbers is wanted. The gradient passes
through 20 products with the same matrix, and now and then it is many times larger than usual. Such
an update throws the network so far off that the next gradient is larger still, and the losses run
away. Clipping shortens a gradient and keeps its direction; the same networks learn.

Run it:  python examples/why/clipping.py [figure.png]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from comparison import COLOURS, LINES, command_line, new_figure, save

import pellucid as pl
from pellucid import losses, nn, optim
from pellucid.dtypes import Array

SEEDS = 3
UPDATES = 1500
LENGTH = 20
BATCH = 32
LIMITS: dict[str, float] = {"not clipped": float("inf"), "norm clipped at ½": 0.5}
WINDOW = 25
LOST = 1e4
"""A gradient of this norm does not come back."""


class Run(NamedTuple):
    """Loss and norm of the gradient at each update."""

    losses: Array
    norms: Array


class Adder(nn.Module):
    """An RNN that reads a sequence and gives one number at its end."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        rng = np.random.default_rng(seed)
        self.rnn = nn.RNN(2, 48, rng=rng)
        self.head = nn.Linear(48, 1, rng=rng)

    def forward(self, x: Array) -> pl.Tensor:
        """Return the sums (N, 1) of sequences (N, T, 2)."""
        states, _ = self.rnn(x)
        total: pl.Tensor = self.head(states[:, -1])
        return total


def draw_batch(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return sequences (N, T, 2) of numbers and marks, and the sums (N, 1)."""
    x = np.zeros((BATCH, LENGTH, 2), np.float32)
    x[..., 0] = rng.random((BATCH, LENGTH))
    rows = np.arange(BATCH)
    for low, high in ((0, LENGTH // 2), (LENGTH // 2, LENGTH)):
        x[rows, rng.integers(low, high, BATCH), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def run(limit: float, seed: int, updates: int = UPDATES) -> Run:
    """Train with SGD and momentum; both runs of a seed see the same batches.

    What comes after a gradient that is beyond hope is NaN.
    """
    net = Adder(seed)
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    batches = np.random.default_rng([seed, 1])
    found = np.full((updates, 2), np.nan)
    for i in range(updates):
        x, y = draw_batch(batches)
        loss = losses.mean_squared_error(net(x), y)
        loss.backward()
        norm = optim.clip_grad_norm(net.parameters(), limit)
        found[i] = loss.item(), float(norm)
        if not norm < LOST:
            break
        optimizer.step()
        optimizer.zero_grad()
    return Run(*found.T)


def smooth(x: Array) -> Array:
    """Return means over WINDOW updates."""
    return np.convolve(x, np.full(WINDOW, 1 / WINDOW), "valid")


def main(arguments: list[str] | None = None) -> None:
    """Print what came out, and draw it if a path is given."""
    path = command_line(__doc__, arguments)
    runs = {name: [run(limit, s) for s in range(SEEDS)] for name, limit in LIMITS.items()}
    print("mean squared error over the last 100 updates, from three seeds")
    for name, each in runs.items():
        ends = [r.losses[-100:].mean() for r in each]
        print(f"{name:<18}", *(f"{e:9.4f}" if np.isfinite(e) else " ran away" for e in ends))
    print("always answering 1 has an error of 0.167")
    if path is not None:
        figure, (norms, curves) = new_figure(2, "Clipping: the adding problem, RNN, 20 steps")
        for (name, each), colour, line in zip(runs.items(), COLOURS, LINES, strict=False):
            norms.plot(each[1].norms, color=colour, lw=0.6, label=name)
            for i, r in enumerate(each):
                label = name if i == 0 else None
                curves.plot(smooth(r.losses), color=colour, ls=line, lw=1, label=label)
        curves.axhline(1 / 6, color="black", lw=0.8, ls=":", label="always answering 1")
        norms.set(yscale="log", xlabel="update", ylabel="norm of the gradient, seed 1")
        curves.set(yscale="log", xlabel="update", ylabel=f"error, mean of {WINDOW} updates")
        norms.legend()
        curves.legend()
        save(figure, path)


if __name__ == "__main__":
    main()
