"""The learning-rate range test, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError
from pellucid.inspect.pictures.fitting import legend_above
from pellucid.inspect.pictures.style import OKABE_ITO, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["learning_rate_range"]

_RUNAWAY = 1.5  # how far above the loss at the start the picture goes


@styled
def learning_rate_range(result: Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw the smoothed loss over the learning rate, with the rate that is suggested.

    Too low, and the loss stays where it is; too high, and it runs away. The rate to take lies
    before the lowest point, where the loss still falls. Smith (2017).

    Parameters
    ----------
    result : mapping
        ``pl.doctor(net, train, experiments=["lr-range"]).results["lr-range"]``: the lists "lr" and
        "loss", and "suggestion".
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    DataError
        If it is not the result of a range test, or the loss was never finite.
    """
    rates, losses = _curve(result)
    axes = new_axes(ax)
    blue, orange = OKABE_ITO[0], OKABE_ITO[1]
    axes.plot(rates, losses, color=blue)
    axes.set_xscale("log")
    suggested = result.get("suggestion")
    if suggested is not None:
        loss = float(np.interp(np.log(suggested), np.log(rates), losses))
        axes.plot(
            [suggested], [loss], "o", color=orange, zorder=5, label=f"suggested: {suggested:g}"
        )
        axes.axvline(suggested, color=orange, linewidth=0.8, linestyle="--")
    lowest, start = float(losses.min()), float(losses[0])
    if losses.max() > _RUNAWAY * start > lowest:  # what runs away would flatten all the rest
        room = 0.08 * (_RUNAWAY * start - lowest)
        axes.set_ylim(lowest - room, _RUNAWAY * start)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("smoothed loss")
    axes.grid(True, alpha=0.25)
    legend_above(axes)
    return axes


def _curve(result: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return rates and losses as arrays, after a check of what came."""
    values: list[Sequence[float]] = []
    for name in ("lr", "loss"):
        if not isinstance(result, Mapping) or name not in result:
            raise DataError(
                f"a range test has a list '{name}'; give "
                "pl.doctor(net, train, experiments=['lr-range']).results['lr-range']"
            )
        values.append(result[name])
    rates, losses = (np.asarray(value, float) for value in values)
    if not len(rates):
        raise DataError("the loss was not finite at the lowest learning rate already")
    return rates, losses
