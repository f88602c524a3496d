"""Which parts of an input matter for a decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError, UnknownNameError, UnsupportedError
from pellucid.inspect.observing import observe
from pellucid.inspect.pictures.scores import floats_for, input_gradients, scores_of, targets_of
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import enable_grad
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = [
    "grad_cam",
    "gradient",
    "integrated_gradients",
    "layer_attribution",
    "occlusion",
    "resized",
]


def gradient(net: Module, x: Any, target: Any = None) -> Array:
    """Return how much the score of a class changes with each number of the input.

    ∂zₜ / ∂x

    Simonyan, Vedaldi & Zisserman (2014).

    Parameters
    ----------
    net : Module
        A classifier, or any network that gives (N, C).
    x : array_like of floats, shape (N, ...)
        Samples.
    target : int or array_like of int, shape (N,), optional
        Which output; the largest of each sample if left out.

    Returns
    -------
    ndarray
        Of the shape of `x`.

    Raises
    ------
    DTypeError
        If the samples are whole numbers.
    """
    samples = floats_for(net, x)
    return input_gradients(net, samples, targets_of(net, samples, target))


def integrated_gradients(
    net: Module, x: Any, target: Any = None, *, baseline: Any = 0.0, steps: int = 64
) -> Array:
    """Share the difference of the score to that of a baseline out to the numbers of the input.

    (x − x₀) · ∫₀¹ ∂zₜ/∂x (x₀ + α (x − x₀)) dα

    The shares of a sample add up to z(x) − z(x₀): completeness. The integral is taken with
    Gauss-Legendre points. Sundararajan, Taly & Yan (2017).

    Parameters
    ----------
    net, x, target
        As for :func:`gradient`.
    baseline : float or array_like
        The input that says nothing, x₀, broadcast against `x`: zeros by default.
    steps : int
        How many points the integral is taken at.

    Raises
    ------
    DataError
        If there are no points.
    """
    if steps < 1:
        raise DataError(f"the integral needs at least one point, got steps={steps}")
    samples = floats_for(net, x)
    targets = targets_of(net, samples, target)
    start = np.broadcast_to(np.asarray(baseline, samples.dtype), samples.shape)
    way = samples - start
    places, weights = np.polynomial.legendre.leggauss(steps)  # on [−1, 1]
    total = np.zeros(samples.shape, np.float64)
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        point = (start + place * way).astype(samples.dtype)
        total += weight * input_gradients(net, point, targets)
    return (way * total).astype(samples.dtype)


def grad_cam(net: Module, x: Any, path: str, target: Any = None) -> Array:
    """Return where the maps of a convolution speak for a class.

    ReLU(Σₖ wₖ Aᵏ), wₖ the mean over positions of ∂zₜ / ∂Aᵏ

    Selvaraju et al. (2017).

    Parameters
    ----------
    net, x, target
        As for :func:`gradient`.
    path : str
        The layer whose maps (N, K, H', W') are used, usually the last that still has some.

    Returns
    -------
    ndarray, shape (N, H, W)
        Brought to the size of the input's last two axes by linear interpolation.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    ShapeError
        If its output is no set of maps.
    """
    samples = floats_for(net, x)
    targets = targets_of(net, samples, target)
    with unchanged(net), enable_grad(), observe(net) as seen:
        outputs = first_output(net(samples))
        if not outputs.requires_grad or path not in seen.outputs:
            raise UnknownNameError("path of a layer that was called", path, seen.paths)
        outputs.reshape(len(samples), -1)[np.arange(len(samples)), targets].sum().backward()
    maps, slopes = seen.outputs[path][-1], seen.gradients[path][-1]
    if np.ndim(maps) != 4:
        raise ShapeError(
            f"Grad-CAM takes a layer with maps (N, K, H, W), '{path}' gives {np.shape(maps)}"
        )
    weights = slopes.mean(axis=(2, 3), keepdims=True)
    found = np.maximum(np.sum(weights * maps, axis=1), 0)
    height, width = samples.shape[-2:]
    return np.stack([resized(image, height, width) for image in found])


def layer_attribution(
    net: Module, x: Any, path: str, target: Any = None, *, steps: int = 32
) -> Array:
    """Share the score out to the places of a layer's output, by integrated gradients.

    Σ_d A_d · ∫₀¹ ∂zₜ/∂A_d (α A) dα, the sum over the last axis of the output A

    At an embedding this is a share for each token, where the tokens themselves have no gradient.
    The shares of a sample add up to its score less the score that it has if the layer gives zeros,
    which for a long text need not be near zero. Sundararajan, Taly & Yan (2017).

    Parameters
    ----------
    net, target
        As for :func:`gradient`.
    x : array_like, shape (N, ...)
        Samples: floats or tokens.
    path : str
        The layer, such as an embedding.
    steps : int
        How many points the integral is taken at.

    Returns
    -------
    ndarray
        The shape of the layer's output without its last axis: (N, T) for an embedding.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    UnsupportedError
        If it was called several times, or does not give a single array.
    """
    samples = as_array(x)
    if samples.dtype.kind == "f":
        samples = floats_for(net, samples)
    targets = targets_of(net, samples, target)
    total: Any = 0.0
    places, weights = np.polynomial.legendre.leggauss(steps)  # on [−1, 1]
    with unchanged(net), enable_grad():
        output, _ = _output_and_slope(net, samples, targets, path, 1.0)
        for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
            total = total + weight * _output_and_slope(net, samples, targets, path, place)[1]
    return np.asarray(np.sum(output * total, axis=-1), output.dtype)


def _output_and_slope(
    net: Module, x: Array, targets: Array, path: str, scale: float
) -> tuple[Array, Array]:
    """Return a layer's output, scaled, and the gradient of the scores by it."""
    with observe(net) as seen, _scaled(dict(net.named_modules()).get(path), scale):
        outputs = first_output(net(x))
        if path not in seen.outputs:
            raise UnknownNameError("path of a layer that was called", path, seen.paths)
        if len(seen.outputs[path]) > 1 or not isinstance(seen.outputs[path][0], np.ndarray):
            raise UnsupportedError(
                f"'{path}' is called several times or gives several arrays; choose a layer that "
                "gives one"
            )
        outputs.reshape(len(x), -1)[np.arange(len(x)), targets].sum().backward()
    return seen.outputs[path][0], seen.gradients[path][0]


@contextmanager
def _scaled(module: Module | None, scale: float) -> Iterator[None]:
    """Let a layer give its output times a number."""
    if module is None:
        yield
        return
    forward = module.forward

    def scaled(*arguments: Any, **options: Any) -> Any:
        output = forward(*arguments, **options)
        return output if isinstance(output, (tuple, list, dict)) else output * scale

    vars(module)["forward"] = scaled
    try:
        yield
    finally:
        del vars(module)["forward"]


def resized(image: Array, height: int, width: int) -> Array:
    """Return an image (H, W) in another size, by linear interpolation between pixel centres."""
    rows, columns = (
        np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        for new, old in zip((height, width), image.shape, strict=True)
    )
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    below = np.minimum(top + 1, image.shape[0] - 1)
    right = np.minimum(left + 1, image.shape[1] - 1)
    down, across = (rows - top)[:, None], (columns - left)[None]
    upper = image[np.ix_(top, left)] * (1 - across) + image[np.ix_(top, right)] * across
    lower = image[np.ix_(below, left)] * (1 - across) + image[np.ix_(below, right)] * across
    return np.asarray(upper * (1 - down) + lower * down, image.dtype)


def occlusion(
    net: Module,
    x: Any,
    target: Any = None,
    *,
    window: tuple[int, int] = (4, 4),
    stride: int = 2,
    fill: float = 0.0,
) -> Array:
    """Return how much the score of a class falls where a window of the image is covered.

    Zeiler & Fergus (2014). Where windows overlap, their mean.

    Parameters
    ----------
    net, x, target
        As for :func:`gradient`; `x` are images (N, C, H, W).
    window : (int, int)
        Height and width of what is covered at a time.
    stride : int
        Pixels from one window to the next.
    fill : float
        What it is covered with.

    Returns
    -------
    ndarray, shape (N, H, W)

    Raises
    ------
    ShapeError
        If `x` are no images, or the window is larger than they are.
    DataError
        If the stride is larger than the window.
    """
    samples = floats_for(net, x)
    if samples.ndim != 4 or window[0] > samples.shape[2] or window[1] > samples.shape[3]:
        raise ShapeError(
            f"expected images (N, C, H, W) no smaller than the window {window}, got {samples.shape}"
        )
    if not 0 < stride <= min(window):
        raise DataError(
            f"windows {window} with a stride of {stride} leave pixels that none covers; the stride "
            "is from 1 to the shorter side of the window"
        )
    targets = targets_of(net, samples, target)
    whole = scores_of(net, samples, targets)
    height, width = samples.shape[2:]
    fall = np.zeros((len(samples), height, width))
    times = np.zeros((height, width))
    for top in _starts(height, window[0], stride):
        for left in _starts(width, window[1], stride):
            place = np.s_[top : top + window[0], left : left + window[1]]
            covered = samples.copy()
            covered[:, :, *place] = fill
            fall[:, *place] += (whole - scores_of(net, covered, targets))[:, None, None]
            times[place] += 1
    return (fall / times).astype(samples.dtype)


def _starts(length: int, window: int, stride: int) -> list[int]:
    """Return where windows begin, so that the last one ends at the border."""
    starts = list(range(0, length - window, stride))
    return [*starts, length - window]
