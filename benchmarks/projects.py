"""Train the projects of the documentation in Pellucid and in PyTorch at equal settings, in one run.

For each project: what it is judged by, the target, the seconds of training and the peak memory of
each library's process. The two take turns, an epoch each, so that noise falls on both.

    python benchmarks/projects.py                         # all of them
    python benchmarks/projects.py --only mnist-cnn --only ecg
    python benchmarks/projects.py --epochs 1              # a short look
    python benchmarks/projects.py --seeds 3 --json | --markdown
    python benchmarks/projects.py --without-torch
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
from typing import Any

from harness import UnavailableError, Worker, environment, library_path

sys.path[:0] = library_path()
from project_list import PROJECTS  # noqa: E402 - it needs Pellucid

MODULE = "project_contestants"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", default=[], choices=list(PROJECTS), metavar="PROJECT",
        help=f"one of {', '.join(PROJECTS)}; may be given several times",
    )  # fmt: skip
    parser.add_argument("--epochs", type=int, help="train so many epochs only")
    parser.add_argument("--seeds", type=int, default=1, help="repeat from so many seeds (1)")
    parser.add_argument("--without-torch", action="store_true", help="Pellucid alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    return parser.parse_args(arguments)


def run(name: str, seed: int, epochs: int | None, with_torch: bool) -> dict[str, Any]:
    """Train one project with each library; return figures, seconds and memory by library."""
    found: dict[str, Any] = {"project": name, "seed": seed}
    with contextlib.ExitStack() as stack:
        contestants: dict[str, Worker] = {}
        for label in ("Pellucid", "Torch")[: 2 if with_torch else 1]:
            try:
                worker = stack.enter_context(Worker(label, MODULE, label))
                made = worker.call("prepare", project=name, epochs=epochs, seed=seed)
            except UnavailableError as error:
                found[label] = {"absent": str(error)}
                continue
            contestants[label] = worker
            found[label] = {"version": worker.version, "seconds": 0.0, **made}
        for number in range(max([found[label]["epochs"] for label in contestants], default=0)):
            order = list(contestants)[:: 1 if number % 2 else -1]
            for label in order:
                done = contestants[label].call("epoch")
                found[label]["seconds"] += done["seconds"]
                found[label]["loss"] = done["loss"]
            losses = ", ".join(f"{label} {found[label]['loss']:.4f}" for label in contestants)
            print(f"{name}, seed {seed}, epoch {number + 1}: {losses}", file=sys.stderr, flush=True)
        for label, worker in contestants.items():
            found[label]["figures"] = worker.call("figures")
            found[label]["megabytes"] = worker.call("peak_megabytes")
    return found


def cell(values: list[float], digits: int) -> str:
    """Write the mean of some runs, and how far they spread if there are several."""
    text = f"{statistics.fmean(values):.{digits}f}"
    return f"{text} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else text


def as_rows(results: list[dict[str, Any]]) -> list[list[str]]:
    """Lay out one line for each figure of each project."""
    rows = []
    for name in dict.fromkeys(result["project"] for result in results):
        project = PROJECTS[name]
        runs = [result for result in results if result["project"] == name]
        for figure, target in project.figures.items():
            row = [project.title, figure, target]
            for label in ("Pellucid", "Torch"):
                mine = [r[label] for r in runs if "figures" in r.get(label, {})]
                if not mine:
                    row += ["–", "–", "–"]
                    continue
                row += [
                    cell([r["figures"][figure] for r in mine], project.digits),
                    f"{statistics.fmean(r['seconds'] for r in mine):.0f} s",
                    f"{max(r['megabytes'] for r in mine):.0f} MB",
                ]
            rows.append(row)
    return rows


HEADER = ["project", "figure", "target", "Pellucid", "time", "memory", "PyTorch", "time", "memory"]


def main(arguments: list[str] | None = None) -> None:
    """Run the projects and print the table."""
    options = parse(arguments)
    results = [
        run(name, seed, options.epochs, not options.without_torch)
        for name in options.only or PROJECTS
        for seed in range(options.seeds)
    ]
    versions = [
        result[label]["version"]
        for result in results
        for label in ("Pellucid", "Torch")
        if "version" in result.get(label, {})
    ]
    if options.json:
        print(json.dumps({"environment": environment(versions), "results": results}, indent=2))
        return
    rows = as_rows(results)
    if options.markdown:
        print(f"| {' | '.join(HEADER)} |\n|---|---|---|--:|--:|--:|--:|--:|--:|")
        print("\n".join(f"| {' | '.join(row)} |" for row in rows))
        return
    widths = [max(len(line[i]) for line in [HEADER, *rows]) for i in range(len(HEADER))]
    for line in [HEADER, *rows]:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
