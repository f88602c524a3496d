"""The table of losses: what each is for, and what the network before it must put out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import UnknownNameError
from pellucid.losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits
from pellucid.losses.classification import cross_entropy, negative_log_likelihood
from pellucid.losses.divergence import kl_divergence
from pellucid.losses.embedding import contrastive, cosine_embedding, triplet_margin
from pellucid.losses.focal import binary_focal, focal
from pellucid.losses.likelihood import gaussian_nll, poisson_nll
from pellucid.losses.margin import hinge, multiclass_hinge, squared_hinge
from pellucid.losses.regression import (
    half_squared_error,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_squared_error,
    smooth_l1,
)
from pellucid.losses.token_cross_entropy import token_cross_entropy
from pellucid.primitives.declaration import Value
from pellucid.tensor import Tensor

__all__ = ["LOSSES", "Loss", "find_loss", "get_loss"]

Task: TypeAlias = Literal["regression", "binary", "multiclass", "distribution", "embedding"]
Output: TypeAlias = Literal[
    "real", "logits", "scores", "probabilities", "log-probabilities", "embeddings"
]


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss, as the command line and ``fit`` see it. Calling it calls the function.

    Attributes
    ----------
    name : str
    function : callable
        ``function(predictions, targets, *, sample_weight=None, reduction="mean", ...)``.
    task : {"regression", "binary", "multiclass", "distribution", "embedding"}
        What it trains a network for.
    formula : str
        The loss of one entry, as shown to people.
    output : {"real", "logits", "scores", "probabilities", "log-probabilities", "embeddings"}
        What the network must put out. Scores order the classes without being probabilities.
    activation : callable or None
        What turns the output into probabilities; None if nothing does.
    aliases : tuple of str
        Other names that people know it by.
    inputs : tuple of str
        Names of the array arguments, in order.
    class_axis : int
        Which axis of the outputs has one number per class: 1, or −1 for tokens.
    """

    name: str
    function: Callable[..., Tensor]
    task: Task
    formula: str
    output: Output
    activation: Callable[[Value], Value] | None = None
    aliases: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ("predictions", "targets")
    class_axis: int = 1

    def __call__(self, *inputs: Value, **settings: Any) -> Tensor:
        """Compute the loss."""
        return self.function(*inputs, **settings)


def _softmax(logits: Value) -> Value:
    return ops.softmax(logits, axis=1)  # the class axis of (N, C) and of (N, C, …)


def _softmax_last(logits: Value) -> Value:
    return ops.softmax(logits, axis=-1)


_ENTRIES = (
    Loss(
        "mean_squared_error",
        mean_squared_error,
        "regression",
        "(p − y)²",
        "real",
        aliases=("mse", "l2", "squared_error"),
    ),
    Loss(
        "half_squared_error",
        half_squared_error,
        "regression",
        "½ (p − y)²",
        "real",
        aliases=("half_sse",),
    ),
    Loss(
        "mean_absolute_error",
        mean_absolute_error,
        "regression",
        "|p − y|",
        "real",
        aliases=("mae", "l1", "absolute_error"),
    ),
    Loss(
        "huber",
        huber,
        "regression",
        "½ d² if |d| ≤ δ, else δ (|d| − ½ δ), with d = p − y",
        "real",
        aliases=("huber_loss",),
    ),
    Loss(
        "smooth_l1",
        smooth_l1,
        "regression",
        "½ d² / β if |d| < β, else |d| − ½ β, with d = p − y",
        "real",
        aliases=("smooth_l1_loss",),
    ),
    Loss(
        "log_cosh",
        log_cosh,
        "regression",
        "ln cosh(p − y)",
        "real",
        aliases=("logcosh",),
    ),
    Loss(
        "gaussian_nll",
        gaussian_nll,
        "regression",
        "½ (ln v + (y − p)² / v)",
        "real",
        aliases=("gaussian", "gaussian_nll_loss"),
        inputs=("predictions", "targets", "variance"),
    ),
    Loss(
        "poisson_nll",
        poisson_nll,
        "regression",
        "e^p − y·p",
        "real",
        aliases=("poisson", "poisson_nll_loss"),
    ),
    Loss(
        "binary_cross_entropy_with_logits",
        binary_cross_entropy_with_logits,
        "binary",
        "−y ln σ(z) − (1 − y) ln(1 − σ(z))",
        "logits",
        p.sigmoid,
        aliases=("bce_with_logits", "bce", "logistic"),
    ),
    Loss(
        "binary_cross_entropy",
        binary_cross_entropy,
        "binary",
        "−y ln q − (1 − y) ln(1 − q)",
        "probabilities",
        p.identity,
        aliases=("bce_from_probabilities",),
    ),
    Loss(
        "binary_focal",
        binary_focal,
        "binary",
        "−α_t (1 − p_t)^γ ln p_t",
        "logits",
        p.sigmoid,
        aliases=("sigmoid_focal",),
    ),
    Loss("hinge", hinge, "binary", "max(0, 1 − y·s)", "scores", aliases=("svm",)),
    Loss("squared_hinge", squared_hinge, "binary", "max(0, 1 − y·s)²", "scores"),
    Loss(
        "cross_entropy",
        cross_entropy,
        "multiclass",
        "ln Σ_c e^(z_c) − z_y",
        "logits",
        _softmax,
        aliases=("ce", "softmax_cross_entropy", "categorical_crossentropy"),
    ),
    Loss(
        "token_cross_entropy",
        token_cross_entropy,
        "multiclass",
        "ln Σ_v e^(z_v) − z_y, at each place of a text",
        "logits",
        _softmax_last,
        aliases=("token_ce", "language_modelling", "language_modeling"),
        class_axis=-1,
    ),
    Loss(
        "negative_log_likelihood",
        negative_log_likelihood,
        "multiclass",
        "−ln q_y",
        "log-probabilities",
        p.exp,
        aliases=("nll", "nll_loss"),
    ),
    Loss(
        "focal",
        focal,
        "multiclass",
        "−α_y (1 − p_y)^γ ln p_y",
        "logits",
        _softmax,
        aliases=("focal_loss", "softmax_focal"),
    ),
    Loss(
        "multiclass_hinge",
        multiclass_hinge,
        "multiclass",
        "max(0, m + max_{c≠y} s_c − s_y)",
        "scores",
        aliases=("multi_margin", "crammer_singer", "categorical_hinge"),
    ),
    Loss(
        "kl_divergence",
        kl_divergence,
        "distribution",
        "t (ln t − ln q)",
        "log-probabilities",
        p.exp,
        aliases=("kl", "kl_div", "kullback_leibler"),
    ),
    Loss(
        "cosine_embedding",
        cosine_embedding,
        "embedding",
        "1 − cos(a, b) for similar pairs, else max(0, cos(a, b) − m)",
        "embeddings",
        aliases=("cosine",),
        inputs=("first", "second", "labels"),
    ),
    Loss(
        "triplet_margin",
        triplet_margin,
        "embedding",
        "max(0, d(a, p) − d(a, n) + m)",
        "embeddings",
        aliases=("triplet",),
        inputs=("anchor", "positive", "negative"),
    ),
    Loss(
        "contrastive",
        contrastive,
        "embedding",
        "½ (1 − y) D² + ½ y max(0, m − D)²",
        "embeddings",
        inputs=("first", "second", "labels"),
    ),
)

LOSSES: dict[str, Loss] = {loss.name: loss for loss in _ENTRIES}
"""Every loss by its full name."""

_NAMES = {name: loss for loss in _ENTRIES for name in (loss.name, *loss.aliases)}


def get_loss(name: str) -> Loss:
    """Return the loss of that name or alias; upper case, blanks and hyphens do not matter.

    Raises
    ------
    UnknownNameError
        With the nearest match.

    Examples
    --------
    >>> get_loss("mse").name
    'mean_squared_error'
    """
    found = _NAMES.get(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        raise UnknownNameError("loss", name, LOSSES, aliases=_NAMES)
    return found


def find_loss(function: Callable[..., Any]) -> Loss | None:
    """Return the record of a loss function or a ``functools.partial`` of one; None if foreign.

    Examples
    --------
    >>> find_loss(functools.partial(cross_entropy, label_smoothing=0.1)).name
    'cross_entropy'
    """
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, Loss):
        return function
    return next((loss for loss in _ENTRIES if loss.function is function), None)
