"""Putting the recorder's ears on: while a step is traced, and not a moment longer.

Nothing in the engine knows of tracing, so it costs nothing when nobody traces. For the time of a
trace the forward functions of the primitives, the kernels, the call of a layer, the way back and
the step of an optimizer are replaced by ones that tell the recorder; network, buffers and random
generators are put back as they were.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from pellucid import random, tape
from pellucid.kernels import reference
from pellucid.nn import Module
from pellucid.optim import Optimizer
from pellucid.primitives import PRIMITIVES, Primitive, naming, recurrent, shares
from pellucid.program.instruction import Variable
from pellucid.program.named_number import Share, named
from pellucid.program.recorder import Recorder
from pellucid.program.traced_array import TracedGenerator
from pellucid.tensor import Tensor

__all__ = ["recording"]

# Their forward functions are thin shells around a kernel with more results, which is traced itself.
_SHELLS = ("lstm_sequence", "gru_sequence")


@contextlib.contextmanager
def recording(
    recorder: Recorder,
    models: Iterable[tuple[str, Module]],
    optimizers: Iterable[Optimizer] = (),
    generators: Iterable[tuple[Any, str]] = (),
) -> Iterator[None]:
    """Let `recorder` write down what happens in the block.

    Parameters
    ----------
    recorder : Recorder
    models : iterable of (str, Module)
        The networks, and what their paths begin with.
    optimizers : iterable of Optimizer
        Those that step in the block.
    generators : iterable of (object, str)
        Where random generators are kept beside those of the networks: object and attribute.
    """
    with contextlib.ExitStack() as stack:
        names = _traced_networks(recorder, models, stack)
        _traced_primitives(recorder, stack)
        _traced_kernels(recorder, stack)
        _traced_shares(recorder, stack)
        _traced_names(recorder, stack)
        _traced_calls(recorder, names, stack)
        _traced_way_back(recorder, stack)
        _traced_updates(recorder, optimizers, stack)
        for owner, name in [*generators, (random, "_default")]:
            _traced_generator(recorder, owner, name, stack)
        yield


def _replace(stack: contextlib.ExitStack, owner: Any, name: str, value: Any) -> None:
    """Set an attribute until the stack unwinds."""
    stack.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


# --- the network ----------------------------------------------------------------------------------


def _traced_networks(
    recorder: Recorder, models: Iterable[tuple[str, Module]], stack: contextlib.ExitStack
) -> dict[int, tuple[str, Module]]:
    """Put traced arrays in the place of parameters and buffers; return the modules by identity."""
    names: dict[int, tuple[str, Module]] = {}
    done: set[int] = set()
    for start, model in models:
        for path, parameter in model.named_parameters():
            if id(parameter) in done:
                continue
            done.add(id(parameter))
            whole = _joined(start, path)
            traced = recorder.new(np.array(parameter.data, order="C"), "parameter", whole)
            _replace(stack, parameter, "data", traced)
            _replace(stack, parameter, "grad", None)
        for path, module in model.named_modules():
            if id(module) in names:
                continue
            whole = _joined(start, path)
            names[id(module)] = whole, module
            _trace_state(recorder, whole, module, stack)
    return names


def _trace_state(
    recorder: Recorder, path: str, module: Module, stack: contextlib.ExitStack
) -> None:
    """Replace buffers and random generators that are attributes of a module."""
    attributes = vars(module)
    for name in list(attributes.get("_buffers", ())):
        old = attributes[name]
        attributes[name] = recorder.new(np.array(old, order="C"), "buffer", _joined(path, name))
        stack.callback(attributes.__setitem__, name, old)
    for name, value in list(attributes.items()):
        if isinstance(value, np.random.Generator):
            _traced_generator(recorder, module, name, stack)


def _joined(start: str, path: str) -> str:
    return f"{start}.{path}" if start and path else start or path


def _traced_generator(
    recorder: Recorder, owner: Any, name: str, stack: contextlib.ExitStack
) -> None:
    """Replace a generator; its stream is as before when the stack unwinds."""
    plain = getattr(owner, name)
    stack.callback(setattr, plain.bit_generator, "state", plain.bit_generator.state)
    _replace(stack, owner, name, TracedGenerator(recorder, plain))


# --- the engine -----------------------------------------------------------------------------------


def _traced_primitives(recorder: Recorder, stack: contextlib.ExitStack) -> None:
    for primitive in PRIMITIVES.values():
        if primitive.name not in _SHELLS:
            _replace(stack, primitive, "forward", _told(recorder, primitive))


def _told(recorder: Recorder, primitive: Primitive) -> Callable[..., Any]:
    """Return the forward function of a primitive that tells the recorder of its calls."""
    original = primitive.forward

    @functools.wraps(original, updated=())
    def forward(*inputs: Any, **attributes: Any) -> Any:
        if not recorder.knows((inputs, attributes)):
            return original(*recorder.plain(inputs), **attributes)
        return recorder.call(original, inputs, attributes, primitive=primitive)

    return forward


def _traced_kernels(recorder: Recorder, stack: contextlib.ExitStack) -> None:
    """Replace the kernels as they are seen from the floors above: ``reference.batch_norm``."""
    for name in reference.__all__:
        original = getattr(reference, name)

        def kernel(*inputs: Any, _original: Any = original, **options: Any) -> Any:
            if not recorder.knows((inputs, options)):
                return _original(*inputs, **options)
            return recorder.call(_original, inputs, options)

        _replace(stack, reference, name, functools.wraps(original)(kernel))

    sweep = recurrent.SharedSweep.run

    def run(self: Any, g: Any, y: Any, *inputs: Any, **attributes: Any) -> Any:
        if isinstance(g, Tensor) or not recorder.knows((g, y, inputs)):
            return sweep(self, g, y, *inputs, **attributes)
        if self.kept is not None:
            attributes["gates"] = self.kept.get(y)
        return recorder.call(self.sweep, (g, y, *inputs), attributes)

    _replace(stack, recurrent.SharedSweep, "run", run)


def _traced_shares(recorder: Recorder, stack: contextlib.ExitStack) -> None:
    """Let the factors of means remember what they are the mean of."""
    share = shares.share

    def weighted(weights: Any, total: float) -> Any:
        each = Share.of(share(total), total, weighted=True)
        return recorder.call(np.multiply, (recorder.traced(weights), each), {})

    _replace(stack, shares, "share", lambda total: Share.of(share(total), total))
    _replace(stack, shares, "weighted_shares", weighted)


def _traced_names(recorder: Recorder, stack: contextlib.ExitStack) -> None:
    """Note what models call the values inside them."""

    def called(value: Any, name: str, symbol: str) -> Any:
        variable = recorder.variable_of(_numbers(value))
        if variable is not None and variable.made_by is not None and not variable.name:
            variable.name, variable.symbol = name, symbol
        return value

    _replace(stack, naming, "called", called)


def _traced_calls(
    recorder: Recorder, names: dict[int, tuple[str, Module]], stack: contextlib.ExitStack
) -> None:
    original = Module.__call__

    def call(self: Module, *args: Any, **kwargs: Any) -> Any:
        known = names.get(id(self))
        if known is None:
            return original(self, *args, **kwargs)
        recorder.enter(*known)
        try:
            return original(self, *args, **kwargs)
        finally:
            recorder.leave()

    _replace(stack, Module, "__call__", call)


def _traced_way_back(recorder: Recorder, stack: contextlib.ExitStack) -> None:
    original = tape.backpropagate

    def backpropagate(output: Any, seed: Any, **options: Any) -> Any:
        visit = options.pop("visit", None)

        def look(value: Any, gradient: Any) -> None:
            recorder.differentiating(value.data, _numbers(gradient))
            if visit is not None:
                visit(value, gradient)

        before, recorder.phase = recorder.phase, "backward"
        try:
            results = original(output, seed, visit=look, **options)
        finally:
            recorder.done_differentiating()
            recorder.phase = before
        for leaf, gradient in results.values():
            variable = recorder.variable_of(leaf.data)
            if variable is not None:
                recorder.is_gradient(variable, _numbers(gradient))
        return results

    _replace(stack, tape, "backpropagate", backpropagate)


def _numbers(value: Any) -> Any:
    return value.data if isinstance(value, Tensor) else value


# --- the update -----------------------------------------------------------------------------------


def _traced_updates(
    recorder: Recorder, optimizers: Iterable[Optimizer], stack: contextlib.ExitStack
) -> None:
    mine = {id(optimizer) for optimizer in optimizers}
    original = Optimizer.step

    def step(self: Optimizer, closure: Any = None) -> Any:
        if id(self) not in mine:
            return original(self, closure)
        loss = None if closure is None else closure()
        before, recorder.phase = recorder.phase, "update"
        try:
            recorder.steps.append(self)
            _update(recorder, self)
        finally:
            recorder.phase = before
            recorder.step += 1
        return loss

    _replace(stack, Optimizer, "step", step)


def _update(recorder: Recorder, optimizer: Optimizer) -> None:
    """Take a step with each parameter by itself, from the state that the optimizer is in.

    Blocks, into which an optimizer packs and cuts parameters for speed, give the same bits.
    """
    state = optimizer.state_dict()
    steps = state["values"]["steps"]
    for index, (group, parameter) in enumerate(_parameters(optimizer)):
        if parameter.grad is None:
            continue
        gradient = recorder.traced(parameter.grad)
        old = recorder.variable_of(parameter.data)
        hyper = {
            name: _named_option(name, value)
            for name, value in optimizer.hyper(group, steps[index] + 1).items()
        }
        plain = parameter.data
        prefix = f"{index}."
        arrays: dict[str, Any] = {
            name.removeprefix(prefix): recorder.new(
                values, "state", old.path if old else "", name.removeprefix(prefix)
            )
            for name, values in state["arrays"].items()
            if name.startswith(prefix)
        }
        numbers = state["values"]["numbers"].get(str(index), {})
        if not arrays and not numbers:
            start = optimizer.make_state(plain.view(np.ndarray), optimizer.hyper(group, 1))
            for name, values in start.items():
                if isinstance(values, np.ndarray):
                    arrays[name] = recorder.new(values, "state", old.path if old else "", name)
                else:
                    numbers[name] = values
        new, after = optimizer.advance(plain, gradient, arrays | numbers, hyper)
        _replaced(recorder, new, old)
        for name, values in after.items():
            made, before = recorder.variable_of(values), recorder.variable_of(arrays.get(name))
            if made is not None and made is not before:
                made.replaces = before
                made.name, made.path = name, old.path if old else ""
        parameter.data = new


def _replaced(recorder: Recorder, new: Any, old: Variable | None) -> None:
    made = recorder.variable_of(new)
    if made is not None and made is not old:
        made.replaces = old
        made.path = old.path if old is not None else ""


def _parameters(optimizer: Optimizer) -> list[tuple[int, Any]]:
    return [
        (number, parameter)
        for number, group in enumerate(optimizer.groups)
        for parameter in group["params"]
    ]


def _named_option(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        single = name.removesuffix("s")
        return tuple(named(part, f"{single}{i}") for i, part in enumerate(value, start=1))
    return named(value, name)
