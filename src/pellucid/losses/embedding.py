"""Losses on distances: what belongs together is drawn together, the rest pushed apart."""

from __future__ import annotations

from typing import Any

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError
from pellucid.losses.checks import float_tensor, numbers, refuse
from pellucid.losses.reduction import Reduction, reduce, sample_weights
from pellucid.primitives.declaration import Recorded, Value
from pellucid.tensor import Tensor

__all__ = ["contrastive", "cosine_embedding", "triplet_margin"]


def _embeddings(loss: str, *vectors: Any) -> list[Tensor]:
    """Return vectors (N, D) of one shape, in the type of the first Tensor among them."""
    leader = next((v for v in vectors if isinstance(v, Recorded)), vectors[0])
    dtype = float_tensor(leader).data.dtype
    found = [float_tensor(v) for v in vectors]
    found = [v if v.data.dtype == dtype else p.cast(v, dtype=dtype) for v in found]
    shapes = [v.data.shape for v in found]
    if len(set(shapes)) != 1 or len(shapes[0]) != 2:
        raise ShapeError(
            f"{loss}: embeddings have one shape (samples, features), got "
            f"{', '.join(map(str, shapes))}"
        )
    return found


def _pair_labels(loss: str, x: Tensor, labels: Any, allowed: tuple[int, int], rule: str) -> Array:
    y = numbers(labels)
    if y.shape != x.data.shape[:1]:
        raise ShapeError(
            f"{loss}: {x.data.shape[0]} pairs need labels of shape {x.data.shape[:1]}, "
            f"got {y.shape}"
        )
    refuse(loss, "labels", y, (y != allowed[0]) & (y != allowed[1]), rule)
    return y


def _fold(loss: str, losses: Tensor, sample_weight: Any, reduction: str) -> Tensor:
    weights = sample_weights(loss, sample_weight, losses.data.shape, losses.data.dtype)
    return reduce(loss, losses, reduction, weights)


# As PyTorch's: keeps the cosine of a zero vector defined.
_COSINE_EPS = 1e-12


def cosine_embedding(
    first: Value,
    second: Value,
    labels: Value,
    *,
    margin: float = 0.0,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Pull the directions of similar vectors together and push those of others apart.

    ℓ = 1 − cos(a, b) if the label is +1, max(0, cos(a, b) − m) if it is −1

    Parameters
    ----------
    first, second : Tensor or array_like of floats, (N, D)
        Vectors a and b; 10⁻¹² is added to their squared lengths.
    labels : array_like of −1 and +1, (N,)
        +1 for similar pairs.
    margin : float in [−1, 1]
        Cosine m below which a dissimilar pair is left alone.
    sample_weight : (N,) array_like, optional
        The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If shapes do not fit.
    DataError
        If a label is neither −1 nor +1, the margin is no cosine, or a weight is negative.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Bromley et al. (1993) compare the outputs of a siamese network by their cosine.

    Examples
    --------
    >>> cosine_embedding([[1.0, 0.0], [1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]], [1, 1])
    Tensor(0.5)
    """
    loss = "cosine_embedding"
    a, b = _embeddings(loss, first, second)
    if not -1 <= margin <= 1:
        raise DataError(f"{loss}: margin is a cosine between −1 and 1, got {margin}")
    y = _pair_labels(loss, a, labels, (-1, 1), "they are +1 for similar pairs, −1 for others")
    squares = p.multiply(
        p.add(p.sum(p.square(a), axis=1), _COSINE_EPS),
        p.add(p.sum(p.square(b), axis=1), _COSINE_EPS),
    )
    cosine = p.divide(p.sum(p.multiply(a, b), axis=1), p.sqrt(squares))
    apart = p.relu(p.subtract(cosine, float(margin)))
    return _fold(loss, p.where(y == 1, p.subtract(1.0, cosine), apart), sample_weight, reduction)


def triplet_margin(
    anchor: Value,
    positive: Value,
    negative: Value,
    *,
    margin: float = 1.0,
    p_norm: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Bring an anchor nearer to its like than to another, by a margin.

    ℓ = max(0, d(a, p) − d(a, n) + m), with d(x, y) = ‖x − y + ε‖

    Parameters
    ----------
    anchor, positive, negative : Tensor or array_like of floats, (N, D)
    margin : float > 0
        The lead m that is asked for.
    p_norm : float ≥ 1
        Order of the norm.
    eps : float
        Added to each difference, as in PyTorch, so that the distance has a slope everywhere.
    swap : bool
        Also consider d(p, n), and take the nearer of the two (Balntas et al., 2016).
    sample_weight : (N,) array_like, optional
        The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If the three shapes are not equal, (N, D).
    DataError
        If `margin` is not positive, `p_norm` is below 1, or a weight is negative.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Weinberger and Saul (2009); Schroff, Kalenichenko and Philbin, "FaceNet" (2015).

    Examples
    --------
    >>> triplet_margin([[0.0, 0.0]], [[0.0, 2.0]], [[1.0, 0.0]], eps=0.0)
    Tensor(2.)
    """
    loss = "triplet_margin"
    a, like_a, other = _embeddings(loss, anchor, positive, negative)
    if not margin > 0:
        raise DataError(f"{loss}: margin is a distance greater than 0, got {margin}")
    if not p_norm >= 1:
        raise DataError(f"{loss}: p_norm is at least 1, got {p_norm}")

    def distance(x: Tensor, y: Tensor) -> Tensor:
        return ops.norm(p.add(p.subtract(x, y), float(eps)), ord=p_norm, axis=1)

    far = distance(a, other)
    if swap:
        far = ops.minimum(far, distance(like_a, other))
    losses = p.relu(p.add(p.subtract(distance(a, like_a), far), float(margin)))
    return _fold(loss, losses, sample_weight, reduction)


def contrastive(
    first: Value,
    second: Value,
    labels: Value,
    *,
    margin: float = 1.0,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Pull similar pairs together and push dissimilar ones at least a margin apart.

    ℓ = ½ (1 − y) D² + ½ y max(0, m − D)², with D = ‖a − b‖

    Parameters
    ----------
    first, second : Tensor or array_like of floats, (N, D)
        Vectors a and b.
    labels : array_like of 0 and 1, (N,)
        0 for similar pairs and 1 for dissimilar ones, as in the paper.
    margin : float > 0
        Distance m at which a dissimilar pair is left alone.
    sample_weight : (N,) array_like, optional
        The mean is then Σ w·ℓ / Σ w.
    reduction : {"mean", "sum", "none"}

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        If shapes do not fit.
    DataError
        If a label is neither 0 nor 1, `margin` is not positive, or a weight is negative.
    UnknownNameError
        If the reduction is unknown.

    Notes
    -----
    Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping" (2006).
    The slope of D at 0 is taken as 0.

    Examples
    --------
    >>> contrastive([[0.0, 0.0], [0.0, 0.0]], [[3.0, 4.0], [0.0, 0.5]], [0, 1], reduction="none")
    Tensor([12.5  ,  0.125])
    """
    loss = "contrastive"
    a, b = _embeddings(loss, first, second)
    if not margin > 0:
        raise DataError(f"{loss}: margin is a distance greater than 0, got {margin}")
    y = _pair_labels(loss, a, labels, (0, 1), "they are 0 for similar pairs, 1 for others")
    difference = p.subtract(a, b)
    short = p.relu(p.subtract(float(margin), ops.norm(difference, axis=1)))
    together = p.sum(p.square(difference), axis=1)
    losses = p.multiply(p.where(y == 0, together, p.square(short)), 0.5)
    return _fold(loss, losses, sample_weight, reduction)
