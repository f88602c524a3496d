"""Time a whole fit on the handwritten digits: Pellucid, scikit-learn, and a PyTorch loop.

The architecture (64-64-10, ReLU), the batches (32), the epochs (20), the optimizer (Adam) and the
data are equal; the mean test accuracies are printed, and must be close. A package that is missing
is reported as absent.

    python benchmarks/fit_digits.py              # 11 rounds
    python benchmarks/fit_digits.py --quick
    python benchmarks/fit_digits.py --json | --markdown
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
from typing import Any

from digits_contestants import EPOCHS, PellucidFit, ScikitLearnFit, TorchLoop
from harness import (
    SETTLE_SECONDS,
    Row,
    UnavailableError,
    Worker,
    as_markdown,
    as_text,
    describe,
    environment,
    interleave,
)

CONTESTANTS = (PellucidFit, ScikitLearnFit, TorchLoop)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="3 rounds of 3 epochs")
    parser.add_argument("--rounds", type=int, help="rounds (11)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME",
        help="the beginning of a contestant's name; may be given several times",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, help="threads of every library (its own choice)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (3 if options.quick else 11)
    options.epochs = 3 if options.quick else EPOCHS
    options.contestants = [
        c
        for c in CONTESTANTS
        if not options.only or any(c.label.startswith(name) for name in options.only)
    ]
    if not options.contestants:
        parser.error(f"--only fits nothing; known are: {', '.join(c.label for c in CONTESTANTS)}")
    return options


class Measure:
    """Fits of one contestant, a new seed each round; keeps the accuracies."""

    def __init__(self, worker: Worker, epochs: int) -> None:
        self.worker = worker
        self.epochs = epochs
        self.accuracies: list[float] = []

    def __call__(self) -> float:
        """Fit once and return the seconds."""
        found = self.worker.call("run", seed=len(self.accuracies), epochs=self.epochs)
        self.accuracies.append(found["accuracy"])
        return float(found["seconds"])


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its table."""
    options = parse(arguments)
    load = environment([])["load"]
    with contextlib.ExitStack() as stack:
        rows, measures, versions = {}, {}, []
        for contestant in options.contestants:
            label = contestant.label
            rows[label] = Row(label)
            try:
                worker = stack.enter_context(
                    Worker(label, "digits_contestants", contestant.__name__, options.threads)
                )
                worker.call("run", seed=0, epochs=1)  # caches and threads warm up
            except UnavailableError as error:
                rows[label].reason = str(error)
                continue
            versions.append(worker.version)
            measures[label] = Measure(worker, options.epochs)
        settle = 0.05 if options.quick else SETTLE_SECONDS
        for label, seconds in interleave(measures, options.rounds, settle).items():
            rows[label].seconds = seconds
            accuracy = statistics.mean(measures[label].accuracies)
            rows[label].note = f"mean test accuracy {accuracy:.4f}"
    about: dict[str, Any] = environment(versions) | {"load": load}
    table = list(rows.values())
    if options.json:
        print(json.dumps({"environment": about, "results": [vars(row) for row in table]}, indent=1))
        return
    title = f"fit on the digits, 64-64-10, {options.epochs} epochs"
    print((as_markdown if options.markdown else as_text)(title, table))
    print(f"\n{options.rounds} rounds. {describe(about)}")


if __name__ == "__main__":
    main()
