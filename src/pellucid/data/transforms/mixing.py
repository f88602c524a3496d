"""Samples mixed with one another, and their targets with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.data.transforms.pixels import boxes
from pellucid.data.transforms.transform import BatchTransform, check_share
from pellucid.dtypes import Array, default_float
from pellucid.errors import DataError, ShapeError

__all__ = ["CutMix", "MixUp"]


@dataclass(frozen=True)
class _Mixing(BatchTransform):
    """Mixes each sample with another one of its batch.

    Parameters
    ----------
    classes : int, optional
        The number of classes C: labels (N,) become distributions (N, C). None for targets that are
        numbers or distributions already.
    alpha : float
        The shares are drawn from Beta(α, α): 1 is uniform, less is nearer to unmixed.
    probability : float
        The share of batches that are mixed; targets become distributions in all of them.
    """

    classes: int | None = None
    alpha: float = 1.0
    probability: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.alpha < float("inf"):
            raise DataError(f"alpha is a number above 0, got {self.alpha!r}")
        check_share("probability", self.probability)

    def _targets(self, y: Array | None) -> Array:
        name = type(self).__name__
        if y is None:
            raise DataError(f"{name} mixes samples with their targets, but there are none")
        if self.classes is None:
            if y.dtype.kind != "f":
                raise DataError(
                    f"labels become distributions over the classes: {name}(classes=...), for "
                    "example classes=dataset.num_classes"
                )
            return y
        if y.ndim != 1 or y.dtype.kind not in "iu":
            raise ShapeError(
                f"{name}(classes={self.classes}) takes labels (N,), got {y.dtype} of shape "
                f"{y.shape}; leave classes out"
            )
        if y.size and not 0 <= y.min() <= y.max() < self.classes:
            raise DataError(f"labels run from 0 to {self.classes - 1}, got {y.min()} … {y.max()}")
        return np.eye(self.classes, dtype=default_float)[y]  # (N, C)

    def _drawn(self, x: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return each sample's own share, and with which other one it is mixed."""
        shares = rng.beta(self.alpha, self.alpha, len(x))
        partner = rng.permutation(len(x))
        if rng.random() >= self.probability:
            shares = np.ones(len(x))
        return shares, partner


class MixUp(_Mixing):
    """Replace each sample and its target by a weighted mean of it and another one.

    x ← λ x + (1 − λ) x′, y ← λ y + (1 − λ) y′, λ ~ Beta(α, α)

    Zhang, Cissé, Dauphin & Lopez-Paz (2018).

    Parameters
    ----------
    classes : int, optional
        The number of classes C: labels (N,) become distributions (N, C), which `cross_entropy`
        takes. None for targets that are numbers or distributions already.
    alpha : float
        α.
    probability : float
        The share of batches that are mixed; targets become distributions in all of them.
    """

    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array]:
        """Return the mixed batch."""
        if x.dtype.kind != "f":
            raise DataError(f"MixUp takes floats, got {x.dtype}")
        targets = self._targets(y)
        shares, partner = self._drawn(x, rng)
        return _blend(x, partner, shares), _blend(targets, partner, shares)


class CutMix(_Mixing):
    """Replace a box of each image by that of another one; the targets by its share of the area.

    The box has 1 − λ of the area, λ ~ Beta(α, α), and any pixel for its centre; what lies outside
    of the image does not count.

    Yun et al. (2019).

    Parameters
    ----------
    classes : int, optional
        The number of classes C: labels (N,) become distributions (N, C), which `cross_entropy`
        takes. None for targets that are numbers or distributions already.
    alpha : float
        α.
    probability : float
        The share of batches that are mixed; targets become distributions in all of them.
    """

    def __call__(
        self, x: Array, y: Array | None, rng: np.random.Generator, /
    ) -> tuple[Array, Array]:
        """Return the mixed batch."""
        if x.ndim != 4:
            raise ShapeError(
                f"CutMix takes images (N, C, H, W), got shape {x.shape}; load the data with "
                "flat=False, or reshape x"
            )
        targets = self._targets(y)
        shares, partner = self._drawn(x, rng)
        side = np.sqrt(1 - shares)
        height, width = x.shape[2:]
        inside = boxes(
            (height, width),
            np.rint(side * height).astype(int),
            np.rint(side * width).astype(int),
            rng,
        )
        mixed = np.where(inside[:, None], x[partner], x)
        return mixed, _blend(targets, partner, 1 - inside.mean(axis=(1, 2)))


def _blend(values: Array, partner: Array, shares: Array) -> Array:
    own = shares.astype(values.dtype).reshape(-1, *(1,) * (values.ndim - 1))
    return own * values + (1 - own) * values[partner]
