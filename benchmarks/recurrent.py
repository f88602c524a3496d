"""Time recurrent layers forwards and backwards beside PyTorch's, and beside their plain loop.

A pass is: outputs of a whole batch of sequences, their sum, and the gradients by the input and all
parameters. "plain loop" is the same layer without its fused primitive, one call for every
operation of every step.

    python benchmarks/recurrent.py               # 15 rounds
    python benchmarks/recurrent.py --quick
    python benchmarks/recurrent.py --json | --markdown
"""

# ruff: noqa: D102 - the methods are explained once, in Passes
from __future__ import annotations

import argparse
import contextlib
import json
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from harness import Row, UnavailableError, Worker, as_markdown, as_text, describe, environment
from harness import interleave as measure_in_turn

SIZES = {
    "N=32, T=64, F=64, H=128": (32, 64, 64, 128),
    "N=16, T=24, F=1, H=32": (16, 24, 1, 32),
}
"""Sequences, steps, features and hidden units, by title."""
KINDS = ("RNN", "GRU", "LSTM")
CONTESTANTS = {
    "Pellucid": "Pellucid",
    "PyTorch": "Torch",
    "plain loop": "PlainLoop",
}
"""Classes below, by label."""
SECONDS = 0.15
"""How long one measurement lasts, roughly."""


class Passes(ABC):
    """A library that runs a recurrent layer forwards and backwards."""

    label: ClassVar[str]
    version: str

    def __init__(self) -> None:
        self.version = self.load()

    @abstractmethod
    def load(self) -> str:
        """Import the library and return its version."""

    @abstractmethod
    def build(self, kind: str, features: int, hidden: int, x: np.ndarray) -> None:
        """Make a layer with the weights of :func:`weights`, and its input, ready."""

    @abstractmethod
    def run(self) -> float:
        """Run forwards and backwards, and return the sum of the outputs."""

    def prepare(self, kind: str, size: str) -> list[float]:
        """Get ready, and return the sum of the outputs and the largest gradient of an input."""
        batch, steps, features, hidden = SIZES[size]
        x = np.random.default_rng(0).normal(size=(batch, steps, features)).astype(np.float32)
        self.build(kind, features, hidden, x)
        return [self.run(), self.largest_slope()]

    @abstractmethod
    def largest_slope(self) -> float:
        """Return the largest gradient by the input, in absolute value."""

    def seconds_per_pass(self) -> float:
        """Return the mean over as many passes as fit into :data:`SECONDS`, after one to warm up."""
        self.run()
        start, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - start) < SECONDS:
            self.run()
            count += 1
        return passed / count


def weights(kind: str, features: int, hidden: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return W (F, gates·H), U (H, gates·H) and b (gates·H,), the same for all contestants."""
    rng = np.random.default_rng(1)
    wide = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind] * hidden
    shapes = ((features, wide), (hidden, wide), (wide,))
    w, u, b = (rng.normal(scale=0.1, size=shape).astype(np.float32) for shape in shapes)
    return w, u, b


class Pellucid(Passes):
    """Pellucid's layer as it is."""

    label = "Pellucid"

    def load(self) -> str:
        import pellucid

        self.pl = pellucid
        return f"pellucid {pellucid.__version__}"

    def build(self, kind: str, features: int, hidden: int, x: np.ndarray) -> None:
        from pellucid import nn

        self.layer: Any = getattr(nn, kind)(features, hidden)
        cell = self.layer.layer0
        values = zip(
            (cell.weight, cell.recurrent_weight, cell.bias),
            weights(kind, features, hidden),
            strict=True,
        )
        for parameter, value in values:
            parameter.data[...] = value
        self.x = self.pl.tensor(x, requires_grad=True)

    def run(self) -> float:
        self.x.grad = None
        self.layer.zero_grad()
        output, _ = self.layer(self.x)
        total = output.sum()
        total.backward()
        return float(total.data)

    def largest_slope(self) -> float:
        return float(np.abs(self.x.grad).max())


class PlainLoop(Pellucid):
    """Pellucid's layer without its fused primitive."""

    label = "plain loop"

    def build(self, kind: str, features: int, hidden: int, x: np.ndarray) -> None:
        super().build(kind, features, hidden, x)
        from pellucid.nn.recurrent import RecurrentCell

        cell = self.layer.layer0
        cell.__dict__["unroll"] = lambda z, state: RecurrentCell.unroll(cell, z, state)


class Torch(Passes):
    """PyTorch's layer."""

    label = "PyTorch"

    def load(self) -> str:
        import torch

        self.torch = torch
        return f"torch {torch.__version__}"

    def build(self, kind: str, features: int, hidden: int, x: np.ndarray) -> None:
        torch = self.torch
        self.layer = getattr(torch.nn, kind)(features, hidden, batch_first=True)
        w, u, b = weights(kind, features, hidden)
        with torch.no_grad():
            self.layer.weight_ih_l0.copy_(torch.tensor(w.T))
            self.layer.weight_hh_l0.copy_(torch.tensor(u.T))
            self.layer.bias_ih_l0.copy_(torch.tensor(b))
            self.layer.bias_hh_l0.zero_()
        self.x = torch.tensor(x, requires_grad=True)

    def run(self) -> float:
        self.x.grad = None
        self.layer.zero_grad()
        output, _ = self.layer(self.x)
        total = output.sum()
        total.backward()
        return float(total.detach())

    def largest_slope(self) -> float:
        return float(self.x.grad.abs().max())


def agree(found: dict[str, list[float]]) -> bool:
    """Tell whether all contestants computed the same."""
    values = list(found.values())
    return all(np.allclose(value, values[0], rtol=1e-3, atol=1e-2) for value in values)


def compare(workers: dict[str, Worker], kind: str, size: str, rounds: int) -> list[Row]:
    """Measure one layer at one size.

    Raises
    ------
    RuntimeError
        If the contestants do not compute the same.
    """
    found = {name: w.call("prepare", kind=kind, size=size) for name, w in workers.items()}
    if not agree(found):
        raise RuntimeError(f"{kind}, {size}: the results differ: {found}")
    measures = {
        name: lambda worker=worker: float(worker.call("seconds_per_pass"))
        for name, worker in workers.items()
    }
    times = measure_in_turn(measures, rounds)
    return [Row(name, times[name]) for name in workers]


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="3 rounds")
    parser.add_argument("--rounds", type=int, help="rounds (15)")
    parser.add_argument("--threads", type=int, help="threads of each library (what it chooses)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    options = parser.parse_args(arguments)
    rounds = options.rounds or (3 if options.quick else 15)
    with contextlib.ExitStack() as stack:
        workers: dict[str, Worker] = {}
        absent: list[Row] = []
        for label, name in CONTESTANTS.items():
            try:
                worker = Worker(label, "recurrent", name, options.threads)
            except UnavailableError as error:
                absent.append(Row(label, reason=str(error)))
                continue
            workers[label] = stack.enter_context(worker)
        about = environment([worker.version for worker in workers.values()])
        tables = {
            f"{kind}, {size}": [*compare(workers, kind, size, rounds), *absent]
            for size in SIZES
            for kind in KINDS
        }
    if options.json:
        rows = {title: [vars(row) for row in table] for title, table in tables.items()}
        print(json.dumps({"environment": about, "tables": rows}, indent=1))
        return
    show = as_markdown if options.markdown else as_text
    print("\n\n".join(show(title, table) for title, table in tables.items()))
    print(f"\n{rounds} rounds. {describe(about)}")


if __name__ == "__main__":
    main()
