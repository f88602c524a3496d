"""Arrays of the learner's that hold no parameters: data, masks, labels.

``X.dot(w)`` is a method of the plain array X, so NumPy's protocols do not see that w is recorded.
While the learner's code runs, its arrays are shown as :class:`Constant`, whose ``dot`` asks them.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, MutableMapping
from typing import Any

import numpy as np

from pellucid.tensor import Tensor

__all__ = ["Constant", "shown_as_constants"]

_DEEPEST = 3  # containers within containers
_LONGEST = 2000  # entries of a container that are looked at


class Constant(np.ndarray):
    """An array of numbers whose ``dot`` with a recorded value is recorded."""

    def dot(self, b: Any, out: Any = None) -> Any:
        """Return the product, as ``np.dot`` does."""
        if isinstance(b, Tensor):
            return np.dot(self.view(np.ndarray), b)
        return self.view(np.ndarray).dot(b, out)


Change = tuple[Any, Any, Any]
"""A container, a key or position in it, and what was there."""


def shown_as_constants(container: Any, depth: int = 0) -> Iterator[Change]:
    """Replace the arrays in a container; yield each change for putting everything back."""
    for key, value in _entries(container):
        if type(value) is np.ndarray and value.dtype.kind in "fiub":
            yield container, key, value
            container[key] = value.view(Constant)
        elif depth < _DEEPEST:
            if isinstance(value, (list, dict)):
                yield from shown_as_constants(value, depth + 1)
            elif _is_learners(value):
                yield from shown_as_constants(vars(value), depth + 1)


def _entries(container: Any) -> list[tuple[Any, Any]]:
    if len(container) > _LONGEST:
        return []
    if isinstance(container, MutableMapping):
        return list(container.items())
    return list(enumerate(container))


def _is_learners(value: Any) -> bool:
    """Tell whether a value is an object of a class of the learner's, with attributes."""
    if isinstance(value, (type, types.ModuleType, types.FunctionType)):
        return False
    if not isinstance(getattr(value, "__dict__", None), dict):
        return False
    module = type(value).__module__.split(".")[0]
    return module not in ("builtins", "numpy", "pellucid", "scipy", "matplotlib", "pandas")
