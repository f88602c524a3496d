"""The tape: who made which value, and the way back along it.

There is no list of operations anywhere: each recorded result refers to its :class:`Producer`, and
the graph is those references. It is freed with the last value that holds on to it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import _GeneratorContextManager, contextmanager
from typing import Any

import numpy as np

from pellucid.primitives import Primitive, Recorded, add, cast, reshape, sum

__all__ = [
    "WATCHERS",
    "Producer",
    "backpropagate",
    "enable_grad",
    "inputs_taken_by",
    "is_recording",
    "no_grad",
    "recording",
]


class Producer:
    """The call that made a value: primitive, inputs, attributes, and its place in time."""

    __slots__ = ("attributes", "inputs", "order", "primitive")

    _clock = itertools.count()

    def __init__(
        self, primitive: Primitive, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.attributes = attributes
        self.order = next(Producer._clock)

    def __repr__(self) -> str:
        return f"<{self.primitive.name} of {len(self.inputs)} inputs, call {self.order}>"


WATCHERS: list[Callable[[Recorded, Any], None]] = []
"""Those who are shown each value and its complete gradient in every ``backward()``."""


TakesInputs = Callable[[tuple[Any, ...]], tuple[Any, ...]]


class _Recording(threading.local):
    on: bool | TakesInputs = True
    take: TakesInputs | None = None


_recording = _Recording()


def is_recording() -> bool:
    """Tell whether results of this thread are recorded for differentiation."""
    return bool(_recording.on)


def recording() -> bool | TakesInputs:
    """Return whether results of this thread are recorded, and what their inputs pass through.

    True says that the inputs are remembered as they are.
    """
    return _recording.on


@contextmanager
def _recording_set_to(on: bool) -> Iterator[None]:
    before = _recording.on
    _recording.on = (_recording.take or True) if on else False
    try:
        yield
    finally:
        _recording.on = before


@contextmanager
def inputs_taken_by(take: TakesInputs) -> Iterator[None]:
    """Let the inputs of each recorded call pass through a function before they are remembered."""
    before, on = _recording.take, _recording.on
    _recording.take = take
    _recording.on = take if on else False
    try:
        yield
    finally:
        _recording.take, _recording.on = before, on


def no_grad() -> _GeneratorContextManager[None]:
    """Compute without recording: a context manager, or a decorator, for evaluation and updates.

    Examples
    --------
    >>> import pellucid as pl
    >>> w = pl.tensor([1.0, 2.0], requires_grad=True)
    >>> with pl.no_grad():
    ...     (w * 2).requires_grad
    False
    """
    return _recording_set_to(False)


def enable_grad() -> _GeneratorContextManager[None]:
    """Record again inside of a :func:`no_grad` block."""
    return _recording_set_to(True)


def _newest_first(output: Recorded) -> list[Recorded]:
    """Return every recorded ancestor of `output` that has a producer, newest first.

    A value is always younger than its inputs, so this is an order in which each value comes after
    everything that used it. A stack instead of recursion: the graph may be 100,000 calls deep.
    """
    seen = {id(output)}
    found: list[tuple[int, Recorded]] = []
    stack = [output]
    while stack:
        value = stack.pop()
        producer = value.producer
        if producer is None:
            continue
        found.append((producer.order, value))
        for x in producer.inputs:
            if isinstance(x, Recorded) and x.requires_grad and id(x) not in seen:
                seen.add(id(x))
                stack.append(x)
    found.sort(key=_by_order, reverse=True)
    return [value for _, value in found]


def _show(value: Recorded, gradient: Any) -> None:
    for watcher in tuple(WATCHERS):
        watcher(value, gradient)


def _by_order(entry: tuple[int, Recorded]) -> int:
    return entry[0]


def _unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Sum a gradient over the axes along which its value was broadcast."""
    extra = len(gradient.shape) - len(shape)
    axes = (
        *range(extra),
        *(a + extra for a, n in enumerate(shape) if n == 1 and gradient.shape[a + extra] != 1),
    )
    if axes:
        gradient = sum(gradient, axis=axes, keepdims=True)
    return reshape(gradient, shape=shape) if gradient.shape != shape else gradient


def _leads_to(order: list[Recorded], wanted: set[int]) -> set[int]:
    """Return the identities of the values through which one of `wanted` is reached."""
    needed = set(wanted)
    for value in reversed(order):
        inputs = value.producer.inputs
        if any(id(x) in needed for x in inputs if isinstance(x, Recorded)):
            needed.add(id(value))
    return needed


def backpropagate(
    output: Recorded,
    seed: Any,
    *,
    create_graph: bool = False,
    wanted: set[int] | None = None,
    visit: Callable[[Recorded, Any], None] | None = None,
) -> dict[int, tuple[Recorded, Any]]:
    """Carry the gradient `seed` of `output` back to the leaves, or to the `wanted` values.

    Parameters
    ----------
    output : Tensor
        Where the traversal starts.
    seed : array or Tensor
        Gradient of the loss with respect to `output`, of the same shape.
    create_graph : bool
        Run the VJPs on Tensors, so that the gradients can be differentiated again.
    wanted : set of int, optional
        Identities (``id``) of the values to stop at; without it, all leaves.
    visit : callable, optional
        Called with each value and its complete gradient, newest first.

    Returns
    -------
    dict
        Identity to (value, gradient), for each leaf or wanted value that was reached.
    """
    order = _newest_first(output)
    needed = None if wanted is None else _leads_to(order, wanted)
    pending: dict[int, Any] = {id(output): seed}
    results: dict[int, tuple[Recorded, Any]] = {}
    if output.producer is None or (wanted is not None and id(output) in wanted):
        results[id(output)] = (output, seed)
    for value in order:
        g = pending.pop(id(value), None)
        if g is None:
            continue
        if visit is not None:
            visit(value, g)
        producer = value.producer
        primitive, inputs, attributes = producer.primitive, producer.inputs, producer.attributes
        if create_graph:
            answer: Any = value
            operands = inputs
        else:
            answer = value.data
            operands = tuple([x.data if isinstance(x, Recorded) else x for x in inputs])
        for i, x in enumerate(inputs):
            if not (isinstance(x, Recorded) and x.requires_grad):
                continue
            key = id(x)
            if needed is not None and key not in needed:
                continue
            part = primitive.vjps[i](g, answer, *operands, **attributes)
            data = x.data
            if part.shape != data.shape and primitive.broadcasts:
                part = _unbroadcast(part, data.shape)
            if part.dtype != data.dtype:
                part = cast(part, dtype=data.dtype)
            if key in pending:
                part = add(pending[key], part)
            pending[key] = part
            if x.producer is None or (wanted is not None and key in wanted):
                results[key] = (x, part)
    return results


def leaf_gradients(output: Recorded, seed: Any) -> None:
    """Add the gradient of `output` to the ``grad`` of every leaf that it was computed from."""
    stored: set[int] = set()
    for leaf, part in backpropagate(output, seed, visit=_show if WATCHERS else None).values():
        if WATCHERS:
            _show(leaf, part)
        if leaf.grad is not None:
            leaf.grad = np.asanyarray(leaf.grad + part)
            continue
        gradient = np.asanyarray(part)
        # A gradient may be a view, or the same array for two leaves; each leaf gets its own.
        if not gradient.flags.owndata or id(part) in stored or part is seed:
            gradient = gradient.copy()
        stored.add(id(part))
        leaf.grad = gradient
