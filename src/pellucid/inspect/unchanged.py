"""Looking at a network without leaving a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pellucid.training.randomness import generator_states, restore_generators

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["unchanged"]


@contextmanager
def unchanged(net: Module, *, training: bool | None = False) -> Iterator[None]:
    """Use a network in the block, and put everything but its weights back afterwards.

    Modes, gradients, buffers (such as running means) and the states of random generators are put
    back; the weights are the block's own responsibility.

    Parameters
    ----------
    net : Module
        The network.
    training : bool or None
        The mode to use it in: training, evaluation (as is usual for looking at something), or None
        for each layer's own.
    """
    modules = net.modules()
    modes = [module.training for module in modules]
    gradients = [(parameter, parameter.grad) for parameter in net.parameters()]
    buffers = [
        (module, name, getattr(module, name), getattr(module, name).copy())
        for module in modules
        for name in module._buffers
    ]
    states = generator_states(net)
    if training is not None:
        net.train(training)
    for parameter, _ in gradients:
        parameter.grad = None  # or a backward pass would add to the caller's array
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for parameter, gradient in gradients:
            parameter.grad = gradient
        for module, name, array, values in buffers:
            array[...] = values
            setattr(module, name, array)
        restore_generators(net, states)
