"""Measuring one forward pass: the arithmetic of each layer, and the arrays alive at once."""

from __future__ import annotations

import tracemalloc
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.primitives import PRIMITIVES
from pellucid.primitives.arithmetic import Arithmetic, arithmetic_of
from pellucid.primitives.declaration import Primitive, Recorded

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["Meter", "array_bytes_kept", "metered"]


class Meter:
    """What was measured of a forward pass.

    Attributes
    ----------
    arithmetic : dict of str to Arithmetic
        What each layer computed itself, not counting the layers inside of it, by path.
    shapes : dict of str to list
        The shape of the output of each call, by path; a tuple or dict of shapes where a layer
        returns several values. Layers that were never called are missing.
    peak : int
        Bytes of the arrays that were alive at once, at most: results of primitives and the input,
        without the parameters and without the scratch space inside of a primitive.
    """

    def __init__(self) -> None:
        self.arithmetic: dict[str, Arithmetic] = {}
        self.shapes: dict[str, list[Any]] = {}
        self.peak = 0
        self._inside: list[str] = [""]
        self._depth = 0  # of primitives that call primitives: only the outermost counts
        self._alive: dict[int, tuple[weakref.ref[Array], int]] = {}
        self._bytes = 0

    # --- layers -----------------------------------------------------------------------------------

    def enter(self, path: str) -> None:
        """Take note that a call of a layer begins."""
        self._inside.append(path)

    def leave(self, path: str, module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        """Take note that a call of a layer has ended."""
        self._inside.pop()
        self.shapes.setdefault(path, []).append(_shapes(output))

    # --- primitives -------------------------------------------------------------------------------

    def measuring(self, primitive: Primitive) -> Callable[..., Any]:
        """Return the forward function of a primitive that also counts."""
        forward = primitive.forward

        def counted(*inputs: Any, **attributes: Any) -> Any:
            self._depth += 1
            try:
                result = forward(*inputs, **attributes)
            finally:
                self._depth -= 1
            if not self._depth:
                self._count(primitive.name, result, inputs, attributes)
            return result

        return counted

    def _count(
        self, name: str, result: Any, inputs: tuple[Any, ...], attributes: Mapping[str, Any]
    ) -> None:
        shapes = [np.shape(x) for x in inputs]
        more = arithmetic_of(name, np.shape(result), shapes, attributes)
        path = self._inside[-1]
        so_far = self.arithmetic.get(path, Arithmetic())
        self.arithmetic[path] = Arithmetic(
            so_far.multiply_adds + more.multiply_adds, so_far.others + more.others
        )
        self.hold(result)

    # --- memory -----------------------------------------------------------------------------------

    def ignore(self, array: Array) -> None:
        """Leave an array out of the memory, such as a parameter."""
        owner = _owner(array)
        self._alive[id(owner)] = (weakref.ref(owner), 0)

    def hold(self, array: Any) -> None:
        """Count an array, or that of which it is a view, for as long as it lives."""
        if not isinstance(array, np.ndarray):
            return
        owner = _owner(array)
        key = id(owner)
        if key in self._alive:
            return

        def gone(_: Any) -> None:
            self._bytes -= self._alive.pop(key)[1]

        self._alive[key] = (weakref.ref(owner, gone), owner.nbytes)
        self._bytes += owner.nbytes
        self.peak = max(self.peak, self._bytes)


def _owner(array: Array) -> Array:
    """Return the array whose memory this is."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _shapes(value: Any) -> Any:
    if isinstance(value, (Recorded, np.ndarray)):
        return np.shape(value.data) if isinstance(value, Recorded) else value.shape
    if isinstance(value, dict):
        return {name: _shapes(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_shapes(part) for part in value]
    return None


@contextmanager
def metered(net: Module) -> Iterator[Meter]:
    """Measure what is computed in the block, by the layers of `net`."""
    meter = Meter()
    for parameter in net.parameters():
        meter.ignore(parameter.data)
    with ExitStack() as stack:
        for primitive in PRIMITIVES.values():
            forward = primitive.forward
            primitive.forward = meter.measuring(primitive)
            stack.callback(setattr, primitive, "forward", forward)
        stack.enter_context(nn.observe_calls(net, meter.leave, entering=meter.enter))
        yield meter


def array_bytes_kept(compute: Callable[[], Any]) -> int:
    """Return how many bytes of new arrays are alive when `compute` has returned its result.

    NumPy reports its arrays to :mod:`tracemalloc` under a domain of their own.
    """
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        before = _traced_arrays()
        result = compute()  # alive while the memory is counted
        kept = _traced_arrays() - before
        del result
    finally:
        if not tracing:
            tracemalloc.stop()
    return kept


def _traced_arrays() -> int:
    wanted = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([wanted]).traces
    return sum(trace.size for trace in traces)
