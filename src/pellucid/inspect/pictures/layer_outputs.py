"""What a layer makes of many samples, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, UnknownNameError
from pellucid.inspect.observing import observe
from pellucid.inspect.unchanged import unchanged
from pellucid.tape import no_grad
from pellucid.training.evaluation import parameter_dtype, sensible_batch_size
from pellucid.training.tally import first_output

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["layer_outputs"]


def layer_outputs(net: Module, x: Any, path: str) -> Iterator[Array]:
    """Yield the outputs of a layer for one batch of samples after the other.

    Parameters
    ----------
    net : Module
        The network, used in evaluation mode.
    x : array_like, shape (N, ...)
        Samples.
    path : str
        The layer; "" for the outputs. Of one that returns several values, the first is taken; of
        one that is called several times, the last call.

    Raises
    ------
    UnknownNameError
        If no such layer was called.
    DataError
        If there is no sample.
    """
    samples = as_array(x)
    if not len(samples):
        raise DataError("there is no sample to look at")
    if samples.dtype.kind == "f":
        samples = samples.astype(parameter_dtype(net), copy=False)
    size = sensible_batch_size(samples)
    for begin in range(0, len(samples), size):
        with unchanged(net), no_grad(), observe(net, gradients=False) as seen:
            net(samples[begin : begin + size])
        if path not in seen.outputs:
            raise UnknownNameError("path of a layer that was called", path, seen.paths)
        yield np.asarray(first_output(seen.outputs[path][-1]))
