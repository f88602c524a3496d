"""Collecting what the layers of a network compute, and the gradients that come back to them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn, tape
from pellucid.dtypes import Array
from pellucid.primitives.declaration import Recorded
from pellucid.tensor import Parameter, Tensor

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["Observation", "observe"]


class Observation:
    """What was seen of a network: activations and gradients by the path of the layer.

    The path of the network itself is "". A layer that was called several times has one entry for
    each call, in order; a layer that was not called is missing.

    Attributes
    ----------
    paths : list of str
        The layers that were called, each once, in the order in which their first calls ended: inner
        layers come before the ones that contain them.
    modules : dict of str to Module
        The layers.
    outputs : dict of str to list
        The result of each call: an array, or the tuple of arrays that the layer returned, such as
        the :class:`~pellucid.nn.Recurrence` of a recurrent layer. These are the network's own
        arrays, not copies.
    inputs : dict of str to list of tuple
        The positional arguments of each call.
    gradients : dict of str to list
        The gradient of the loss with respect to each entry of `outputs`, in the same form; None
        where none has come back (yet). Several backward passes add up, as they do in ``grad``.
    """

    def __init__(self) -> None:
        self.modules: dict[str, Module] = {}
        self.inputs: dict[str, list[tuple[Any, ...]]] = {}
        self.outputs: dict[str, list[Any]] = {}
        self.gradients: dict[str, list[Any]] = {}

    @property
    def paths(self) -> list[str]:
        """The layers that were called, in the order in which their first calls ended."""
        return list(self.modules)

    def clear(self) -> None:
        """Forget everything seen so far, as between the steps of a long training."""
        for seen in (self.modules, self.inputs, self.outputs, self.gradients):
            seen.clear()

    def __repr__(self) -> str:
        calls = sum(map(len, self.outputs.values()))
        came = sum(g is not None for all_of in self.gradients.values() for g in all_of)
        return f"<Observation of {len(self.modules)} layers: {calls} calls, {came} gradients>"


@contextmanager
def observe(model: Module, *, gradients: bool = True) -> Iterator[Observation]:
    """Collect the inputs, outputs and gradients of every layer while the block runs.

    Nothing is computed twice, and nothing costs anything outside of the block. Blocks may be
    nested. In a ``no_grad`` block there are no gradients. Of a frozen network the calls are
    recorded nevertheless, so that gradients come back to its layers, though not to its parameters.
    In mixed precision gradients are those of the scaled loss.

    Parameters
    ----------
    model : Module
        The network to watch; its layers are found by their paths.
    gradients : bool
        Whether to collect what ``backward()`` brings back to each output.

    Yields
    ------
    Observation
        Fills up as layers are called, and stays as it is after the block.

    Examples
    --------
    >>> import numpy as np
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    >>> with pl.observe(net) as seen:
    ...     loss = pl.losses.cross_entropy(net(np.ones((5, 4))), np.zeros(5, np.int64))
    ...     loss.backward()
    >>> for path in seen.paths:
    ...     print(repr(path), seen.outputs[path][0].shape, seen.gradients[path][0].shape)
    '0' (5, 8) (5, 8)
    '1' (5, 8) (5, 8)
    '2' (5, 3) (5, 3)
    '' (5, 3) (5, 3)
    """
    observation = Observation()
    collector = _Collector(observation)
    with nn.observe_calls(model, collector.store_and_await if gradients else collector.store):
        if not gradients:
            yield observation
            return
        tape.WATCHERS.append(collector.take)
        try:
            yield observation
        finally:
            tape.WATCHERS.remove(collector.take)
            collector.release()


class _Collector:
    """Writes calls and gradients into an observation.

    Values are known by identity, and only as long as somebody else holds on to them: an observation
    must not keep the graphs of a whole training alive.
    """

    def __init__(self, observation: Observation) -> None:
        self._seen = observation
        self._awaited: dict[int, tuple[weakref.ref[Tensor], list[Callable[[Array], None]]]] = {}
        self._made_leaves: list[weakref.ref[Tensor]] = []

    def store(self, path: str, module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep the numbers of a call."""
        seen = self._seen
        seen.modules.setdefault(path, module)
        seen.inputs.setdefault(path, []).append(tuple(_numbers(x) for x in inputs))
        seen.outputs.setdefault(path, []).append(_numbers(output))
        seen.gradients.setdefault(path, []).append(None)

    def store_and_await(
        self, path: str, module: Module, inputs: tuple[Any, ...], output: Any
    ) -> None:
        """Keep the numbers of a call, and remember whose gradients to wait for."""
        self.store(path, module, inputs, output)
        if not tape.is_recording():
            return
        gradients = self._seen.gradients[path]
        form = self._seen.outputs[path][-1]
        call = len(gradients) - 1
        for place, value in _tensors(output):
            if not value.requires_grad:
                if value.data.dtype.kind != "f" or isinstance(value, Parameter):
                    continue
                value.requires_grad = True  # of a frozen layer: gradients shall come this far
                self._made_leaves.append(weakref.ref(value))
            self._await(value, _Place(gradients, call, form, place))

    def _await(self, value: Tensor, place: Callable[[Array], None]) -> None:
        key = id(value)
        known = self._awaited.get(key)
        if known is not None:
            known[1].append(place)
            return

        def forget(_: Any, awaited: dict[int, Any] = self._awaited) -> None:
            awaited.pop(key, None)

        self._awaited[key] = (weakref.ref(value, forget), [place])

    def take(self, value: Recorded, gradient: Array) -> None:
        """Take the gradient of a value, if it is the output of a layer."""
        known = self._awaited.get(id(value))
        if known is not None:
            for place in known[1]:
                place(gradient)

    def release(self) -> None:
        """Make the outputs of frozen layers again what they would be without the observation."""
        for reference in self._made_leaves:
            value = reference()
            if value is not None:
                value.requires_grad = False
                value.grad = None


class _Place:
    """Where the gradient of one output goes: an entry of a list, or a part of that entry."""

    def __init__(self, gradients: list[Any], call: int, form: Any, where: tuple[Any, ...]) -> None:
        self._gradients = gradients
        self._call = call
        self._form = form
        self._where = where

    def __call__(self, gradient: Array) -> None:
        """Add a gradient, as a copy: the tape may hand the same array to a parameter."""
        so_far = self._gradients[self._call]
        if so_far is None and self._where:
            so_far = _blank(self._form)
        self._gradients[self._call] = _added(so_far, self._where, np.array(gradient))


def _numbers(value: Any) -> Any:
    """Return what a layer took or gave as plain arrays, in the same form."""
    return _map(lambda x: x.data if isinstance(x, Recorded) else x, value)


def _blank(form: Any) -> Any:
    return _map(lambda _: None, form)


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _map(function, part) for name, part in tree.items()}
    if isinstance(tree, (tuple, list)):
        return _rebuilt(tree, [_map(function, part) for part in tree])
    return function(tree)


def _rebuilt(tree: Any, parts: list[Any]) -> Any:
    if hasattr(tree, "_fields"):
        return type(tree)(*parts)  # a NamedTuple takes its parts one by one
    return parts if isinstance(tree, list) else tuple(parts)


def _tensors(tree: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Tensor]]:
    """Yield each Tensor of a tree, with the indices that lead to it."""
    if isinstance(tree, Tensor):
        yield place, tree
    elif isinstance(tree, dict):
        for name, part in tree.items():
            yield from _tensors(part, (*place, name))
    elif isinstance(tree, (tuple, list)):
        for i, part in enumerate(tree):
            yield from _tensors(part, (*place, i))


def _added(tree: Any, where: tuple[Any, ...], gradient: Array) -> Any:
    """Return the tree with `gradient` added at the place that the indices lead to."""
    if not where:
        return gradient if tree is None else tree + gradient
    first, rest = where[0], where[1:]
    if isinstance(tree, dict):
        return tree | {first: _added(tree[first], rest, gradient)}
    parts = [_added(part, rest, gradient) if i == first else part for i, part in enumerate(tree)]
    return _rebuilt(tree, parts)
