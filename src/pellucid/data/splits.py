"""Cut samples into two parts: seeded, and stratified by class where there are classes."""

from __future__ import annotations

import numpy as np

from pellucid.data.checks import plural
from pellucid.data.part import Part
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.random import Seed, generator

__all__ = ["split", "split_indices"]


def split_indices(
    samples: int, fraction: float, *, labels: Array | None = None, rng: Seed = None
) -> tuple[Array, Array]:
    """Choose which samples are held out.

    With labels, each class gives ``fraction`` of its samples as nearly as whole numbers allow: the
    largest remainders are rounded up until the total is round(fraction · N). Then every class of
    two or more samples is made to be in both parts; a single sample stays in the first.

    Parameters
    ----------
    samples : int
        The number of samples N, 2 or more.
    fraction : float
        Which share is held out, strictly between 0 and 1.
    labels : ndarray of int, shape (N,), optional
        Class labels to stratify by.
    rng : int, numpy.random.Generator or None
        Where the choice comes from.

    Returns
    -------
    kept, held_out : ndarray of int64
        Two sorted, disjoint sets of positions that together are 0 … N−1; neither is empty.

    Raises
    ------
    DataError
        If the fraction is not between 0 and 1, or there are too few samples to cut.

    Examples
    --------
    >>> kept, held_out = split_indices(6, 1 / 3, labels=np.array([0, 0, 0, 1, 1, 1]), rng=0)
    >>> len(kept), len(held_out)
    (4, 2)
    """
    if not 0 < fraction < 1:
        raise DataError(f"the fraction to hold out lies between 0 and 1, got {fraction!r}")
    if samples < 2:
        raise DataError(f"cannot cut {plural(samples, 'sample')} into two parts")
    draw = generator(rng)
    if labels is None:
        count = min(max(round(samples * fraction), 1), samples - 1)
        order = draw.permutation(samples)
        return np.sort(order[count:]), np.sort(order[:count])
    if labels.shape != (samples,):
        raise DataError(
            f"stratifying {samples} samples needs one label each, got shape {labels.shape}"
        )
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    counts = _held_out_per_class(sizes, fraction)
    # A random order, then stably by class: each class's samples lie together, shuffled.
    order = draw.permutation(samples)
    order = order[np.argsort(codes[order], kind="stable")]
    rank = np.arange(samples) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = rank < np.repeat(counts, sizes)
    if not chosen.any():
        raise DataError(
            "every class has a single sample, so none can be in both parts; add samples, or hold "
            "nothing out (test_fraction=0)"
        )
    return np.sort(order[~chosen]), np.sort(order[chosen])


def _held_out_per_class(sizes: Array, fraction: float) -> Array:
    """Return how many samples of each class are held out (the largest-remainder method)."""
    exact = sizes * fraction
    counts = np.floor(exact).astype(np.int64)
    missing = max(round(float(sizes.sum()) * fraction) - int(counts.sum()), 0)
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    divisible = sizes >= 2
    return np.where(divisible, np.clip(counts, 1, np.maximum(sizes - 1, 1)), 0)


def split(
    part: Part, fraction: float, *, stratify: bool = False, rng: Seed = None
) -> tuple[Part, Part]:
    """Cut a part in two; see `split_indices`.

    Parameters
    ----------
    part : Part
        What to cut.
    fraction : float
        The share of the second part, strictly between 0 and 1.
    stratify : bool
        Keep the classes' shares; `part.y` must be class labels.
    rng : int, numpy.random.Generator or None
        Where the choice comes from.

    Returns
    -------
    kept, held_out : Part
    """
    if stratify and (part.y is None or part.y.dtype.kind != "i"):
        raise DataError("stratifying needs class labels, but y holds none")
    labels = part.y if stratify else None
    kept, held_out = split_indices(len(part), fraction, labels=labels, rng=rng)
    return part[kept], part[held_out]
