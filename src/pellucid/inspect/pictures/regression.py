"""What a network that predicts numbers gets right and wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import as_array
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.fitting import letters_across, literal, shortened
from pellucid.inspect.pictures.style import OKABE_ITO, new_axes, styled
from pellucid.training.metrics import metric_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["predictions"]


@styled
def predictions(y: Any, predicted: Any, *, name: str = "value", ax: Axes | None = None) -> Axes:
    """Draw predicted over true values; on the line they are equal.

    Parameters
    ----------
    y, predicted : array_like, shape (N,) or (N, 1)
        True and predicted values.
    name : str
        What they are.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Raises
    ------
    ShapeError
        If there are not as many of both.
    DataError
        If there is none.
    NonFiniteError
        If one of them is NaN or infinite.
    """
    true, made = as_array(y).reshape(-1), as_array(predicted).reshape(-1)
    if true.shape != made.shape:
        raise ShapeError(f"{true.size} true values, but {made.size} predicted ones")
    if not true.size:
        raise DataError("there is no value to draw")
    check_finite(true, "the true values")
    check_finite(made, "the predictions")
    axes = new_axes(ax, 4.0, 3.8)
    ends = [min(true.min(), made.min()), max(true.max(), made.max())]
    axes.plot(ends, ends, color="0.5", linewidth=1.0, zorder=1)
    alpha = float(np.clip(400 / max(true.size, 1), 0.15, 0.7))
    axes.scatter(true, made, s=14, color=OKABE_ITO[0], alpha=alpha, linewidths=0, zorder=2)
    called = literal(shortened(name, 30))
    axes.set_xlabel(f"true {called}")
    axes.set_ylabel(f"predicted {called}")
    share, error = (metric_named(metric)(true, made) for metric in ("r2", "mae"))
    title = f"R² {share:.3f}, mean absolute error {_plain(error)}"
    narrow = len(title) > letters_across(axes, 10.0)
    axes.set_title(title.replace(", ", "\n") if narrow else title, loc="left")
    axes.locator_params(nbins=4 if narrow else 6)
    axes.grid(True, alpha=0.25)
    return axes


def _plain(value: float) -> str:
    """Return a number of three digits or more without a power of ten, where that is short."""
    return f"{value:,.0f}" if 1000 <= value < 1e9 else f"{value:.3g}"
