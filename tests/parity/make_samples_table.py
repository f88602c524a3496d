"""Print the part of docs/parity.md about PyTorch's own samples.

Run it with PyTorch and expecttest installed:
PYTHONPATH=src:tests python tests/parity/make_samples_table.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from parity import deviations, modules, operators, optimizers
from parity.deviations import Deviation
from parity.not_shared import NOT_SHARED
from parity.operators import Replayed
from parity.replay import NOT_RECORDED
from parity.rows import (
    elementwise,
    fourier,
    losses,
    masked,
    movement,
    networks,
    products,
    reductions,
)

FAMILIES = {
    "functions of single entries": elementwise.ROWS,
    "reductions, order, running sums": reductions.ROWS,
    "movement, indexing, padding": movement.ROWS,
    "products and linear algebra": products.ROWS,
    "Fourier transforms": fourier.ROWS,
    "networks": networks.ROWS,
    "losses": losses.ROWS,
    "masked reductions": masked.ROWS,
}

HEAD = (
    "| | {what} | samples | values equal | gradients equal | second derivatives equal | "
    "by choice |\n|---|--:|--:|--:|--:|--:|--:|"
)


class Count:
    """Sums of one row of the table."""

    def __init__(self) -> None:
        self.things = self.samples = self.choices = self.left_out = 0
        self.equal = [0, 0, 0]
        self.unrecorded: list[str] = []

    def add(self, name: str, found: Replayed) -> None:
        """Count the samples of one operator or module."""
        self.left_out += found.left_out
        if not deviations.is_recorded(found):
            self.unrecorded.append(name)
            return
        self.things += 1
        self.samples += len(found.outcomes)
        for outcome in found.outcomes:
            self.choices += bool(outcome.kind)
            for order in range(outcome.order):
                self.equal[order] += 1

    def row(self, name: str) -> str:
        """One line of the table."""
        cells = (self.things, self.samples, *self.equal, self.choices)
        return f"| {name} | {' | '.join(map(str, cells))} |"


def counted(names: Iterable[str], replayed: Callable[[str], Replayed], *sums: Count) -> None:
    """Replay and count."""
    for name in names:
        found = replayed(name)
        for count in sums:
            count.add(name, found)


def choices(table: tuple[Deviation, ...]) -> None:
    """Print reasons, with the numbers of samples."""
    print("| by choice | where | samples |\n|---|---|--:|")
    for entry in table:
        names = ", ".join(f"`{name}`" for name in entry.samples)
        print(f"| {entry.reason} ({entry.kind}) | {names} | {sum(entry.samples.values())} |")


def main() -> None:
    """Print the three tables and the lists of choices."""
    total = Count()
    print(HEAD.format(what="operators"))
    for family, rows in FAMILIES.items():
        count = Count()
        counted(rows, operators.replayed, count, total)
        print(count.row(family))
    print(total.row(f"all, of {len(operators.all_names())} operators of PyTorch"))
    print(f"\nSamples beyond {operators.MOST_SAMPLES} of an operator: {total.left_out} left out.")
    if total.unrecorded:
        listed = ", ".join(f"`{name}`" for name in total.unrecorded)
        print(f"NumPy's function {NOT_RECORDED}: {listed}.")
    print()
    choices(deviations.OPERATORS)

    print("\n| not shared | operators |\n|---|--:|")
    for reason, names in NOT_SHARED.items():
        print(f"| {reason} | {len(names.split())} |")

    total = Count()
    counted(modules.MODULES, modules.replayed, total)
    print("\n" + HEAD.format(what="modules"))
    print(total.row(f"modules, of {len(modules.database())} of PyTorch"))
    print(f"\nSamples beyond {operators.MOST_SAMPLES} of a module: {total.left_out} left out.\n")
    choices(deviations.MODULES)
    print("\n| not shared | modules |\n|---|---|")
    for reason, names in deviations.MODULES_NOT_SHARED.items():
        print(f"| {reason} | {', '.join(f'`{name}`' for name in names.split())} |")

    settings = sum(len(optimizers.database()[name]) for name in optimizers.NAMES)
    print(f"\n{len(optimizers.NAMES)} optimizers, {settings} settings, {optimizers.STEPS} steps:")
    print("\n| not shared | |\n|---|---|")
    for name, reason in optimizers.NOT_SHARED.items():
        print(f"| `{name}` | {reason} |")


if __name__ == "__main__":
    main()
