"""What a unit responds to: inputs made for it, and the samples that excite it most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import derivatives, nn
from pellucid import primitives as p
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.inspect.observing import observe
from pellucid.inspect.pictures.scores import floats_for
from pellucid.inspect.pictures.style import (
    SIGNED,
    image_of,
    mosaic,
    new_axes,
    no_ticks,
    signed_range,
    styled,
)
from pellucid.inspect.unchanged import unchanged
from pellucid.random import Seed, generator
from pellucid.tape import enable_grad, no_grad
from pellucid.tensor import Tensor
from pellucid.training.evaluation import parameter_dtype, sensible_batch_size
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module

__all__ = ["Excitation", "exciting_inputs", "maximise_activation", "most_exciting"]


@dataclass(frozen=True)
class Excitation:
    """An input made to excite a unit.

    Attributes
    ----------
    input : ndarray
        Without the batch axis.
    activations : ndarray, shape (steps + 1,)
        What the unit said on the way, the start first.
    """

    input: Array
    activations: Array


def maximise_activation(
    net: Module,
    input_shape: Sequence[int],
    path: str,
    unit: int,
    *,
    steps: int = 200,
    lr: float = 0.1,
    length: float | None = None,
    bounds: tuple[float, float] | None = None,
    start: Any = None,
    rng: Seed = 0,
) -> Excitation:
    """Make an input that excites one unit as much as possible, by gradient ascent.

    x ← x + lr · g / rms(g), then brought back to the allowed length or bounds

    Erhan, Bengio, Courville & Vincent (2009).

    Parameters
    ----------
    net : Module
        The network; its weights stay as they are.
    input_shape : sequence of int
        The shape of a sample.
    path : str
        The layer of the unit; "" for the outputs.
    unit : int
        Its number. Of a layer with maps, the mean of that channel's map is meant.
    steps : int
        How many steps to go.
    lr : float
        Size of a step: the root mean square of the change of a number.
    length : float, optional
        The largest Euclidean norm of the input. Without it and without `bounds`, √(number of
        inputs), the length of standardised samples.
    bounds : (float, float), optional
        Least and largest value of a number of the input, such as (0, 1) for pixels.
    start : array_like, optional
        Where to begin; small random numbers if left out.
    rng : int, numpy.random.Generator or None
        Where they come from.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    DataError
        If it has no such unit.
    """
    dtype = parameter_dtype(net)
    if length is None and bounds is None:
        length = float(np.sqrt(np.prod(tuple(input_shape))))
    if start is None:
        begin = generator(rng).normal(0, 0.01, tuple(input_shape))
        x = (begin if bounds is None else begin + sum(bounds) / 2).astype(dtype)
    else:
        x = np.array(start, dtype)
    said = []
    with unchanged(net), enable_grad():
        for step in range(steps + 1):
            variable = Tensor(x[None], requires_grad=True)
            score = _response(net, variable, path, unit)
            said.append(float(score.data))
            if step == steps:
                break
            slope = derivatives.gradients(score, [variable])[0][0]
            size = float(np.sqrt(np.mean(np.square(slope))))
            if size == 0:  # a flat place, such as a ReLU that is off: no direction to go
                said += [said[-1]] * (steps - step)
                break
            x = _allowed(x + lr / size * slope, length, bounds)
    return Excitation(x, np.array(said))


def _allowed(x: Array, length: float | None, bounds: tuple[float, float] | None) -> Array:
    if bounds is not None:
        x = np.clip(x, *bounds)
    if length is not None:
        norm = float(np.linalg.norm(x))
        x = x * (length / norm) if norm > length else x
    return x


def _response(net: Module, x: Tensor, path: str, unit: int) -> Tensor:
    """Return what the unit says, recorded."""
    outputs: dict[str, Any] = {}

    def keep(place: str, module: Module, inputs: Any, output: Any) -> None:
        outputs[place] = output

    with nn.observe_calls(net, keep):
        net(x)
    if path not in outputs:
        raise UnknownNameError("path of a layer that was called", path, outputs)
    output = first_output(outputs[path])
    _check_unit(output.shape, path, unit)
    mine = output[:, unit]
    return p.multiply(p.sum(mine), 1.0 / mine.size)


def _check_unit(shape: tuple[int, ...], path: str, unit: int) -> None:
    if len(shape) < 2 or not 0 <= unit < shape[1]:
        raise DataError(
            f"'{path}' gives {shape}, which has no unit {unit}; the units are along the second axis"
        )


def most_exciting(net: Module, x: Any, path: str, unit: int, count: int = 9) -> tuple[Array, Array]:
    """Return which samples excite a unit most, and how much.

    Parameters
    ----------
    net : Module
        The network.
    x : array_like, shape (N, ...)
        Samples.
    path, unit
        The unit. Of a layer with maps, the largest value of the channel's map counts.
    count : int
        How many samples to return.

    Returns
    -------
    indices : ndarray of int, shape (count,)
        The most exciting first.
    activations : ndarray, shape (count,)
    """
    samples = as_array(x)
    if samples.dtype.kind == "f":
        samples = samples.astype(parameter_dtype(net), copy=False)
    size = sensible_batch_size(samples)
    found = []
    with unchanged(net), no_grad():
        for begin in range(0, len(samples), size):
            with observe(net, gradients=False) as seen:
                net(samples[begin : begin + size])
            if path not in seen.outputs:
                raise UnknownNameError("path of a layer that was called", path, seen.paths)
            output = first_output(seen.outputs[path][-1])
            _check_unit(output.shape, path, unit)
            found.append(output[:, unit].reshape(len(output), -1).max(axis=1))
    activations = np.concatenate(found)
    order = np.argsort(-activations, kind="stable")[:count]
    return order, activations[order]


@styled
def exciting_inputs(
    net: Module,
    x: Any,
    path: str,
    units: Sequence[int] = range(8),
    *,
    count: int = 8,
    image_shape: Sequence[int] | None = None,
    ax: Axes | None = None,
    **options: Any,
) -> Axes:
    """Draw what excites some units of a layer: an image made for each, and its favourite samples.

    One row for each unit; the image at the left is made by :func:`maximise_activation`, in blue and
    red for numbers below and above zero, those beside it are samples.

    Parameters
    ----------
    net : Module
        A network that takes images.
    x : array_like, shape (N, ...)
        Samples to search through.
    path : str
        The layer.
    units : sequence of int
        Its units.
    count : int
        How many samples are shown for each.
    image_shape : sequence of int, optional
        What a flat sample is.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    **options
        For :func:`maximise_activation`.

    Raises
    ------
    ShapeError
        If the samples are no images.
    """
    samples = floats_for(net, x)
    rows = []
    for unit in units:
        made = maximise_activation(net, samples.shape[1:], path, unit, **options).input
        indices, _ = most_exciting(net, samples, path, unit, count)
        rows.append((made, samples[indices]))
    if not rows:
        raise DataError("give at least one unit")
    axes = new_axes(ax, 0.5 + 0.5 * (count + 2), 0.6 + 0.5 * len(rows))
    height, width = _in_colours(rows[0][0], image_shape).shape[:2]
    images = []
    for made, favourites in rows:
        low, high = float(samples.min()), float(samples.max())
        blank = np.ones((height, max(width // 3, 1), 3))
        images.append(
            mosaic(
                [
                    _in_colours(made, image_shape),
                    *(_in_grey(favourite, image_shape, low, high) for favourite in favourites),
                ],
                count + 1,
            )
        )
        left = images[-1][:, : width + 1]
        images[-1] = np.concatenate([left, blank, images[-1][:, width + 1 :]], axis=1)
    axes.imshow(mosaic(images, 1))
    no_ticks(axes)
    axes.set_yticks(
        [(height + 1) * k + (height - 1) / 2 for k in range(len(rows))],
        [f"unit {unit}" for unit in units],
    )
    axes.tick_params(length=0)
    where = path or "outputs"
    axes.set_title(f"{where}: made for the unit, and samples that excite it most", loc="left")
    return axes


def _in_colours(values: Array, image_shape: Sequence[int] | None) -> Array:
    """Return an image of numbers of both signs, in blue and red; colour images as they are."""
    image = image_of(values, image_shape)
    if image.ndim == 3:
        return image
    from matplotlib import colormaps

    limit = signed_range(image)["vmax"]
    return np.asarray(colormaps[SIGNED](0.5 + 0.5 * image / limit))[..., :3]


def _in_grey(sample: Array, image_shape: Sequence[int] | None, low: float, high: float) -> Array:
    image = image_of(sample, image_shape)
    if image.ndim == 3:
        return image
    if image.ndim != 2:
        raise ShapeError(f"expected images, got samples of shape {sample.shape}")
    grey = (image - low) / max(high - low, 1e-12)
    return np.repeat(1 - grey[..., None], 3, axis=-1)
