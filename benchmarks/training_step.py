"""Time one training step of four dense networks, in Pellucid and in other libraries.

A step is forward, cross-entropy, backward and Adam, in float32. Before the clock starts, every
contestant trains from the same weights on the same batches, and its losses must be those of the
others: nobody measures a wrong step. A package that is missing is reported as absent.

    python benchmarks/training_step.py                        # all, 15 rounds
    python benchmarks/training_step.py --quick                # a short look
    python benchmarks/training_step.py --only 784-128-10 --only PyTorch
    python benchmarks/training_step.py --json                 # for machines, to standard output
    python benchmarks/training_step.py --markdown             # for docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from typing import Any

import numpy as np
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
from networks import NETWORKS
from step_contestants import (
    Jax,
    Pellucid,
    PellucidReplay,
    Products,
    TorchCompiled,
    TorchEager,
    TorchFused,
)

CONTESTANTS = (Pellucid, PellucidReplay, TorchEager, TorchFused, TorchCompiled, Jax)
CHECKED_STEPS = 20
PEAK_SIZE = 2048


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="3 short rounds")
    parser.add_argument("--rounds", type=int, help="rounds (15)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME",
        help="a network, or the beginning of a contestant's name; may be given several times",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, help="threads of every library (its own choice)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (3 if options.quick else 15)
    options.networks = [name for name in NETWORKS if name in options.only] or list(NETWORKS)
    named = [name for name in options.only if name not in NETWORKS]
    options.contestants = [
        c for c in CONTESTANTS if not named or any(c.label.startswith(name) for name in named)
    ]
    if not options.contestants:
        known = ", ".join([*NETWORKS, *(c.label for c in CONTESTANTS)])
        parser.error(f"--only {' '.join(named)} fits nothing; known are: {known}")
    if Pellucid not in options.contestants:
        options.contestants.insert(0, Pellucid)  # every ratio is to it
    return options


def progress(text: str) -> None:
    """Tell what is going on, beside the results."""
    print(text, file=sys.stderr, flush=True)


def check_losses(losses: dict[str, list[float]]) -> dict[str, str]:
    """Compare everybody's losses with those of the majority; return what is wrong, by name."""
    middle = np.median(list(losses.values()), axis=0)
    return {
        label: f"its losses differ from the others' by up to {np.abs(mine - middle).max():.1e}"
        for label, mine in losses.items()
        if not np.allclose(mine, middle, rtol=2e-3, atol=2e-4)
    }


def steps_for(worker: Worker, seconds: float) -> int:
    """Return how many steps of a contestant take about `seconds`."""
    worker.call("seconds_per_step", count=3)
    return max(3, round(seconds / worker.call("seconds_per_step", count=5)))


def run_network(name: str, workers: list[Worker], products: Worker, options: Any) -> list[Row]:
    """Measure one network in all contestants."""
    rows = {worker.label: Row(worker.label) for worker in workers}
    losses = {}
    for worker in workers:
        progress(f"{name}: preparing {worker.label}")
        try:
            worker.call("prepare", network=name)
            losses[worker.label] = worker.call("losses", count=CHECKED_STEPS)
        except UnavailableError as error:
            rows[worker.label].reason = str(error)
    for label, reason in check_losses(losses).items():
        rows[label].reason = reason
    able = [worker for worker in workers if not rows[worker.label].reason]

    products.call("prepare", network=name)
    seconds = 0.05 if options.quick else 0.3
    progress(f"{name}: {options.rounds} rounds of {len(able) + 1} contestants")
    measures = {}
    for worker in [*able, products]:
        count = steps_for(worker, seconds)
        measures[worker.label] = lambda w=worker, n=count: w.call("seconds_per_step", count=n)
    settle = 0.05 if options.quick else SETTLE_SECONDS
    times = interleave(measures, options.rounds, settle)
    for label, values in times.items():
        rows.setdefault(label, Row(label)).seconds = values

    size = 1024 if options.quick else PEAK_SIZE
    peak = products.call("peak_flops", size=size, count=5 if options.quick else 20)
    floor = NETWORKS[name].flops() / peak
    note = f"{NETWORKS[name].flops() / 1e6:,.2f} MFLOP at {peak / 1e9:,.0f} GFLOP/s"
    return [*rows.values(), Row("the same at sgemm's peak", [floor], note=note)]


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its tables."""
    options = parse(arguments)
    with contextlib.ExitStack() as stack:
        load = environment([])["load"]
        workers, absent = [], []
        for contestant in options.contestants:
            progress(f"starting {contestant.label}")
            try:
                worker = Worker(
                    contestant.label, "step_contestants", contestant.__name__, options.threads
                )
                workers.append(stack.enter_context(worker))
            except UnavailableError as error:
                absent.append(Row(contestant.label, reason=str(error)))
        products = stack.enter_context(
            Worker(Products.label, "step_contestants", "Products", options.threads)
        )
        about = environment([worker.version for worker in workers]) | {"load": load}
        results = {}
        for name in options.networks:
            rows = run_network(name, workers, products, options) + absent
            results[name] = rows
            if not options.json:
                title = f"{name}, batch {NETWORKS[name].batch}"
                print((as_markdown if options.markdown else as_text)(title, rows), "\n", flush=True)
    if options.json:
        print(json.dumps({"environment": about, "results": _plain(results)}, indent=1))
    else:
        print(f"{options.rounds} rounds. {describe(about)}")


def _plain(results: dict[str, list[Row]]) -> dict[str, Any]:
    return {name: [vars(row) for row in rows] for name, rows in results.items()}


if __name__ == "__main__":
    main()
