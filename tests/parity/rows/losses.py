"""PyTorch's losses, as they are written with Pellucid's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from parity.replay import NotCompared
from parity.rows.adapters import plain, reduced, reduction_of

from pellucid import losses, ops
from pellucid import primitives as p


def _regression(loss: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """A loss of predictions and targets, with PyTorch's outdated arguments taken in."""

    def run(x: Any, y: Any, *args: Any, weight: Any = None, **options: Any) -> Any:
        reduction = _taken(options)
        settings = {ours: options.pop(name) for name, ours in names.items() if name in options}
        settings |= dict(zip(names.values(), args, strict=False))
        if weight is None:
            return loss(x, y, reduction=reduction, **settings, **options)
        return reduced(weight * loss(x, y, reduction="none", **settings, **options), reduction)

    return run


def _taken(options: dict[str, Any]) -> str:
    return reduction_of(
        **{k: options.pop(k) for k in ("size_average", "reduce", "reduction") if k in options}
    )


def _bce(x: Any, y: Any, weight: Any = None, **options: Any) -> Any:
    reduction = _taken(options)
    if weight is None:
        return losses.binary_cross_entropy(x, y, reduction=reduction)
    return reduced(weight * losses.binary_cross_entropy(x, y, reduction="none"), reduction)


def _bce_with_logits(
    x: Any, y: Any, weight: Any = None, *, pos_weight: Any = None, **options: Any
) -> Any:
    loss = losses.binary_cross_entropy_with_logits
    reduction = _taken(options)
    if weight is None:
        return loss(x, y, pos_weight=pos_weight, reduction=reduction)
    return reduced(weight * loss(x, y, pos_weight=pos_weight, reduction="none"), reduction)


def _labelled(loss: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of classes: a single sample is a batch of one."""

    def run(x: Any, y: Any, weight: Any = None, *, ignore_index: int = -100, **options: Any) -> Any:
        reduction = _taken(options)
        single = np.ndim(plain(x)) == 1
        if single:
            x, y = np.expand_dims(x, 0), np.expand_dims(y, 0)
        if plain(y).dtype.kind in "iu":
            options["ignore_index"] = ignore_index
        found = loss(x, y, class_weight=weight, reduction=reduction, **options)
        return found[0] if single and reduction == "none" else found

    return run


def _multi_margin(
    x: Any, y: Any, p: int = 1, margin: float = 1.0, weight: Any = None, **options: Any
) -> Any:
    reduction = _taken(options)
    single = np.ndim(plain(x)) < 2
    if single:
        x, y = np.reshape(x, (1, -1)), np.reshape(y, (1,))
    each = losses.multiclass_hinge(
        x, y, margin=margin, power=p, variant="weston-watkins", reduction="none"
    )
    if weight is not None:
        each = each * weight[y]
    return each[0] if single and reduction == "none" else reduced(each, reduction)


def _multilabel_soft_margin(x: Any, y: Any, weight: Any = None, **options: Any) -> Any:
    each = y * p.softplus(-x) + (1 - y) * p.softplus(x)  # also for targets that are no labels
    each = each if weight is None else each * weight
    return reduced(np.mean(each, axis=-1), _taken(options))


def _soft_margin(x: Any, y: Any, **options: Any) -> Any:
    return reduced(p.softplus(-y * x), _taken(options))


def _ranking(x: Any, y: Any, target: Any, margin: float = 0.0, **options: Any) -> Any:
    return reduced(np.maximum(0, margin - target * (x - y)), _taken(options))


def _hinge_embedding(x: Any, y: Any, margin: float = 1.0, **options: Any) -> Any:
    right = np.where(plain(y) == -1, 0.0, x)
    wrong = np.where(plain(y) == 1, 0.0, np.maximum(0, margin - x))
    return reduced(right + wrong, _taken(options))


def _gaussian(x: Any, y: Any, var: Any, **options: Any) -> Any:
    """PyTorch broadcasts predictions, targets and variances against each other."""
    if isinstance(var, float):
        var = np.full((), var)
    if plain(var).shape == plain(x).shape[:-1] and plain(x).ndim > 1:
        var = np.expand_dims(var, -1)
    shape = np.broadcast_shapes(plain(x).shape, plain(y).shape)
    x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
    if plain(var).ndim:
        var = np.broadcast_to(var, shape)
    return losses.gaussian_nll(x, y, var, **options)


def _kl(x: Any, y: Any, *, log_target: bool = False, **options: Any) -> Any:
    return losses.kl_divergence(x, y, log_targets=log_target, reduction=_taken(options))


def _cosine(x: Any, y: Any, target: Any, margin: float = 0.0, **options: Any) -> Any:
    reduction = _taken(options)
    if np.ndim(plain(x)) == 1:
        found = losses.cosine_embedding(
            x[None], y[None], np.reshape(target, (1,)), margin=margin, reduction=reduction
        )
        return found[0] if reduction == "none" else found
    return losses.cosine_embedding(x, y, target, margin=margin, reduction=reduction)


def _triplet(anchor: Any, positive: Any, negative: Any, **options: Any) -> Any:
    reduction = _taken(options)
    names = {"margin": "margin", "p": "p_norm", "eps": "eps", "swap": "swap"}
    settings = {names[name]: value for name, value in options.items()}
    return losses.triplet_margin(anchor, positive, negative, reduction=reduction, **settings)


def _triplet_with_distance(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Any,
    margin: float = 1.0,
    swap: bool = False,
    **options: Any,
) -> Any:
    def distance(x: Any, y: Any) -> Any:
        if type(distance_function).__name__ != "PairwiseDistance":
            raise NotCompared("another distance written with PyTorch")
        return ops.norm(x - y + 1e-6, 2, -1)

    far = distance(anchor, negative)
    if swap:
        far = np.minimum(far, distance(positive, negative))
    return reduced(np.maximum(0, distance(anchor, positive) - far + margin), _taken(options))


ROWS: dict[str, Callable[..., Any]] = {
    "nn.functional.mse_loss": _regression(losses.mean_squared_error),
    "nn.functional.l1_loss": _regression(losses.mean_absolute_error),
    "nn.functional.smooth_l1_loss": _regression(losses.smooth_l1, beta="beta"),
    "nn.functional.huber_loss": _regression(losses.huber, delta="delta"),
    "nn.functional.gaussian_nll_loss": _gaussian,
    "nn.functional.poisson_nll_loss": _regression(
        losses.poisson_nll, log_input="log_input", full="full", eps="eps"
    ),
    "nn.functional.kl_div": _kl,
    "nn.functional.binary_cross_entropy": _bce,
    "nn.functional.binary_cross_entropy_with_logits": _bce_with_logits,
    "nn.functional.cross_entropy": _labelled(losses.cross_entropy),
    "nn.functional.nll_loss": _labelled(losses.negative_log_likelihood),
    "nn.functional.multi_margin_loss": _multi_margin,
    "nn.functional.multilabel_soft_margin_loss": _multilabel_soft_margin,
    "nn.functional.soft_margin_loss": _soft_margin,
    "nn.functional.margin_ranking_loss": _ranking,
    "nn.functional.hinge_embedding_loss": _hinge_embedding,
    "nn.functional.cosine_embedding_loss": _cosine,
    "nn.functional.triplet_margin_loss": _triplet,
    "nn.functional.triplet_margin_with_distance_loss": _triplet_with_distance,
}
