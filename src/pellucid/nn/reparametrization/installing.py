"""Putting a computed weight in the place of a learnt one, and taking it out again.

The layer keeps its place, its name and its forward pass. Where it reads ``self.weight`` it finds a
Tensor that is computed from the parameters of a module beside it, once for each forward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pellucid.errors import DataError, UnknownNameError
from pellucid.nn.lazy import is_pending
from pellucid.nn.module import Module
from pellucid.tape import no_grad
from pellucid.tensor import Parameter, Tensor

__all__ = ["Reparametrization", "install", "outputs_axis", "remove_reparametrization"]

_SUFFIX = "_norm"


class Reparametrization(Module):
    """Computes a weight from parameters of its own."""

    def forward(self, advance: bool = False) -> Any:
        """Return the weight; `advance` lets estimates that it rests on be improved first."""
        raise NotImplementedError


def outputs_axis(weight: Parameter) -> int:
    """Return the axis of a weight that runs over the outputs.

    The last of a matrix (in, out), the first of a convolution's (out, in, ...).
    """
    return 1 if len(weight.shape) == 2 else 0


def install(
    layer: Module, name: str, make: Callable[[Parameter], Reparametrization], what: str
) -> None:
    """Let `make` compute the weight under the path `name` of `layer` from now on.

    Raises
    ------
    UnknownNameError
        If there is no such parameter.
    DataError
        If its shape is not known yet, or it is computed already.
    """
    if not isinstance(layer, Module):
        raise DataError(f"{what} changes a layer, got {layer!r}")
    path, _, attribute = name.rpartition(".")
    owner = dict(layer.named_modules()).get(path)
    if owner is not None and isinstance(vars(owner).get(attribute + _SUFFIX), Reparametrization):
        raise DataError(
            f"'{name}' of this {type(layer).__name__} is computed already; take that out first "
            f"with remove_reparametrization(layer, '{name}')"
        )
    weight = None if owner is None else vars(owner).get(attribute)
    if owner is None or not isinstance(weight, Parameter):
        known = [path for path, _ in layer.named_parameters()]
        raise UnknownNameError(f"parameter of {type(layer).__name__}", name, known)
    if is_pending(weight):
        raise DataError(
            f"'{name}' has no numbers yet: its input size is inferred at the first call. Call the "
            "layer once on a batch, or give the size when making it"
        )
    if len(weight.shape) < 2:
        raise DataError(
            f"{what} needs a weight with an axis of outputs and others, '{name}' has shape "
            f"{weight.shape}"
        )
    computing = make(weight)
    delattr(owner, attribute)
    setattr(owner, attribute + _SUFFIX, computing)
    _note(owner, "_computed", (*vars(owner).get("_computed", ()), attribute))
    _note(layer, "_refreshed", (*vars(layer).get("_refreshed", ()), name))


def remove_reparametrization(layer: Module, name: str = "weight") -> Module:
    """Make a computed weight a Parameter again, with the numbers that it has now.

    Parameters
    ----------
    layer : Module
        The layer that was given to :func:`weight_norm` or :func:`spectral_norm`; changed in place.
    name : str
        The path of the weight.

    Returns
    -------
    Module
        The layer. Make the optimizer afterwards, since the parameter is a new one.

    Raises
    ------
    UnknownNameError
        If no weight of that name is computed.
    """
    computed = vars(layer).get("_refreshed", ())
    if name not in computed:
        raise UnknownNameError("computed weight", name, computed)
    path, _, attribute = name.rpartition(".")
    owner = dict(layer.named_modules())[path]
    with no_grad():
        weight = getattr(owner, attribute).data.copy()
    delattr(owner, attribute + _SUFFIX)
    _note(layer, "_refreshed", tuple(n for n in computed if n != name))
    _note(owner, "_computed", tuple(n for n in vars(owner)["_computed"] if n != attribute))
    setattr(owner, attribute, Parameter(weight))
    return layer


def _note(module: Module, key: str, names: tuple[str, ...]) -> None:
    """Remember which names are computed, and give the module a class that does so."""
    state = vars(module)
    state[key] = names
    if not names:
        del state[key]
    plain: Any = getattr(type(module), "_plain_class", type(module))
    computed = state.get("_computed", ())
    wanted = _computing(plain, computed) if computed or "_refreshed" in state else plain
    object.__setattr__(module, "__class__", wanted)


@cache
def _computing(plain: type[Module], names: tuple[str, ...]) -> type[Module]:
    """Return a subclass whose attributes `names` are computed."""

    def forward(self: Module, *args: Any, **kwargs: Any) -> Any:
        with _refreshed(self):
            return plain.forward(self, *args, **kwargs)

    forward.__doc__ = plain.forward.__doc__
    body: dict[str, Any] = {name: property(_reader(name)) for name in names}
    body |= {"forward": forward, "_plain_class": plain, "__doc__": plain.__doc__}
    body |= {"__module__": plain.__module__, "__qualname__": plain.__qualname__}
    return type(plain.__name__, (plain,), body)


def _reader(name: str) -> Callable[[Module], Tensor]:
    def read(self: Module) -> Tensor:
        ready: Tensor | None = vars(self).get("_ready", {}).get(name)
        return vars(self)[name + _SUFFIX](False) if ready is None else ready

    return read


@contextmanager
def _refreshed(layer: Module) -> Iterator[None]:
    """Compute the weights of a layer once, for as long as its forward pass lasts."""
    owners = []
    modules = dict(layer.named_modules())
    for name in vars(layer).get("_refreshed", ()):
        path, _, attribute = name.rpartition(".")
        state = vars(modules[path])
        state.setdefault("_ready", {})[attribute] = state[attribute + _SUFFIX](layer.training)
        owners.append(state)
    try:
        yield
    finally:
        for state in owners:
            state.pop("_ready", None)
