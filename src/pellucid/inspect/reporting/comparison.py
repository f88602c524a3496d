"""Runs side by side: what differs in their settings, what came out, and their curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import DataError
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting.page import Page, Section
from pellucid.inspect.reporting.report import Report
from pellucid.training import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pellucid.training import Run

__all__ = ["Comparison", "compare"]

_NOT_SHOWN = ("versions", "seed", "stopped_by")


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Attributes
    ----------
    names : tuple of str
        What the runs are called: their folders.
    settings : dict of str to tuple
        The settings in which they differ, with the value of each run.
    results : dict of str to tuple
        The numbers at the end, None where a run has none of it.
    histories : dict of str to History
        Their curves.
    """

    names: tuple[str, ...]
    settings: dict[str, tuple[Any, ...]]
    results: dict[str, tuple[Any, ...]]
    histories: dict[str, History]

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table: settings that differ, then results."""
        both = {**self.settings, **self.results}
        return [(name, *(_text(name, value) for value in values)) for name, values in both.items()]

    def text(self) -> str:
        """Return the table as plain text."""
        lines = [("", *self.names), *self.rows()]
        widths = [max(len(line[k]) for line in lines) for k in range(len(self.names) + 1)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    __str__ = text

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the curves as plain values."""
        return {
            "runs": list(self.names),
            "settings": {name: list(values) for name, values in self.settings.items()},
            "results": {name: list(values) for name, values in self.results.items()},
        }

    @property
    def shared_curve(self) -> str | None:
        """The curve to compare them by: validation loss where all have it, else the loss."""
        for name in ("val_loss", "loss"):
            if self.histories and all(name in history for history in self.histories.values()):
                return name
        return None

    def figure(self) -> Figure:
        """Draw the curve that all have.

        Raises
        ------
        DataError
            If there is none.
        MissingExtraError
            If matplotlib is not installed.
        """
        from pellucid.inspect import pictures

        name = self.shared_curve
        if name is None:
            raise DataError("these runs have no curve in common")
        drawn: Figure = pictures.compare_runs(self.histories, name).get_figure()  # type: ignore[assignment]
        return drawn

    def report(self) -> Report:
        """Return a page with table and curves."""
        parts = [html.table(self.rows(), ("", *self.names))]
        curves = []
        if self.shared_curve is not None:
            called = {"val_loss": "Validation loss", "loss": "Training loss"}[self.shared_curve]
            curves.append(html.figure(self.figure(), called, "The best epoch of each is marked."))
        return Report(
            Page(
                " and ".join(self.names) if len(self.names) < 4 else f"{len(self.names)} runs",
                "What differs, and what came out.",
                [Section("Settings and results", parts), Section("Curves", curves)],
                "Made by Pellucid.",
            )
        )


def compare(runs: Sequence[Run]) -> Comparison:
    """Put runs side by side.

    Parameters
    ----------
    runs : sequence of Run
        At least two, such as ``Run.open("runs/digits")``.

    Raises
    ------
    DataError
        If there are fewer than two.
    """
    if len(runs) < 2:
        raise DataError(f"compare at least two runs, got {len(runs)}")
    names = _names([run.path for run in runs])
    settings = [_flat(run.config.get("settings", {})) for run in runs]
    settings = [
        {**given, "parameters": run.config.get("parameters")}
        for given, run in zip(settings, runs, strict=True)
    ]
    metrics = [run.metrics() for run in runs]
    histories = {
        name: History.from_csv(run.history_path)
        for name, run in zip(names, runs, strict=True)
        if run.history_path.is_file()
    }
    return Comparison(
        names,
        {
            name: values
            for name, values in _side_by_side(settings).items()
            if any(value != values[0] for value in values)
        },
        {
            name: values
            for name, values in _side_by_side(metrics).items()
            if name not in _NOT_SHOWN and name != "parameters" and not isinstance(values[0], dict)
        },
        {name: history for name, history in histories.items() if len(history)},
    )


def _names(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return the last parts of the paths, or the whole of them where those are equal."""
    short = [path.name for path in paths]
    return tuple(short if len(set(short)) == len(short) else [str(path) for path in paths])


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    }


def _side_by_side(given: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Any, ...]]:
    names = dict.fromkeys(name for values in given for name in values)
    return {name: tuple(values.get(name) for values in given) for name in names}


def _text(name: str, value: Any) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.4g}"
    if name == "peak_memory" and isinstance(value, int):
        return f"{value / 1e6:,.0f} MB"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
