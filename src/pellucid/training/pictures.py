"""Pictures of what a network has done: forecasts, reconstructions, scores, grids of images.

They need matplotlib, the extra ``plot``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError, ShapeError
from pellucid.training.curves import OKABE_ITO
from pellucid.training.files import Pathlike

__all__ = [
    "save_forecast",
    "save_grid",
    "save_lines",
    "save_reconstructions",
    "save_roc",
    "save_scores",
]

_BLUE, _RED, _ORANGE, _GREY = OKABE_ITO[0], OKABE_ITO[1], OKABE_ITO[4], "#8c8c8c"


def save_forecast(
    path: Pathlike,
    series: Array,
    origins: Array,
    forecast: Array,
    baseline: Array | None = None,
    *,
    dates: Array | None = None,
    title: str = "",
) -> None:
    """Draw forecasts of some steps each over what came.

    Parameters
    ----------
    path : path
        The picture.
    series : ndarray, shape (L,)
        What came.
    origins : ndarray of int, shape (N,)
        The first step of each forecast.
    forecast, baseline : ndarray, shape (N, h)
        The network's, and another one.
    dates : ndarray of datetime64, shape (L,), optional
        When.
    title : str
        What stands above.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    figure, axes = _figure(9, 4)
    first = max(0, int(origins[0]) - 3 * max(int(len(series) - origins[0]) // 2, 12))
    at: Any = np.arange(len(series)) if dates is None else dates
    axes.plot(at[first:], series[first:], color=_GREY, linewidth=1.6, label="what came")
    steps = origins[:, None] + np.arange(forecast.shape[1])
    for values, colour, label, style in (
        (baseline, _ORANGE, "seasonal naive", "--"),
        (forecast, _BLUE, "network", "-"),
    ):
        if values is None:
            continue
        if values.shape[1] == 1:
            axes.plot(at[steps[:, 0]], values[:, 0], style, color=colour, label=label)
            continue
        for row, (places, numbers) in enumerate(zip(steps, values, strict=True)):
            name = label if row == 0 else None
            axes.plot(at[places], numbers, style, color=colour, linewidth=1.4, label=name)
    axes.axvline(at[int(origins[0])], color="black", linewidth=0.8, linestyle=":")
    axes.set_title(title)
    axes.legend(frameon=False)
    if dates is not None:
        figure.autofmt_xdate()
    _save(figure, path)


def save_grid(path: Pathlike, images: Array, *, columns: int | None = None) -> None:
    """Draw images (N, C, H, W) side by side, each scaled from its set's least to its most.

    Raises
    ------
    ShapeError
        If they are not images of one or three channels.
    MissingExtraError
        If matplotlib is not installed.
    """
    image = importlib.import_module("matplotlib.image") if _has_matplotlib() else None
    assert image is not None  # _has_matplotlib raises
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise ShapeError(
            f"expected images of shape (N, 1, H, W) or (N, 3, H, W), got {images.shape}"
        )
    count, _, height, width = images.shape
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    low, high = np.percentile(images, (0.5, 99.5))
    scaled = np.clip((images - low) / max(high - low, 1e-12), 0, 1)
    grid = np.ones((rows * (height + 1) + 1, columns * (width + 1) + 1, 3))
    for place, picture in enumerate(scaled):
        top, left = 1 + (place // columns) * (height + 1), 1 + (place % columns) * (width + 1)
        grid[top : top + height, left : left + width] = np.moveaxis(picture, 0, -1)
    zoom = max(1, 640 // max(grid.shape[:2]))
    image.imsave(path, grid.repeat(zoom, axis=0).repeat(zoom, axis=1))


def save_reconstructions(
    path: Pathlike, rows: Mapping[str, tuple[Array, Array]], *, image_shape: Any = None
) -> None:
    """Draw samples and what a network made of them, for each group of samples.

    Parameters
    ----------
    path : path
        The picture.
    rows : mapping of str to (samples, reconstructions)
        A few of each group, of shape (N, ...); drawn as images or as curves.
    image_shape : (int, int, int), optional
        Channels, height and width, where they are images.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    if image_shape is not None and image_shape[0] in (1, 3):
        pairs = [np.stack([x, y], axis=0).reshape(-1, *image_shape) for x, y in rows.values()]
        columns = max(len(x) for x, _ in rows.values())
        save_grid(path, np.concatenate(pairs), columns=columns)
        return
    count = max(len(x) for x, _ in rows.values())
    figure, _ = _figure(2.8 * count, 2.2 * len(rows), axes=False)
    grid = figure.subplots(len(rows), count, squeeze=False, sharex=True, sharey=True)
    for line, (group, (samples, made)) in zip(grid, rows.items(), strict=True):
        for axes, x, y in zip(line, samples, made, strict=False):
            flat, again = x.reshape(-1), y.reshape(-1)
            axes.plot(flat, color=_GREY, label="sample")
            axes.plot(again, color=_BLUE, label="reconstruction")
            axes.fill_between(np.arange(flat.size), flat, again, color=_RED, alpha=0.2)
        line[0].set_ylabel(group)
    grid[0][0].legend(frameon=False, fontsize=8)
    _save(figure, path)


def save_scores(path: Pathlike, scores: Mapping[str, Array], threshold: float) -> None:
    """Draw how reconstruction errors are distributed, with the threshold.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    figure, axes = _figure(7, 4)
    every = np.concatenate(list(scores.values()))
    edges = np.linspace(0, max(float(np.percentile(every, 99)), 1.2 * threshold), 60)
    for (name, values), colour in zip(scores.items(), (_BLUE, _RED), strict=False):
        axes.hist(np.minimum(values, edges[-1]), edges, color=colour, alpha=0.6, label=name)
    axes.axvline(threshold, color="black", linestyle="--", label=f"threshold {threshold:.3g}")
    axes.set_xlabel("reconstruction error (the last bar holds all above)")
    axes.set_ylabel("samples")
    axes.legend(frameon=False)
    _save(figure, path)


def save_roc(path: Pathlike, false_positive: Array, true_positive: Array, area: float) -> None:
    """Draw the curve of detections against false alarms.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    figure, axes = _figure(4.5, 4.5)
    axes.plot(false_positive, true_positive, color=_BLUE, label=f"area {area:.4f}")
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    axes.set_xlabel("share of normal samples taken for anomalous")
    axes.set_ylabel("share of anomalous samples found")
    axes.legend(frameon=False, loc="lower right")
    _save(figure, path)


def save_lines(path: Pathlike, lines: Mapping[str, Sequence[float]], label: str = "epoch") -> None:
    """Draw curves over their positions, counted from 1.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    figure, axes = _figure(7, 4)
    for k, (name, values) in enumerate(lines.items()):
        colour = OKABE_ITO[k % len(OKABE_ITO)]
        axes.plot(np.arange(1, len(values) + 1), values, color=colour, label=name)
    axes.set_xlabel(label)
    axes.legend(frameon=False)
    _save(figure, path)


def _has_matplotlib() -> bool:
    try:
        importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "pictures") from error
    return True


def _figure(width: float, height: float, *, axes: bool = True) -> tuple[Any, Any]:
    _has_matplotlib()
    figure = importlib.import_module("matplotlib.figure").Figure(
        (width, height), dpi=120, layout="constrained"
    )
    return figure, figure.add_subplot() if axes else None


def _save(figure: Any, path: Pathlike) -> None:
    figure.savefig(path)
