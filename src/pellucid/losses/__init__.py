"""Losses: from predictions and targets to the one number that training makes small.

``loss(predictions, targets, *, sample_weight=None, reduction="mean", ...)`` gives a Tensor in the
type of the predictions. The loss owns the nonlinearity: classification losses take logits.
"""

from pellucid.losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits
from pellucid.losses.checks import LossInputWarning
from pellucid.losses.classification import cross_entropy, negative_log_likelihood
from pellucid.losses.divergence import kl_divergence
from pellucid.losses.embedding import contrastive, cosine_embedding, triplet_margin
from pellucid.losses.focal import binary_focal, focal
from pellucid.losses.likelihood import gaussian_nll, poisson_nll
from pellucid.losses.margin import hinge, multiclass_hinge, squared_hinge
from pellucid.losses.registry import LOSSES, Loss, find_loss, get_loss
from pellucid.losses.regression import (
    half_squared_error,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_squared_error,
    smooth_l1,
)
from pellucid.losses.token_cross_entropy import token_cross_entropy

__all__ = [
    "LOSSES",
    "Loss",
    "LossInputWarning",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "binary_focal",
    "contrastive",
    "cosine_embedding",
    "cross_entropy",
    "find_loss",
    "focal",
    "gaussian_nll",
    "get_loss",
    "half_squared_error",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_squared_error",
    "multiclass_hinge",
    "negative_log_likelihood",
    "poisson_nll",
    "smooth_l1",
    "squared_hinge",
    "token_cross_entropy",
    "triplet_margin",
]
