"""Time convolutions forwards and backwards beside PyTorch's eager ones.

A pass is: outputs of a batch, their sum weighted by a fixed array, and the gradients by the input,
the weights and the bias. Each library chooses its own number of threads unless --threads says so.

    python benchmarks/convolution.py               # 15 rounds
    python benchmarks/convolution.py --quick
    python benchmarks/convolution.py --json | --markdown
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

CASES: dict[str, dict[str, Any]] = {
    "1 → 32, 3×3, 28²": {"x": (64, 1, 28, 28), "weight": (32, 1, 3, 3), "padding": 1},
    "16 → 32, 3×3, 14²": {"x": (64, 16, 14, 14), "weight": (32, 16, 3, 3), "padding": 1},
    "32 → 64, 3×3, 26²": {"x": (64, 32, 26, 26), "weight": (64, 32, 3, 3)},
    "64 → 64, 3×3, 8²": {"x": (64, 64, 8, 8), "weight": (64, 64, 3, 3), "padding": 1},
    "3 → 6, 5×5, 32²": {"x": (64, 3, 32, 32), "weight": (6, 3, 5, 5)},
    "depthwise 64, 3×3, 14²": {
        "x": (64, 64, 14, 14), "weight": (64, 1, 3, 3), "padding": 1, "groups": 64
    },
    "64 → 128, 1×1, 14²": {"x": (64, 64, 14, 14), "weight": (128, 64, 1, 1)},
    "transposed 64 → 32, 4×4, stride 2, 7²": {
        "x": (64, 64, 7, 7), "weight": (64, 32, 4, 4), "stride": 2, "padding": 1,
        "transposed": True,
    },
}  # fmt: skip
"""Shapes and settings, by title; the batch is the first number of x."""
CONTESTANTS = {"Pellucid": "Pellucid", "PyTorch": "Torch"}
"""Classes below, by label."""
SECONDS = 0.15
"""How long one measurement lasts, roughly."""


class Passes(ABC):
    """A library that runs a convolution forwards and backwards."""

    label: ClassVar[str]
    version: str

    def __init__(self) -> None:
        self.version = self.load()

    @abstractmethod
    def load(self) -> str:
        """Import the library and return its version."""

    @abstractmethod
    def build(self, arrays: list[np.ndarray], transposed: bool) -> None:
        """Make input, weights and bias leaves, and choose the function."""

    @abstractmethod
    def slope(self, like: np.ndarray) -> None:
        """Take the array by which the outputs are weighted."""

    @abstractmethod
    def outputs(self) -> Any:
        """Run forwards."""

    @abstractmethod
    def run(self) -> float:
        """Run forwards and backwards, and return the weighted sum of the outputs."""

    @abstractmethod
    def slopes(self) -> list[np.ndarray]:
        """Return the gradients by input, weights and bias."""

    def prepare(self, case: str) -> list[float]:
        """Get ready, and return the sum of the outputs and of each gradient's absolute values."""
        how = dict(CASES[case])
        rng = np.random.default_rng(0)
        shapes = (how.pop("x"), how.pop("weight"))
        transposed = how.pop("transposed", False)
        out = shapes[1][1] if transposed else shapes[1][0]
        self.how = how
        draws = [rng.normal(scale=0.3, size=s).astype(np.float32) for s in (*shapes, (out,))]
        self.build(draws, transposed)
        shape = tuple(self.outputs().shape)
        self.slope(rng.normal(size=shape).astype(np.float32))
        return [self.run(), *(float(np.abs(g).mean()) for g in self.slopes())]

    def seconds_per_pass(self) -> float:
        """Return the mean over as many passes as fit into :data:`SECONDS`, after one to warm up."""
        self.run()
        start, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - start) < SECONDS:
            self.run()
            count += 1
        return passed / count


class Pellucid(Passes):
    """Pellucid's functions."""

    label = "Pellucid"

    def load(self) -> str:
        import pellucid

        self.pl = pellucid
        return f"pellucid {pellucid.__version__}"

    def build(self, arrays: list[np.ndarray], transposed: bool) -> None:
        from pellucid.nn import functional

        self.leaves = [self.pl.tensor(a, requires_grad=True) for a in arrays]
        self.function = functional.conv_transpose2d if transposed else functional.conv2d

    def slope(self, like: np.ndarray) -> None:
        self.g = like

    def outputs(self) -> Any:
        return self.function(*self.leaves, **self.how)

    def run(self) -> float:
        for leaf in self.leaves:
            leaf.grad = None
        total = (self.outputs() * self.g).sum()
        total.backward()
        return float(total.data)

    def slopes(self) -> list[np.ndarray]:
        return [np.asarray(leaf.grad) for leaf in self.leaves]


class Torch(Passes):
    """PyTorch's functions."""

    label = "PyTorch"

    def load(self) -> str:
        import torch

        self.torch = torch
        return f"torch {torch.__version__}"

    def build(self, arrays: list[np.ndarray], transposed: bool) -> None:
        functional = self.torch.nn.functional
        self.leaves = [self.torch.tensor(a, requires_grad=True) for a in arrays]
        self.function = functional.conv_transpose2d if transposed else functional.conv2d

    def slope(self, like: np.ndarray) -> None:
        self.g = self.torch.tensor(like)

    def outputs(self) -> Any:
        return self.function(*self.leaves, **self.how)

    def run(self) -> float:
        for leaf in self.leaves:
            leaf.grad = None
        total = (self.outputs() * self.g).sum()
        total.backward()
        return float(total.detach())

    def slopes(self) -> list[np.ndarray]:
        return [leaf.grad.numpy() for leaf in self.leaves]


def agree(found: dict[str, list[float]]) -> bool:
    """Tell whether all contestants computed the same."""
    values = list(found.values())
    return all(np.allclose(value, values[0], rtol=1e-3, atol=1e-1) for value in values)


def compare(workers: dict[str, Worker], case: str, rounds: int) -> list[Row]:
    """Measure one convolution.

    Raises
    ------
    RuntimeError
        If the contestants do not compute the same.
    """
    found = {name: w.call("prepare", case=case) for name, w in workers.items()}
    if not agree(found):
        raise RuntimeError(f"{case}: the results differ: {found}")
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
                worker = Worker(label, "convolution", name, options.threads)
            except UnavailableError as error:
                absent.append(Row(label, reason=str(error)))
                continue
            workers[label] = stack.enter_context(worker)
        about = environment([worker.version for worker in workers.values()])
        tables = {case: [*compare(workers, case, rounds), *absent] for case in CASES}
    if options.json:
        rows = {title: [vars(row) for row in table] for title, table in tables.items()}
        print(json.dumps({"environment": about, "tables": rows}, indent=1))
        return
    show = as_markdown if options.markdown else as_text
    print("\n\n".join(show(title, table) for title, table in tables.items()))
    print(f"\n{rounds} rounds. {describe(about)}")


if __name__ == "__main__":
    main()
