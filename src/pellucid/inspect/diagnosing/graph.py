"""The calls of one forward pass, with the layers that made them: functions in forward() too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn, tape
from pellucid.dtypes import Array
from pellucid.primitives.declaration import Recorded
from pellucid.tensor import Parameter, Tensor

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["DENSE", "Call", "Graph", "record"]

DENSE = frozenset({"linear", "matmul", "convolution", "convolution_bias"})
"""Primitives that multiply by weights."""

_PASSES = frozenset({"reshape", "transpose", "cast", "identity", "getitem", "pad", "broadcast_to"})
_LINEAR = _PASSES | {"add", "subtract", "negative", "sum", "sum_windows", "concatenate", "flip"}


@dataclass(frozen=True)
class Call:
    """One call of a primitive.

    Parameters
    ----------
    name : str
        The primitive.
    value : Tensor
        The result, with the producer that knows the inputs.
    path : str
        The innermost layer that it happened in.
    """

    name: str
    value: Any
    path: str

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What it was called with."""
        return tuple(self.value.producer.inputs)

    @property
    def data(self) -> Array:
        """The numbers of the result."""
        array: Array = self.value.data
        return array

    @property
    def weight(self) -> Parameter | None:
        """The matrix or kernel that it multiplies by, if it does."""
        if self.name not in DENSE:
            return None
        for value in self.inputs[1:2] if self.name != "matmul" else self.inputs:
            if isinstance(value, Parameter) and value.data.ndim >= 2:
                return value
        return None


class Graph:
    """The calls of one forward pass in their order.

    Attributes
    ----------
    calls : list of Call
        Oldest first.
    output : Tensor or None
        The output; None if the network gave something that was not recorded.
    names : dict of int to str
        The path of each parameter, by its identity.
    """

    def __init__(self, output: Any, spans: list[tuple[int, int, str]], net: Module) -> None:
        self.output = output if isinstance(output, Recorded) else None
        self.names = {id(p): path for path, p in net.named_parameters()}
        # An inner layer's span lies within that of the outer one and ends first
        values = [] if self.output is None else tape._newest_first(self.output)[::-1]
        self.calls = [
            Call(v.producer.primitive.name, v, _layer_at(v.producer.order, spans)) for v in values
        ]
        self._made = {id(call.value): call for call in self.calls}
        self._users: dict[int, list[Call]] = {}
        for call in self.calls:
            for x in call.inputs:
                if isinstance(x, Recorded):
                    self._users.setdefault(id(x), []).append(call)

    def maker(self, value: Any) -> Call | None:
        """Return the call that made a value."""
        return self._made.get(id(value))

    def users(self, call: Call) -> list[Call]:
        """Return the calls that use the result of a call."""
        return self._users.get(id(call.value), [])

    def where(self, call: Call) -> str:
        """Return the path of the layer of a call; of a function, that of the layer before it."""
        while call.path == "" or not self._is_leaf(call.path):
            before = [c for c in map(self.maker, call.inputs) if c is not None]
            if not before:
                return call.path
            call = before[0]
        return call.path

    def _is_leaf(self, path: str) -> bool:
        return not any(call.path.startswith(f"{path}.") for call in self.calls)

    def dense(self) -> list[Call]:
        """Return the calls that multiply by weights, in order."""
        return [call for call in self.calls if call.weight is not None]

    def final(self) -> Call | None:
        """Return the call that makes the numbers of the output, whatever their shape."""
        call = None if self.output is None else self.maker(self.output)
        while call is not None and call.name in _PASSES:
            before = self.maker(call.inputs[0])
            if before is None:
                return call
            call = before
        return call

    def next_bend(self, call: Call) -> tuple[str | None, Call | None]:
        """Return what follows a dense call: the first nonlinear primitive, or the next dense call.

        Returns
        -------
        name : str or None
            "output" at the end; None where the ways part.
        call : Call or None
            That call.
        """
        while True:
            users = self.users(call)
            if not users:
                return "output", None
            if len({id(user.value) for user in users}) > 1:
                names = {user.name for user in users}
                return _composite(names), None
            user = users[0]
            if user.name in DENSE and user.weight is not None:
                return "dense", user
            scales = user.name in ("multiply", "divide") and _constant_operand(user)
            joins = user.name in ("add", "subtract", "concatenate") and not _one_operand(user)
            if joins:
                return None, user
            if user.name not in _LINEAR and not scales:
                return user.name, user
            call = user


def record(net: Module, x: Array) -> Graph:
    """Send samples through a network and keep every call; the network is in the mode it has."""
    spans: list[tuple[int, int, str]] = []
    open_calls: list[int] = []

    def entering(path: str) -> None:
        open_calls.append(next(tape.Producer._clock))

    def called(path: str, module: Module, inputs: Any, output: Any) -> None:
        spans.append((open_calls.pop(), next(tape.Producer._clock), path))

    frozen = x.dtype.kind == "f" and not all(p.requires_grad for p in net.parameters())
    given: Any = Tensor(x, requires_grad=True) if frozen else x
    with (
        tape.enable_grad(),
        np.errstate(all="ignore"),
        nn.observe_calls(net, called, entering=entering),
    ):
        output = net(given)
    if isinstance(output, (tuple, list)):
        output = output[0]
    return Graph(output, spans, net)


def _layer_at(order: int, spans: list[tuple[int, int, str]]) -> str:
    """Return the innermost layer whose call was going on at that time."""
    for begin, end, path in spans:  # inner ones come first
        if begin < order < end:
            return path
    return ""


def _composite(names: set[str]) -> str | None:
    """Return what several users of one value make together: an activation made of primitives."""
    if names == {"sigmoid", "multiply"}:
        return "silu"
    if "normal_cdf" in names:
        return "gelu"
    if names == {"relu", "clip"}:
        return "leaky"
    return None


def _operands(call: Call) -> Iterator[Any]:
    return (x for x in call.inputs if isinstance(x, Recorded) and not isinstance(x, Parameter))


def _constant_operand(call: Call) -> bool:
    return len(list(_operands(call))) == 1


def _one_operand(call: Call) -> bool:
    return len(list(_operands(call))) <= 1
