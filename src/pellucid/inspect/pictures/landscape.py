"""The loss around a solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.inspect.pictures.finite import check_finite
from pellucid.inspect.pictures.style import AMOUNTS, colour_scale, new_axes, styled
from pellucid.inspect.unchanged import unchanged
from pellucid.random import Seed, generator
from pellucid.training.evaluation import evaluate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["Landscape", "filter_normalised_direction", "loss_landscape", "scan_landscape"]


@dataclass(frozen=True)
class Landscape:
    """The loss on a grid of weights around those of a network.

    Attributes
    ----------
    places : ndarray, shape (P,)
        How far the grid goes along both directions; 0 is the network.
    losses : ndarray, shape (P, P)
        Row i, column j: at weights + places[j] · first + places[i] · second direction.
    """

    places: Array
    losses: Array


def filter_normalised_direction(net: Module, rng: Seed = 0) -> list[Array]:
    """Return a random direction in the space of weights whose filters are as long as the weights'.

    dⱼ ← dⱼ · ‖wⱼ‖ / ‖dⱼ‖ for each unit or filter j; 0 for biases and the like.

    Without this, two networks that compute the same with weights of different scale would seem to
    have different landscapes. Li, Xu, Taylor, Studer & Goldstein (2018).

    Parameters
    ----------
    net : Module
        The network.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Returns
    -------
    list of ndarray
        One for each parameter, in their order, of their shape and type.
    """
    draw = generator(rng)
    direction = []
    for parameter in net.parameters():
        weight = parameter.data
        if weight.ndim < 2:
            direction.append(np.zeros_like(weight))
            continue
        noise = draw.normal(size=weight.shape)
        # A dense matrix (in, out) has a unit in each column, a kernel (out, in, …) in each block.
        axes = (0,) if weight.ndim == 2 else tuple(range(1, weight.ndim))
        scale = np.sqrt(np.sum(np.square(weight, dtype=np.float64), axis=axes, keepdims=True))
        noise *= scale / np.sqrt(np.sum(np.square(noise), axis=axes, keepdims=True))
        direction.append(noise.astype(weight.dtype))
    return direction


def scan_landscape(
    net: Module,
    part: Any,
    *,
    loss: Any = "auto",
    span: float = 1.0,
    points: int = 21,
    rng: Seed = 0,
) -> Landscape:
    """Compute the loss on a grid along two filter-normalised directions.

    Parameters
    ----------
    net : Module
        The network; its weights are afterwards what they were, bit for bit.
    part : Part or (x, y)
        Samples and targets; a few hundred do.
    loss : callable or str
        See :func:`pellucid.fit`.
    span : float
        How far to go to each side; 1 is as far as the weights are long.
    points : int
        Points along each direction; odd, so that the network itself is one.
    rng : int, numpy.random.Generator or None
        Where the directions come from.

    Raises
    ------
    DataError
        If `points` is no odd number of at least 3.
    """
    if points < 3 or points % 2 == 0:
        raise DataError(f"points is an odd number ≥ 3, so that the middle is one; got {points}")
    draw = generator(rng)
    first, second = (filter_normalised_direction(net, draw) for _ in range(2))
    parameters = net.parameters()
    weights = [parameter.data for parameter in parameters]
    places = np.linspace(-span, span, points)
    places[points // 2] = 0.0
    losses = np.empty((points, points))
    try:
        with unchanged(net):
            for i, b in enumerate(places):
                for j, a in enumerate(places):
                    for parameter, w, d, e in zip(parameters, weights, first, second, strict=True):
                        parameter.data = (w + a * d + b * e).astype(w.dtype)
                    losses[i, j] = evaluate(net, part, loss)["loss"]
    finally:
        for parameter, weight in zip(parameters, weights, strict=True):
            parameter.data = weight
    return Landscape(places, losses)


@styled
def loss_landscape(
    net: Module,
    part: Any,
    *,
    loss: Any = "auto",
    span: float = 1.0,
    points: int = 21,
    rng: Seed = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss around the weights of a network, along two random directions.

    Parameters
    ----------
    net, part, loss, span, points, rng
        See :func:`scan_landscape`.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    found = scan_landscape(net, part, loss=loss, span=span, points=points, rng=rng)
    middle = found.losses[points // 2, points // 2]
    check_finite(middle, "the loss of the network itself")
    axes = new_axes(ax, 5.4, 4.0)
    finite = np.where(np.isfinite(found.losses), found.losses, np.nan)
    low, high = float(np.nanmin(finite)), float(np.nanmax(finite))
    from matplotlib.colors import LogNorm

    if low > 0 and high > 10 * low:
        levels = np.geomspace(low, high, 16)
        drawn = axes.contourf(
            found.places, found.places, finite, levels, cmap=AMOUNTS, norm=LogNorm(low, high)
        )
    else:
        levels = np.linspace(low, high if high > low else low + 1, 16)
        drawn = axes.contourf(found.places, found.places, finite, levels, cmap=AMOUNTS)
    axes.contour(
        found.places, found.places, finite, levels, colors="white", linewidths=0.4, alpha=0.6
    )
    axes.plot(0, 0, "*", color="white", markersize=11, markeredgecolor="black")
    axes.set_xlabel("first direction (1: length of the weights)")
    axes.set_ylabel("second direction")
    axes.set_aspect("equal")
    axes.locator_params(nbins=5)
    colour_scale(axes, drawn, "loss")
    bar = axes.get_figure().axes[-1]  # type: ignore[union-attr]
    from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

    if low > 0 and high > 10 * low:
        bar.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        bar.yaxis.set_major_formatter(FormatStrFormatter("%.3g"))
        bar.yaxis.set_minor_formatter(NullFormatter())
    else:
        bar.yaxis.set_major_locator(MaxNLocator(6))
    return axes
