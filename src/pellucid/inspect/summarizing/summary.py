"""``pl.summary``: the layers of a network, and what it costs."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import DataError, DTypeError
from pellucid.inspect.summarizing import writing
from pellucid.inspect.summarizing.meter import Meter, array_bytes_kept, metered
from pellucid.inspect.summarizing.rows import Row, rows_of
from pellucid.inspect.unchanged import unchanged
from pellucid.nn import Module
from pellucid.nn.lazy import is_pending
from pellucid.tape import enable_grad, no_grad
from pellucid.training.evaluation import parameter_dtype

__all__ = ["Memory", "Summary", "summary"]

# Up to so many bytes in use a pass is quick; beyond, kernels that work in blocks have several.
_QUICK = 2**22


@dataclass(frozen=True)
class Memory:
    """How many bytes a network needs, for a batch of so many samples.

    Attributes
    ----------
    batch_size : int
        The samples of the batch.
    parameters : int
        The weights, frozen ones too.
    buffers : int
        What is kept but not learnt, such as running means.
    gradients : int
        One number for each weight that is trained.
    optimizer : int
        The two moments of Adam for each weight that is trained.
    activations : int
        What a forward pass in training mode keeps for the way back, measured.
    inference : int
        What a forward pass without recording needs at once, at most: the input, the results that
        are alive, and the scratch space of the primitive that is at work; measured.
    """

    batch_size: int
    parameters: int
    buffers: int
    gradients: int
    optimizer: int
    activations: int
    inference: int

    @property
    def training_total(self) -> int:
        """Weights, buffers, gradients, Adam's moments and activations."""
        weights = self.parameters + self.buffers + self.gradients + self.optimizer
        return weights + self.activations

    @property
    def inference_total(self) -> int:
        """Weights, buffers, and the largest set of arrays alive at once."""
        return self.parameters + self.buffers + self.inference


@dataclass(frozen=True)
class Summary:
    """The layers of a network and what it costs.

    Attributes
    ----------
    name : str
        The class of the network.
    input_shape : tuple of int, or tuple of such
        The shape of one sample.
    rows : tuple of Row
        The network, then each layer inside of it, outer ones first.
    memory : Memory
        What it needs in training and in use.
    """

    name: str
    input_shape: tuple[Any, ...]
    rows: tuple[Row, ...]
    memory: Memory

    @property
    def parameters(self) -> int:
        """How many numbers the network has; shared ones count once."""
        return self.rows[0].parameters

    @property
    def trainable(self) -> int:
        """How many of them training changes."""
        return self.rows[0].trainable

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of products and convolutions in a forward pass of one sample."""
        return self.rows[0].multiply_adds

    @property
    def flops(self) -> int:
        """Floating-point operations of a forward pass of one sample; a multiply-add is two."""
        return self.rows[0].flops

    def text(self, depth: int | None = None, *, width: int | None = None) -> str:
        """Return a table for people.

        Parameters
        ----------
        depth : int, optional
            How deep to go into layers inside of layers; everything if left out.
        width : int, optional
            Columns of a terminal to fit it into; as wide as it gets if left out.
        """
        return writing.text(self, depth, width)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "name": self.name,
            "input_shape": _plain(self.input_shape),
            "parameters": self.parameters,
            "trainable": self.trainable,
            "multiply_adds": self.multiply_adds,
            "flops": self.flops,
            "memory": asdict(self.memory)
            | {
                "training_total": self.memory.training_total,
                "inference_total": self.memory.inference_total,
            },
            "layers": [
                asdict(row) | {"output_shape": _plain(row.output_shape)} for row in self.rows[1:]
            ],
        }

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return writing.html(self)


def _plain(shape: Any) -> Any:
    if isinstance(shape, (tuple, list)):
        return [_plain(part) for part in shape]
    if isinstance(shape, dict):
        return {name: _plain(part) for name, part in shape.items()}
    return shape


def summary(
    model: Module,
    input_shape: Sequence[Any],
    *,
    batch_size: int = 1,
    dtype: DTypeLike | None = None,
) -> Summary:
    """Describe a network: layers, output shapes, parameters, arithmetic and memory.

    The network is called with zeros, once in evaluation mode and once in training mode; weights,
    gradients, modes, buffers and random generators are afterwards what they were. Of a network
    whose layers do not know their input sizes yet, a copy is described.

    Parameters
    ----------
    model : Module
        The network.
    input_shape : sequence of int, or of such sequences
        The shape of one sample, without the batch axis; a sequence of shapes for a network that
        takes several inputs.
    batch_size : int
        How many samples the memory is meant for. Arithmetic is that of one sample.
    dtype : dtype, optional
        The type of the input. If left out, floats of the network's type, or whole numbers where the
        network takes nothing but those (tokens).

    Returns
    -------
    Summary
        Prints as a table.

    Raises
    ------
    DataError
        If `batch_size` is not a whole number of at least 1, or `input_shape` is no shape, or not
        as many as the network has inputs.
    ShapeError
        If the network does not take samples of that shape.

    Examples
    --------
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    >>> s = pl.summary(net, (64,))
    >>> s.parameters, s.multiply_adds
    (2410, 2368)
    >>> [row.output_shape for row in s.rows]
    [(10,), (32,), (32,), (10,)]
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise DataError(f"batch_size is a whole number ≥ 1, got {batch_size!r}")
    several, shapes = _shapes_of(model, input_shape)
    with unchanged(model):
        if any(is_pending(parameter) for parameter in model.parameters()):
            model = copy.deepcopy(model).eval()
        meter, used = _in_use(model, shapes, 1, dtype)
        inference = _peak(model, shapes, used, batch_size, meter.peak)
        activations = _in_training(model, shapes, used, batch_size)
    parameters = model.parameters()
    trained = sum(p.data.nbytes for p in parameters if p.requires_grad)
    memory = Memory(
        batch_size=batch_size,
        parameters=sum(p.data.nbytes for p in parameters),
        buffers=sum(b.nbytes for _, b in model.named_buffers()),
        gradients=trained,
        optimizer=2 * trained,
        activations=activations,
        inference=inference,
    )
    shape = tuple(shapes) if several else shapes[0]
    return Summary(type(model).__name__, shape, tuple(rows_of(model, meter)), memory)


def _shapes_of(model: Any, given: Any) -> tuple[bool, list[tuple[int, ...]]]:
    """Return whether there are several inputs, and the shape of each."""
    if not isinstance(model, Module):
        raise DataError(f"summary takes a network, got {type(model).__name__}")
    given = (given,) if isinstance(given, (int, np.integer)) else given
    if not isinstance(given, (tuple, list)):
        raise DataError(
            f"input_shape is the shape of one sample, such as (784,) or (1, 28, 28), got {given!r}"
        )
    several = bool(given) and all(isinstance(part, (tuple, list)) for part in given)
    parts = list(given) if several else [given]
    for n in (n for part in parts for n in part):
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
            raise DataError(f"a shape consists of whole numbers ≥ 0, got {n!r} in {given!r}")
    try:
        inspect.signature(model.forward).bind(*parts)
    except TypeError as error:
        raise DataError(
            f"{type(model).__name__} does not take {len(parts)} input"
            f"{'s' * (len(parts) != 1)}: {error}; input_shape is the shape of one sample, or a "
            "list of shapes, one for each input"
        ) from None
    return several, [tuple(int(n) for n in part) for part in parts]


def _in_use(
    net: Module, shapes: list[tuple[int, ...]], samples: int, dtype: DTypeLike | None
) -> tuple[Meter, DTypeLike]:
    """Measure a forward pass; return also the type of input that the network takes."""
    wanted = (parameter_dtype(net), np.dtype(np.int64)) if dtype is None else (np.dtype(dtype),)
    for kind in wanted[:-1]:
        try:
            return _measured(net, _zeros(shapes, samples, kind)), kind
        except DTypeError:  # it takes tokens
            continue
    return _measured(net, _zeros(shapes, samples, wanted[-1])), wanted[-1]


def _measured(net: Module, inputs: list[Array]) -> Meter:
    with no_grad(), metered(net) as meter:
        for x in inputs:
            meter.hold(x)
        net(*inputs)
    return meter


def _peak(
    net: Module, shapes: list[tuple[int, ...]], dtype: DTypeLike, batch_size: int, of_one: int
) -> int:
    """Return the bytes in use at once: measured, if that is quick, or carried on in proportion."""
    enough = max(1, _QUICK // max(of_one, 1))
    if batch_size <= 2 * enough:
        return _measured(net, _zeros(shapes, batch_size, dtype)).peak
    once, twice = (_measured(net, _zeros(shapes, n, dtype)).peak for n in (enough, 2 * enough))
    return once + (batch_size - enough) * (twice - once) // enough


def _in_training(
    net: Module, shapes: list[tuple[int, ...]], dtype: DTypeLike, batch_size: int
) -> int:
    """Return the bytes that a forward pass keeps; measured with two samples, which norms need."""
    net.train()
    inputs = _zeros(shapes, 2, dtype)
    with enable_grad():
        return array_bytes_kept(lambda: net(*inputs)) * batch_size // 2


def _zeros(shapes: list[tuple[int, ...]], samples: int, dtype: DTypeLike) -> list[Array]:
    return [np.zeros((samples, *shape), dtype) for shape in shapes]
