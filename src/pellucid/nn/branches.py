"""Branches: several layers get the same input, and what they make is brought together again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import as_array
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn.containers import Sequential, _checked, _Row
from pellucid.nn.module import Module
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value

__all__ = ["Parallel", "SkipConnection", "tell_branch"]

_WAYS = ("sum", "concatenate")


def _check_way(owner: str, combine: Any) -> None:
    if callable(combine) or combine in _WAYS:
        return
    if isinstance(combine, str):
        raise UnknownNameError(f"way for {owner} to combine", combine, _WAYS)
    raise DataError(f'{owner} combines by "sum", "concatenate" or a function, got {combine!r}')


def _joined(parts: list[tuple[str, Value]], combine: Any, axis: int) -> Value:
    """Bring the named results of branches together."""
    values = _of_one_type([value for _, value in parts])
    if combine == "concatenate":
        _check_joinable(parts, axis)
        return ops.concatenate(values, axis=axis)
    if combine == "sum":
        _check_equal(parts)
        total = values[0]
        for value in values[1:]:
            total = p.add(total, value)
        return total
    return combine(*values)


def _of_one_type(values: list[Value]) -> list[Value]:
    """Give raw data the type of the first Tensor, as a layer would."""
    like = next((value.data.dtype for value in values if isinstance(value, Recorded)), None)
    return [v if isinstance(v, Recorded) else as_array(v, like) for v in values]


def _shapes(parts: list[tuple[str, Value]]) -> str:
    return ", ".join(f"{name} has shape {tuple(value.shape)}" for name, value in parts)


def _check_equal(parts: list[tuple[str, Value]]) -> None:
    if any(value.shape != parts[0][1].shape for _, value in parts):
        raise ShapeError(
            f"branches that are added must make the same shape: {_shapes(parts)}; give the "
            'branches equal sizes, or join them with combine="concatenate"'
        )


def _check_joinable(parts: list[tuple[str, Value]], axis: int) -> None:
    first = tuple(parts[0][1].shape)
    rank = len(first)
    if not -rank <= axis < rank:
        raise ShapeError(f"there is no axis {axis} to concatenate along: {_shapes(parts)}")
    for _, value in parts:
        shape = tuple(value.shape)
        meets = len(shape) == rank and all(
            n == m for i, (n, m) in enumerate(zip(shape, first, strict=True)) if i != axis % rank
        )
        if not meets:
            raise ShapeError(
                f"branches that are concatenated along axis {axis} must agree in every other: "
                f"{_shapes(parts)}"
            )


def tell_branch(branch: Module, after: Module | None) -> None:
    """Tell the last layers of a branch what comes after the branches."""
    row = list(branch._flat()) if isinstance(branch, Sequential) else [branch]
    for i, layer in enumerate(row):
        layer.followed_by(next((x for x in row[i + 1 :] if not x.transparent), after))


class Parallel(_Row):
    """Branches that all get the same input; their results are added or joined.

    y = f₁(x) + f₂(x) + …, or y = [f₁(x), f₂(x), …]

    Szegedy et al. (2015) build GoogLeNet of such blocks.

    Parameters
    ----------
    *branches : Module, or (str, Module)
        Named by their position or by the name given with them; or all of them in one mapping from
        names to modules.
    combine : "sum", "concatenate" or callable
        How the results are brought together; a function gets them all, ``combine(y1, y2, ...)``.
    axis : int
        Along which axis they are concatenated; 1 is that of the channels.

    Raises
    ------
    ShapeError
        If the results cannot be brought together; the message names each branch and its shape.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> block = nn.Parallel(nn.Linear(8, 4), nn.Linear(8, 3), combine="concatenate")
    >>> block(np.ones((2, 8))).shape
    (2, 7)
    """

    def __init__(
        self,
        *branches: Module | tuple[str, Module] | Mapping[str, Module],
        combine: str | Callable[..., Any] = "sum",
        axis: int = 1,
    ) -> None:
        super().__init__()
        _check_way("Parallel", combine)
        self.combine = combine  # a Module with parameters of its own is found by its path
        self.axis = axis
        parts: Any = branches
        if len(branches) == 1 and isinstance(branches[0], Mapping):
            parts = branches[0].items()
        for part in parts:
            name, branch = part if isinstance(part, tuple) and len(part) == 2 else (None, part)
            self._add(branch, name)
        if not self.branches():
            raise DataError("Parallel needs at least one branch, such as Parallel(Linear(8, 4))")

    def branches(self) -> list[tuple[str, Module]]:
        """Return the branches and their names."""
        return [(name, child) for name, child in self.named_children() if name != "combine"]

    def followed_by(self, layer: Module | None) -> None:
        """Pass on to every branch what comes after it."""
        for _, branch in self.branches():
            tell_branch(branch, layer)

    def forward(self, x: Value) -> Any:
        """Send `x` through every branch and bring the results together."""
        parts = [(f"branch '{name}'", branch(x)) for name, branch in self.branches()]
        return _joined(parts, self.combine, self.axis)

    def extra_repr(self) -> str:
        """Return how the results are brought together."""
        return _way(self.combine, self.axis)


class SkipConnection(Module):
    """A block whose input is handed on beside its output, for the layers after to use both.

    y = [x, f(x)], or x + f(x), or any function of the two

    With concatenation this is the connection of DenseNet (Huang et al., 2017) and, around the
    deeper levels, of U-Net (Ronneberger et al., 2015). For a sum with a shortcut of its own see
    :class:`Residual`.

    Parameters
    ----------
    module : Module
        The block, f.
    combine : "concatenate", "sum" or callable
        How x and f(x) are brought together; a function is called ``combine(x, y)``.
    axis : int
        Along which axis they are concatenated; 1 is that of the channels.

    Raises
    ------
    ShapeError
        If x and f(x) cannot be brought together; the message says their shapes.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.SkipConnection(nn.Linear(8, 4))(np.ones((2, 8))).shape
    (2, 12)
    """

    def __init__(
        self, module: Module, *, combine: str | Callable[..., Any] = "concatenate", axis: int = 1
    ) -> None:
        super().__init__()
        _check_way("SkipConnection", combine)
        self.module = _checked("SkipConnection", module)
        self.combine = combine
        self.axis = axis

    def followed_by(self, layer: Module | None) -> None:
        """Pass on to the block what comes after it."""
        tell_branch(self.module, layer)

    def forward(self, x: Value) -> Any:
        """Return `x` and the block's output, brought together."""
        x = x if isinstance(x, Recorded) else as_array(x)
        parts = [("the input", x), ("the block", self.module(x))]
        return _joined(parts, self.combine, self.axis)

    def extra_repr(self) -> str:
        """Return how input and output are brought together."""
        return _way(self.combine, self.axis)


def _way(combine: Any, axis: int) -> str:
    if callable(combine):
        return getattr(combine, "__name__", type(combine).__name__)
    return f"concatenated along axis {axis}" if combine == "concatenate" else "added"
