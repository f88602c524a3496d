"""Watching the calls of layers, at no cost while nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pellucid.nn.module import Module

__all__ = ["OBSERVERS", "CallObserver", "observe_calls"]

Callback: TypeAlias = "Callable[[str, Module, tuple[Any, ...], Any], object]"


class CallObserver:
    """Reports the calls of the modules inside one network."""

    def __init__(
        self, root: Module, callback: Callback, entering: Callable[[str], object] | None = None
    ) -> None:
        self._root = root
        self._callback = callback
        self._entering = entering
        self._paths: dict[int, str] = {}

    def calling(self, module: Module) -> None:
        """Say that a call begins, if the module belongs to the network and somebody asked."""
        if self._entering is not None:
            path = self._path(module)
            if path is not None:
                self._entering(path)

    def called(self, module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        """Pass one finished call on, if the module belongs to the network."""
        path = self._path(module)
        if path is not None:
            self._callback(path, module, inputs, output)

    def _path(self, module: Module) -> str | None:
        if id(module) not in self._paths:
            self._paths = {id(m): path for path, m in self._root.named_modules()}
        return self._paths.get(id(module))


OBSERVERS: list[CallObserver] = []
"""Those that are watching now."""


@contextmanager
def observe_calls(
    root: Module, callback: Callback, *, entering: Callable[[str], object] | None = None
) -> Iterator[None]:
    """Call ``callback(path, module, inputs, output)`` after each call of a module inside `root`.

    Inner modules come before the ones that contain them; the path of `root` itself is "". What the
    callback raises stops the computation.

    Parameters
    ----------
    root : Module
        The network to watch.
    callback : callable
        Takes the path, the module, the tuple of its inputs and its output.
    entering : callable, optional
        Takes the path when a call begins.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    >>> def show(path, module, inputs, output):
    ...     print(f"{path or 'net'}: {inputs[0].shape} to {output.shape}")
    >>> with nn.observe_calls(net, show):
    ...     y = net(np.ones((5, 2, 2)))
    0: (5, 2, 2) to (5, 4)
    1: (5, 4) to (5, 3)
    net: (5, 2, 2) to (5, 3)
    """
    observer = CallObserver(root, callback, entering)
    OBSERVERS.append(observer)
    try:
        yield
    finally:
        OBSERVERS.remove(observer)
