"""What a unit responds to: inputs made for it, and the samples that excite it most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import derivatives, nn
from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.inspect.pictures.layer_outputs import layer_outputs
from pellucid.inspect.unchanged import unchanged
from pellucid.random import Seed, generator
from pellucid.tape import enable_grad
from pellucid.tensor import Tensor
from pellucid.training.evaluation import parameter_dtype
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["Excitation", "maximise_activation", "most_exciting", "smoothed"]


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
    smooth: float = 0.0,
    start: Any = None,
    rng: Seed = 0,
) -> Excitation:
    """Make an input that excites one unit as much as possible, by gradient ascent.

    x ← x + lr · g / rms(g), then smoothed, and brought back to the allowed length or bounds

    Erhan, Bengio, Courville & Vincent (2009); the smoothing is that of Yosinski et al. (2015).

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
    smooth : float
        Which share of a blurred image is mixed in after each step, from 0 to 1. Against the noise
        of high frequencies that excites convolutions.
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
    ShapeError
        If something that is no image is to be smoothed.
    """
    if smooth and len(input_shape) < 2:
        raise ShapeError(f"only images can be smoothed, the input shape is {tuple(input_shape)}")
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
            x = _allowed(smoothed(x + lr / size * slope, smooth), length, bounds)
    return Excitation(x, np.array(said))


def smoothed(x: Array, share: float) -> Array:
    """Mix in a blurred copy: means of three pixels, weighted 1 : 2 : 1, down and across."""
    if not share:
        return x
    blurred = x
    for axis in (-2, -1):
        edges = [(1, 1) if a == x.ndim + axis else (0, 0) for a in range(x.ndim)]
        wide = np.pad(blurred, edges, mode="edge")
        length = x.shape[axis]
        before, here, after = (np.take(wide, range(k, k + length), axis=axis) for k in range(3))
        blurred = (before + 2 * here + after) / 4
    return np.asarray((1 - share) * x + share * blurred, x.dtype)


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

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    DataError
        If it has no such unit, or there is no sample.
    """
    found = []
    for output in layer_outputs(net, x, path):
        _check_unit(output.shape, path, unit)
        found.append(output[:, unit].reshape(len(output), -1).max(axis=1))
    activations = np.concatenate(found)
    order = np.argsort(-activations, kind="stable")[:count]
    return order, activations[order]
