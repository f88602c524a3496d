"""What every transform has, and several of them one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, DTypeError, ShapeError

__all__ = ["BatchTransform", "Compose", "SampleTransform", "check_share", "check_spread"]

_LAYOUTS = {
    "images": (4, "images (N, C, H, W)", "load the data with flat=False, or reshape x"),
    "series": (3, "series (N, T, F)", "for a single series of values use x[..., None]"),
    "tokens": (2, "rows of tokens (N, T)", "load a text"),
}


class BatchTransform(ABC):
    """Changes a batch: ``transform(x, y, rng) -> (x, y)``.

    What is given is never written to, and all that is random comes from `rng`: the same generator
    state gives the same batch. Samples stay as many and in their order.
    """

    @abstractmethod
    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array | None]:
        """Return the batch to train on."""


@dataclass(frozen=True)
class SampleTransform(BatchTransform):
    """Changes samples, each for itself, and leaves targets as they are.

    Parameters
    ----------
    probability : float
        The share of samples that are changed, drawn anew for each.
    """

    _: KW_ONLY
    probability: float = 1.0

    layout = "any"

    def __post_init__(self) -> None:
        check_share("probability", self.probability)

    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array | None]:
        """Return the batch with its samples changed, in their dtype."""
        self._check_layout(x)
        if self.probability == 1.0:
            return self.apply(x, rng), y
        chosen = np.flatnonzero(rng.random(len(x)) < self.probability)
        changed = x.copy()
        changed[chosen] = self.apply(x[chosen], rng)
        return changed, y

    @abstractmethod
    def apply(self, x: Array, rng: np.random.Generator) -> Array:
        """Return every sample changed, in the dtype of `x`."""

    def _check_layout(self, x: Array) -> None:
        name = type(self).__name__
        if self.layout in _LAYOUTS:
            axes, what, fix = _LAYOUTS[self.layout]
            if x.ndim != axes:
                raise ShapeError(f"{name} takes {what}, got shape {x.shape}; {fix}")
        if self.layout == "tokens":
            if x.dtype.kind not in "iu":
                raise DTypeError(f"{name} takes tokens, whole numbers, got {x.dtype}")
        elif x.dtype.kind != "f":
            raise DTypeError(f"{name} takes floats, got {x.dtype}; pass x.astype(np.float32)")


class Compose(BatchTransform):
    """Several transforms, one after the other.

    Parameters
    ----------
    *transforms : callable
        Each ``transform(x, y, rng) -> (x, y)``.

    Examples
    --------
    >>> from pellucid.data.transforms import RandomFlip, RandomShift
    >>> Compose(RandomShift(2), RandomFlip())
    Compose(
      RandomShift(probability=1.0, pixels=2, fill='edge')
      RandomFlip(probability=0.5, axis='horizontal')
    )
    """

    def __init__(self, *transforms: BatchTransform) -> None:
        for transform in transforms:
            if not callable(transform):
                raise DataError(f"Compose takes transforms, got {transform!r}")
        self.transforms: Sequence[BatchTransform] = transforms

    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array | None]:
        """Return the batch after all transforms."""
        for transform in self.transforms:
            x, y = transform(x, y, rng)
        return x, y

    def __repr__(self) -> str:
        inner = "".join(f"\n  {transform!r}" for transform in self.transforms)
        return f"Compose({inner}\n)" if inner else "Compose()"


def check_share(name: str, value: float) -> None:
    """Raise unless a value lies between 0 and 1."""
    if not 0 <= value <= 1:
        raise DataError(f"{name} lies between 0 and 1, got {value!r}")


def check_spread(name: str, value: float) -> None:
    """Raise unless a value is a finite number of 0 or more."""
    if not 0 <= value < float("inf"):
        raise DataError(f"{name} is a finite number ≥ 0, got {value!r}")
