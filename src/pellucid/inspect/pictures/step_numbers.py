"""The numbers of one step of a dense network, by columns of units: of the way there, or back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, UnsupportedError
from pellucid.inspect.tracing import trace
from pellucid.inspect.unchanged import unchanged
from pellucid.nn import Linear
from pellucid.program import Instruction, Program, Variable

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.training.objective import LossLike

__all__ = ["ColumnNumbers", "step_numbers"]


@dataclass(frozen=True)
class ColumnNumbers:
    """What belongs to one column of units.

    Attributes
    ----------
    path : str
        The dense layer that makes it; "" for the input.
    units : ndarray, shape (units,), or None
        Activations; on the way back the gradient of the loss by them. None where there is none, as
        of the input.
    weights : ndarray, shape (units before, units), or None
        Weights, or the gradient by them.
    biases : ndarray, shape (units,), or None
        Biases, or the gradient by them.
    """

    path: str
    units: Array | None
    weights: Array | None
    biases: Array | None


def step_numbers(
    net: Module,
    sample: Array,
    target: Any = None,
    *,
    loss: LossLike = "auto",
    backward: bool = False,
) -> list[ColumnNumbers]:
    """Return the numbers of a traced step, in evaluation mode, for dense layers in a row.

    Parameters
    ----------
    net : Module
    sample : ndarray
        One sample, without the batch axis.
    target : array_like, optional
        Its target, which the way back needs.
    loss : callable or str
        As :func:`pellucid.fit` takes it.
    backward : bool
        Whether the gradients of the loss are asked for.

    Raises
    ------
    DataError
        If there is no target for the way back.
    UnsupportedError
        If the network has other layers with weights, or its dense layers do not follow each other.
    """
    if backward and target is None:
        raise DataError(
            "gradients are of a loss, and a loss needs a target: network_diagram(net, sample, "
            "target, backward=True)"
        )
    with unchanged(net):
        if backward:
            program = trace(net, (sample[None], np.asarray(target)[None]), loss=loss)
        else:
            program = trace(net, sample[None], loss=None)
    layers = [i for i in program.of_phase("forward") if isinstance(i.module, Linear)]
    layers = [i for i in layers if _weight(i) is not None]
    if not layers:
        raise UnsupportedError("there is no dense layer to draw; pl.summary shows any network")
    columns = [_column(program, "", layers[0].inputs[0], None, backward)]
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        result = program.results["output"] if following is None else following.inputs[0]
        columns.append(_column(program, layer.path, result, layer, backward))
    return columns


def _weight(layer: Instruction) -> Variable | None:
    """Return the weights that a call multiplies with, None if it does something else."""
    if layer.operation.name not in ("linear", "matmul") or len(layer.inputs) < 2:
        return None
    return layer.inputs[1]


def _column(
    program: Program, path: str, result: Variable, layer: Instruction | None, backward: bool
) -> ColumnNumbers:
    def of(variable: Variable | None) -> Array | None:
        if variable is not None and backward:
            variable = program.gradient(variable.name)
        return None if variable is None else np.asarray(variable.value)

    units = of(result)
    weight = None if layer is None else _weight(layer)
    bias = layer.inputs[2] if layer is not None and len(layer.inputs) > 2 else None
    return ColumnNumbers(path, None if units is None else units.reshape(-1), of(weight), of(bias))
