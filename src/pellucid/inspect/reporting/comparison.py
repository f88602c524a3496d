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
from pellucid.inspect.reporting.wrong import plain_number
from pellucid.training import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pellucid.training import Run

__all__ = ["Comparison", "compare"]

_NOT_SHOWN = ("versions", "seed", "stopped_by")
_SIDE_BY_SIDE = 6  # runs in a table of a page
_NONE = "–"


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

    @property
    def remark(self) -> str:
        """What keeps the losses of these runs from being compared; empty if nothing does."""
        differing = [
            called
            for name, called in (("source", "data"), ("target", "targets"), ("loss", "losses"))
            if name in self.settings
        ]
        if not differing:
            return ""
        return f"These runs have different {' and '.join(differing)}: their losses do not compare."

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
        rows = self.rows()
        parts = []
        for k in range(0, len(self.names), _SIDE_BY_SIDE):
            few = slice(k + 1, k + 1 + _SIDE_BY_SIDE)
            shown = [(row[0], *row[few]) for row in rows if set(row[few]) != {_NONE}]
            parts.append(html.table(shown, ("", *self.names[k : k + _SIDE_BY_SIDE])))
        if self.remark:
            parts.append(html.notice(self.remark, "warning"))
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
    asked = {"epochs": "epochs asked for"}
    settings = [{asked.get(name, name): v for name, v in given.items()} for given in settings]
    settings = [
        {**given, "parameters": run.config.get("parameters")}
        for given, run in zip(settings, runs, strict=True)
    ]
    histories = {
        name: History.from_csv(run.history_path)
        for name, run in zip(names, runs, strict=True)
        if run.history_path.is_file()
    }
    metrics = [
        run.metrics() or _so_far(histories.get(n)) for n, run in zip(names, runs, strict=True)
    ]
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


def _so_far(history: History | None) -> dict[str, Any]:
    """Return what is known of a training that has not come to its end."""
    return {"epochs": len(history)} if history is not None and len(history) else {}


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
        return _NONE
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return plain_number(value)
    if name == "peak_memory" and isinstance(value, int):
        return f"{value / 1e6:,.0f} MB"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
