"""The number that an explanation is about: one output of a network, for each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import derivatives
from pellucid import primitives as p
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import enable_grad
from pellucid.tensor import Tensor
from pellucid.training.evaluation import parameter_dtype, predict
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["floats_for", "input_gradients", "scores_of", "targets_of"]


def floats_for(net: Module, x: Any) -> Array:
    """Return samples in the type of the network.

    Raises
    ------
    DTypeError
        If they are whole numbers, by which nothing can be differentiated.
    """
    samples = as_array(x)
    if samples.dtype.kind != "f":
        raise DTypeError(
            f"the samples are {samples.dtype}: there is no gradient by whole numbers such as "
            "tokens; explain the network behind its embedding instead"
        )
    return samples.astype(parameter_dtype(net), copy=False)


def targets_of(net: Module, x: Array, target: Any) -> Array:
    """Return the output that is explained, for each sample; None is what the network decides.

    Raises
    ------
    ShapeError
        If the network does not give one row of outputs for each sample.
    DataError
        If a target is none of the outputs.
    """
    outputs = predict(net, x)
    if outputs.ndim == 1:
        outputs = outputs[:, None]
    if outputs.ndim != 2:
        raise ShapeError(
            "expected one row of outputs for each sample, (N, C); the network gives "
            f"{outputs.shape}"
        )
    if target is None:
        return np.argmax(outputs, axis=1)
    targets = np.broadcast_to(np.asarray(target), (len(x),))
    if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= outputs.shape[1]:
        raise DataError(
            f"a target is one of the outputs 0 to {outputs.shape[1] - 1}, got {target!r}"
        )
    return targets


def scores_of(net: Module, x: Array, targets: Array) -> Array:
    """Return the output that `targets` names, before any softmax, for each sample: (N,)."""
    outputs = predict(net, x)
    return outputs.reshape(len(x), -1)[np.arange(len(x)), targets]


def input_gradients(net: Module, x: Array, targets: Array) -> Array:
    """Return the gradient of each sample's score by that sample, of the shape of `x`."""
    variable = Tensor(x, requires_grad=True)
    with unchanged(net), enable_grad():
        outputs = first_output(net(variable))
        if len(outputs.shape) == 1:
            outputs = p.reshape(outputs, shape=(-1, 1))
        # Samples do not meet in evaluation mode, so the sum has the gradients of all of them.
        score = p.sum(outputs[np.arange(len(x)), targets])
        return np.asarray(derivatives.gradients(score, [variable])[0])
