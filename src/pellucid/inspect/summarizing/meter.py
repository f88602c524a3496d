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

_PYTHON = 8192  # bytes of Python objects that a call may make beside its arrays


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
        Bytes that were in use at once, at most, beside the parameters: the input, the results of
        primitives that were alive, and the scratch space of the primitive that was at work. Of the
        scratch space the first few kilobytes are left out: there Python's own objects are.
    """

    def __init__(self) -> None:
        self.arithmetic: dict[str, Arithmetic] = {}
        self.shapes: dict[str, list[Any]] = {}
        self.peak = 0
        self._inside: list[str] = [""]
        self._depth = 0  # 1 inside of a primitive: those that it calls itself do not count
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
            if self._depth:
                return forward(*inputs, **attributes)
            self._depth = 1
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            try:
                result = forward(*inputs, **attributes)
            finally:
                self._depth = 0
            after, most = tracemalloc.get_traced_memory()
            self.peak = max(self.peak, self._bytes + most - before - _PYTHON)
            self.hold(result, beside=after - before - _PYTHON)
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

    # --- memory -----------------------------------------------------------------------------------

    def ignore(self, array: Array) -> None:
        """Leave an array out of the memory, such as a parameter."""
        owner = _owner(array)
        self._alive[id(owner)] = (weakref.ref(owner), 0)

    def hold(self, array: Any, beside: int = 0) -> None:
        """Count an array, or that of which it is a view, for as long as it lives.

        Parameters
        ----------
        array : Any
            Something that is no array counts nothing.
        beside : int
            Bytes that came with it and perhaps live as long, as the gates of an LSTM do beside its
            states; what is more than the array counts.
        """
        if not isinstance(array, np.ndarray):
            return
        owner = _owner(array)
        key = id(owner)
        if key in self._alive:
            return

        def gone(_: Any) -> None:
            self._bytes -= self._alive.pop(key)[1]

        size = max(owner.nbytes, beside)
        self._alive[key] = (weakref.ref(owner, gone), size)
        self._bytes += size
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
    with _tracing(), ExitStack() as stack:
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
    with _tracing():
        before = _traced_arrays()
        result = compute()  # alive while the memory is counted
        kept = _traced_arrays() - before
        del result
    return kept


@contextmanager
def _tracing() -> Iterator[None]:
    """Trace memory in the block, and go on if it was traced before."""
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        yield
    finally:
        if not tracing:
            tracemalloc.stop()


def _traced_arrays() -> int:
    wanted = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([wanted]).traces
    return sum(trace.size for trace in traces)
