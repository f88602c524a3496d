"""The loss of a language model: cross-entropy of the next token at every place of a text."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.errors import DataError, ShapeError
from pellucid.losses.checks import float_tensor, numbers, warn_if_squashed
from pellucid.losses.labels import class_labels
from pellucid.losses.reduction import Reduction, factor
from pellucid.losses.rows import fold_rows, picked, row_weights
from pellucid.losses.softmax_cross_entropy import softmax_cross_entropy
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["token_cross_entropy"]


def token_cross_entropy(
    logits: Value,
    tokens: Value,
    *,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    sample_weight: Value | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Cross-entropy between tokens and softmax(logits), with the vocabulary on the last axis.

    ℓ = ln Σ_v e^(z_v) − z_y, at each place of each text

    It is :func:`cross_entropy` for outputs (N, T, V), as sequence models give them, instead of
    (N, C, …). The exponential of the mean is the perplexity.

    Parameters
    ----------
    logits : Tensor or array_like of floats, (N, T, V); also (N, V) or (N, …, V)
        Scores of the V tokens before the softmax; no size overflows.
    tokens : array_like of int, (N, T)
        The true tokens, 0 … V − 1.
    ignore_index : int, optional
        Places with this token, such as padding, have loss 0 and do not count in the mean.
    label_smoothing : float in [0, 1]
        Share ε of the target that is spread over the vocabulary: t ← (1 − ε) t + ε / V.
    sample_weight : array_like, optional
        One weight per text, (N,), or per token, (N, T).
    reduction : {"mean", "sum", "none"}
        The mean is over all tokens that are not ignored, so a long text counts more than a short
        one.

    Returns
    -------
    Tensor
        One number, or with ``"none"`` one per token, (N, T); in the type of the logits.

    Raises
    ------
    ShapeError
        If there is no vocabulary axis, or not one token per place.
    DTypeError
        If tokens are not whole numbers.
    DataError
        If a token is not in the vocabulary, or a weight is negative.
    UnknownNameError
        If the reduction is unknown.

    Warns
    -----
    LossInputWarning
        If the logits come out of a softmax or sigmoid.

    Notes
    -----
    Bengio et al. (2003); label smoothing: Szegedy et al. (2016).

    Examples
    --------
    >>> import numpy as np
    >>> token_cross_entropy(np.zeros((1, 3, 4)), [[0, 3, 2]])
    Tensor(1.38629436, dtype=float64)
    """
    loss = "token_cross_entropy"
    z = float_tensor(logits)
    warn_if_squashed(loss, z)
    shape, dtype = z.data.shape, z.data.dtype
    if len(shape) < 2:
        raise ShapeError(
            f"{loss}: the logits have shape {shape}, but one score per token of the vocabulary is "
            "needed on the last axis, (samples, places, vocabulary)"
        )
    if not 0 <= label_smoothing <= 1:
        raise DataError(f"{loss}: label_smoothing is between 0 and 1, got {label_smoothing}")
    outer, vocabulary = shape[:-1], shape[-1]
    found = numbers(tokens).shape
    if found != outer:
        raise ShapeError(_misfit(loss, shape, found))
    # Seen as if the vocabulary came second, as class labels have it: the same checks apply.
    y, keep = class_labels(loss, tokens, (outer[0], vocabulary, *outer[1:]), ignore_index)
    weights = row_weights(loss, sample_weight, outer, dtype, keep)
    rows = p.reshape(z, shape=(y.size, vocabulary))  # (N, T, V) -> (N·T, V)
    if label_smoothing:
        log_q = p.log_softmax(rows, axis=1)
        true = p.multiply(picked(log_q, y), 1.0 - label_smoothing)
        spread = p.multiply(p.sum(log_q, axis=1), label_smoothing / vocabulary)
        return fold_rows(loss, p.add(true, spread), outer, reduction, weights, scale=-1.0)
    if reduction == "none":
        losses = picked(p.log_softmax(rows, axis=1), y)
        return fold_rows(loss, losses, outer, reduction, weights, scale=-1.0)
    result: Tensor = softmax_cross_entropy(rows, y, factor(loss, reduction, weights, y.size))
    return result


def _misfit(loss: str, shape: tuple[int, ...], found: tuple[int, ...]) -> str:
    message = (
        f"{loss}: logits of shape {shape} need one token per place, shape {shape[:-1]}, but the "
        f"tokens have shape {found}"
    )
    if found == shape:
        return f"{message}; if they are one-hot use tokens.argmax(axis=-1)"
    if found == shape[:1] + shape[2:]:
        return f"{message}; for logits with the classes on axis 1 use cross_entropy"
    return message
