"""The curves of a training before and after a change."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.training import History

__all__ = ["draw_fix"]


def draw_fix(path: Path, words: str, first: History, second: History) -> None:
    """Draw the losses of the training as asked for and of the one with a change into a file.

    Raises
    ------
    MissingExtraError
        If matplotlib is not there.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing curves") from error
    from pellucid.training.files import write_atomically

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes: Axes = figure.subplots()
    pairs = (("as asked for", first, "#D55E00"), (words, second, "#0072B2"))
    values: list[float] = []
    for name, history, colour in pairs:
        for column, style in (("loss", "-"), ("val_loss", "--")):
            curve = [value for value in history.columns.get(column, []) if value is not None]
            if not curve:
                continue
            values += curve
            axes.plot(
                range(1, len(curve) + 1),
                curve,
                style,
                color=colour,
                marker="o" if len(curve) <= 12 else "",
                markersize=3.5,
                label=name if column == "loss" else f"{name} (validation)",
            )
    if values and min(values) > 0 and max(values) > 30 * min(values):
        axes.set_yscale("log")
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.grid(True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if values:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize="small", ncols=2
        )
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=120)
    write_atomically(path, image.getvalue())
