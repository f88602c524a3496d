"""Modules made of modules: in a row, in a list, in a dict, and around a shortcut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, overload

from pellucid.dtypes import as_array
from pellucid.errors import DataError, ShapeError
from pellucid.nn.module import Module
from pellucid.primitives import Recorded, add
from pellucid.primitives.declaration import Value

__all__ = ["ModuleDict", "ModuleList", "Residual", "Sequential"]


def _checked(owner: str, layer: Any) -> Module:
    """Return `layer` if it is a Module, and else say what to write."""
    if isinstance(layer, Module):
        return layer
    if isinstance(layer, type) and issubclass(layer, Module):
        raise DataError(f"{owner} got the class {layer.__name__}; write {layer.__name__}(...)")
    name = getattr(layer, "__name__", None)
    hint = f"; wrap a function with nn.Lambda({name})" if callable(layer) and name else ""
    raise DataError(f"{owner} is made of layers, got {layer!r}{hint}")


class _Row(Module):
    """Modules with a position: what Sequential and ModuleList share."""

    def _add(self, layer: Any, name: str | None = None) -> None:
        layer = _checked(type(self).__name__, layer)
        name = str(len(self)) if name is None else name
        if name in vars(self):
            raise DataError(
                f"there is a layer called '{name}' already in this {type(self).__name__}"
            )
        setattr(self, name, layer)

    def _name_at(self, index: int) -> str:
        names = [name for name, _ in self.named_children()]
        try:
            return names[index]
        except IndexError:
            raise IndexError(
                f"there is no layer {index}: this {type(self).__name__} has {len(names)}"
            ) from None

    def __len__(self) -> int:
        return len(self.children())

    def __iter__(self) -> Iterator[Module]:
        return iter(self.children())

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Module | Self:
        if not isinstance(index, slice):
            layer: Module = getattr(self, self._name_at(index))
            return layer
        # The part shares the layers. Its own class may need other arguments, as an MLP does.
        part: Any = (Sequential if isinstance(self, Sequential) else ModuleList)()
        for name, layer in list(self.named_children())[index]:
            part._add(layer, None if name.isdigit() else name)
        return part

    def __setitem__(self, index: int, layer: Module) -> None:
        setattr(self, self._name_at(index), _checked(type(self).__name__, layer))

    def append(self, layer: Module) -> Self:
        """Add one at the end, and return the whole."""
        self._add(layer)
        return self


class Sequential(_Row):
    """Layers in a row, each applied to the result of the one before.

    y = fₙ(… f₂(f₁(x)))

    Parameters
    ----------
    *layers : Module, or (str, Module)
        The layers in order, named by their position or by the name given with them; or all of them
        in one list, or in one mapping from names to layers.

    Notes
    -----
    A :class:`Linear` whose `weight_init` was left to the default learns here which activation
    follows it, and starts with the weights that suit it.

    Examples
    --------
    >>> from pellucid import nn
    >>> nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))
    Sequential(
      (0): Linear(64 → 32, He normal: followed by ReLU)
      (1): ReLU()
      (2): Dropout(p=0.2)
      (3): Linear(32 → 10, Glorot normal: no activation follows)
    )
    2,410 parameters
    >>> nn.Sequential(("hidden", nn.Linear(4, 8)), ("bend", nn.Tanh())).hidden.weight.shape
    (4, 8)
    """

    def __init__(
        self,
        *layers: Module | tuple[str, Module] | Mapping[str, Module] | list[Module],
    ) -> None:
        super().__init__()
        parts: Iterable[Any] = layers
        if len(layers) == 1:
            if isinstance(layers[0], Mapping):
                parts = layers[0].items()
            elif isinstance(layers[0], list):
                parts = layers[0]
        for part in parts:
            name, layer = part if isinstance(part, tuple) and len(part) == 2 else (None, part)
            self._add(layer, name)
        self._announce()

    def forward(self, x: Value) -> Value:
        """Pass `x` through all layers."""
        for layer in vars(self).values():
            if isinstance(layer, Module):
                x = layer(x)
        return x

    def append(self, layer: Module) -> Self:
        """Add one at the end, and return the whole."""
        super().append(layer)
        self._announce()
        return self

    def __setitem__(self, index: int, layer: Module) -> None:
        super().__setitem__(index, layer)
        self._announce()

    def _announce(self) -> None:
        """Tell each layer which one comes next."""
        row = list(self._flat())
        for i, layer in enumerate(row):
            layer.followed_by(
                next((after for after in row[i + 1 :] if not after.transparent), None)
            )

    def _flat(self) -> Iterator[Module]:
        """Yield the layers, with those of a Sequential inside in its place."""
        for layer in self:
            if isinstance(layer, Sequential):
                yield from layer._flat()
            else:
                yield layer


class ModuleList(_Row):
    """A list of modules whose parameters are found; the computation is yours.

    Parameters
    ----------
    modules : iterable of Module

    Examples
    --------
    >>> from pellucid import nn
    >>> blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
    >>> [path for path, _ in blocks.named_parameters()][:2]
    ['0.weight', '0.bias']
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several at the end, and return the whole."""
        for module in modules:
            self._add(module)
        return self

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a list is not a function."""
        raise DataError("a ModuleList cannot be called; call its modules, or use Sequential")


class ModuleDict(Module):
    """A dict of modules whose parameters are found; the computation is yours.

    Parameters
    ----------
    modules : mapping of str to Module

    Examples
    --------
    >>> from pellucid import nn
    >>> heads = nn.ModuleDict({"digit": nn.Linear(8, 10), "parity": nn.Linear(8, 2)})
    >>> sorted(heads)
    ['digit', 'parity']
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        for name, module in (modules or {}).items():
            self[name] = module

    def __getitem__(self, name: str) -> Module:
        return dict(self.named_children())[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self._check_name(name)
        setattr(self, name, _checked("ModuleDict", module))

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)

    def __len__(self) -> int:
        return len(self.children())

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())

    def keys(self) -> list[str]:
        """Return the names."""
        return list(self)

    def values(self) -> list[Module]:
        """Return the modules."""
        return self.children()

    def items(self) -> list[tuple[str, Module]]:
        """Return (name, module) pairs."""
        return list(self.named_children())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a dict is not a function."""
        raise DataError("a ModuleDict cannot be called; call its modules, as in heads['digit'](x)")


class Residual(Module):
    """A block whose input is added to its output, so that it only learns the difference.

    y = f(x) + s(x), where s is the identity without a shortcut

    He et al. (2016).

    Parameters
    ----------
    module : Module
        The block, f.
    shortcut : Module, optional
        What brings x to the shape of f(x), s.

    Raises
    ------
    ShapeError
        If the two sides have different shapes.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> block = nn.Residual(nn.Sequential(nn.Linear(8, 4), nn.ReLU()), shortcut=nn.Linear(8, 4))
    >>> block(np.ones((2, 8))).shape
    (2, 4)
    """

    def __init__(self, module: Module, shortcut: Module | None = None) -> None:
        super().__init__()
        self.module = _checked("Residual", module)
        self.shortcut = None if shortcut is None else _checked("Residual", shortcut)

    def forward(self, x: Value) -> Value:
        """Return the block's output plus its input, or plus the shortcut's output."""
        result = self.module(x)
        if self.shortcut is not None:
            passed = self.shortcut(x)
        else:  # raw data takes the type of the result, as it does in the block
            passed = x if isinstance(x, Recorded) else as_array(x, result.dtype)
        if passed.shape != result.shape:
            raise ShapeError(self._misfit(x if self.shortcut is None else passed, result))
        return add(result, passed)

    def _misfit(self, passed: Value, result: Value) -> str:
        came, made = tuple(passed.shape), tuple(result.shape)
        if self.shortcut is not None:
            return (
                f"the block makes shape {made} and the shortcut {came}, which must be equal to be "
                "added"
            )
        fix = "give it a shortcut that makes the same shape as the block"
        if came[:-1] == made[:-1]:
            fix = f"give it one: Residual(block, shortcut=Linear({came[-1]}, {made[-1]}))"
        return (
            f"the block turns shape {came} into {made}, to which its input cannot be added "
            f"without a shortcut; {fix}"
        )
