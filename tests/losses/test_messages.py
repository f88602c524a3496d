"""Wrong input: an error that names what came, where it is, and the fix."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from pellucid import losses, ops
from pellucid import primitives as p
from pellucid.errors import (
    DataError,
    DTypeError,
    PellucidError,
    ShapeError,
    UnknownNameError,
    UnsupportedError,
)
from pellucid.losses import LOSSES, LossInputWarning
from pellucid.tensor import Tensor

Z = np.zeros((5, 3), dtype=np.float32)
COLUMN = np.zeros((5, 1), dtype=np.float32)
ROW = np.zeros(5, dtype=np.float32)
LABELS = np.array([0, 1, 2, 1, 0])
HALF = np.full((5, 3), 0.5, dtype=np.float32)
NAN = np.where(np.arange(15).reshape(5, 3) == 10, np.nan, 0.5)
L = losses

# Call, type of error, and words that the message must hold.
MISTAKES: list[tuple[Any, type[PellucidError], tuple[str, ...]]] = [
    # shapes that would broadcast
    (
        lambda: L.mean_squared_error(COLUMN, ROW),
        ShapeError,
        ("mean_squared_error", "(5, 1)", "(5,)", "targets[:, None]"),
    ),
    (lambda: L.mean_squared_error(ROW, COLUMN), ShapeError, ("(5,)", "(5, 1)", "targets[..., 0]")),
    (lambda: L.huber(Z, ROW), ShapeError, ("(5, 3)", "(5,)", "cross_entropy", "one_hot")),
    (lambda: L.log_cosh(Z, np.zeros((3, 5))), ShapeError, ("targets.reshape(5, 3)",)),
    (lambda: L.hinge(ROW, np.ones(4)), ShapeError, ("(5,)", "(4,)", "must be equal")),
    (lambda: L.binary_cross_entropy_with_logits(COLUMN, ROW), ShapeError, ("targets[:, None]",)),
    # labels
    (
        lambda: L.cross_entropy(Z, [0, 1, 2, 7, 0]),
        DataError,
        ("label 7 at row 3", "3 classes 0..2"),
    ),
    (lambda: L.cross_entropy(Z, [0, 1, 2, 0, -1]), DataError, ("label -1 at row 4",)),
    (
        lambda: L.cross_entropy(np.zeros((2, 3, 4)), np.full((2, 4), 3)),
        DataError,
        ("label 3 at row 0, column 0", "3 classes"),
    ),
    (
        lambda: L.cross_entropy(np.zeros((2, 300)), np.array([0, -1], dtype=np.int8)),
        DataError,
        ("label -1 at row 1",),
    ),
    (
        lambda: L.cross_entropy(Z, LABELS.astype(np.float32)),
        DTypeError,
        ("whole numbers", "float32", "astype(np.int64)"),
    ),
    (
        lambda: L.cross_entropy(Z, LABELS[:, None]),
        ShapeError,
        ("(5, 3)", "(5, 1)", "labels[..., 0]"),
    ),
    (lambda: L.cross_entropy(Z, LABELS[:4]), ShapeError, ("(5, 3)", "shape (5,)", "(4,)")),
    (lambda: L.cross_entropy(ROW, [0]), ShapeError, ("(5,)", "predictions[None, :]")),
    (
        lambda: L.negative_log_likelihood(Z, np.eye(3, dtype=int)[LABELS]),
        ShapeError,
        ("labels.argmax(axis=1)",),
    ),
    (lambda: L.focal(COLUMN, LABELS), ShapeError, ("2 classes", "binary_focal")),
    (lambda: L.multiclass_hinge(COLUMN, LABELS), ShapeError, ("2 classes", "hinge")),
    # targets out of range
    (
        lambda: L.binary_cross_entropy_with_logits(ROW, [0, 1, 2, 0, 0]),
        DataError,
        ("2 at row 2", "0, 1"),
    ),
    (
        lambda: L.binary_cross_entropy(HALF + 1, HALF),
        DataError,
        ("1.5 at row 0, column 0", "binary_cross_entropy_with_logits"),
    ),
    (lambda: L.binary_focal(ROW, ROW + 0.5), DataError, ("0.5 at row 0", "0 or 1")),
    (lambda: L.hinge(ROW, [1, 1, 0, 1, 1]), DataError, ("0 at row 2", "2 * y - 1")),
    (lambda: L.squared_hinge(ROW, ROW), DataError, ("−1 or +1",)),
    (lambda: L.cosine_embedding(Z, Z, [0, 1, 1, 1, 1]), DataError, ("0 at row 0", "−1 for others")),
    (lambda: L.contrastive(Z, Z, [0, 1, -1, 1, 1]), DataError, ("-1 at row 2", "0 for similar")),
    (lambda: L.poisson_nll(ROW, ROW - 1), DataError, ("-1 at row 0", "count")),
    (lambda: L.poisson_nll(ROW - 1, ROW, log_input=False), DataError, ("log_input=True",)),
    (lambda: L.gaussian_nll(ROW, ROW, ROW - 1), DataError, ("-1 at row 0", "softplus")),
    # distributions
    (lambda: L.cross_entropy(Z, HALF), DataError, ("row 0", "sum to 1.5", "t.sum(axis=1")),
    (lambda: L.cross_entropy(Z, HALF * 4 - 2 + Z), DataError, ("sum to 0",)),
    (lambda: L.cross_entropy(Z, HALF * 4), DataError, ("2 at row 0, column 0", "between 0 and 1")),
    (lambda: L.kl_divergence(Z - 1, HALF), DataError, ("sum to 1.5",)),
    (lambda: L.kl_divergence(Z - 1, Z, log_targets=True), DataError, ("sums to 3", "log-prob")),
    (lambda: L.kl_divergence(Z + 1, HALF), DataError, ("1 at row 0, column 0", "log_softmax")),
    (
        lambda: L.negative_log_likelihood(Z + 0.5, LABELS),
        DataError,
        ("0.5 at row 0", "log_softmax"),
    ),
    (lambda: L.kl_divergence(np.float32(0), np.float32(0)), ShapeError, ("single number",)),
    # NaN
    (lambda: L.mean_squared_error(Z, NAN), DataError, ("nan at row 3, column 1", "drop or fill")),
    (
        lambda: L.mean_squared_error(np.zeros((1, 5, 3)), NAN[None]),
        DataError,
        ("nan at index (0, 3, 1)",),
    ),
    (lambda: L.cross_entropy(Z, NAN), DataError, ("nan at row 3, column 1",)),
    (lambda: L.binary_cross_entropy_with_logits(Z, NAN), DataError, ("nan at row 3",)),
    (lambda: L.gaussian_nll(Z, HALF, NAN), DataError, ("nan at row 3",)),
    # weights
    (
        lambda: L.mean_squared_error(Z, Z, sample_weight=np.ones(3)),
        ShapeError,
        ("sample_weight", "(3,)", "(5,) or (5, 3)"),
    ),
    (
        lambda: L.cross_entropy(Z, LABELS, sample_weight=-np.ones(5)),
        DataError,
        ("sample weights", "at least 0"),
    ),
    (
        lambda: L.mean_squared_error(Z, Z, sample_weight=np.full(5, np.nan)),
        DataError,
        ("sample weights", "finite"),
    ),
    (
        lambda: L.cross_entropy(Z, LABELS, class_weight=[1.0, 2.0]),
        ShapeError,
        ("class_weight", "(2,)", "3 classes"),
    ),
    (
        lambda: L.cross_entropy(Z, LABELS, class_weight=[1.0, -2.0, 0.0]),
        DataError,
        ("class weights", "at least 0"),
    ),
    (
        lambda: L.binary_cross_entropy(HALF, HALF, class_weight=[1.0]),
        ShapeError,
        ("2 classes",),
    ),
    (
        lambda: L.binary_cross_entropy_with_logits(Z, HALF, pos_weight=[1.0, 2.0]),
        ShapeError,
        ("pos_weight", "(2,)", "(5, 3)"),
    ),
    (
        lambda: L.binary_cross_entropy_with_logits(Z, HALF, pos_weight=-1.0),
        DataError,
        ("pos_weight", "-1.0"),
    ),
    (
        lambda: L.kl_divergence(
            Z - 2, np.eye(3)[LABELS], sample_weight=np.ones((5, 3)), reduction="batchmean"
        ),
        DataError,
        ("batchmean", "(5,)"),
    ),
    # settings
    (lambda: L.huber(Z, Z, delta=0), DataError, ("delta", "got 0")),
    (lambda: L.smooth_l1(Z, Z, beta=-1), DataError, ("beta", "got -1")),
    (lambda: L.cross_entropy(Z, LABELS, label_smoothing=2), DataError, ("between 0 and 1",)),
    (
        lambda: L.cross_entropy(Z, np.eye(3)[LABELS], ignore_index=0),
        UnsupportedError,
        ("ignore_index", "sample_weight=0"),
    ),
    (lambda: L.focal(Z, LABELS, gamma=-1), DataError, ("gamma", "got -1")),
    (lambda: L.binary_focal(Z, Z, alpha=2), DataError, ("alpha", "got 2")),
    (lambda: L.multiclass_hinge(Z, LABELS, power=3), DataError, ("power is 1 or 2", "got 3")),
    (
        lambda: L.multiclass_hinge(Z, LABELS, variant="crammer"),
        UnknownNameError,
        ("did you mean 'crammer-singer'",),
    ),
    (lambda: L.gaussian_nll(Z, Z, HALF, eps=0), DataError, ("eps",)),
    (lambda: L.gaussian_nll(Z, Z, ROW), ShapeError, ("(5, 3)", "(5,)", "(5, 1)")),
    (lambda: L.cosine_embedding(Z, Z, [1] * 5, margin=2), DataError, ("margin", "got 2")),
    (lambda: L.contrastive(Z, Z, [1] * 5, margin=0), DataError, ("margin", "got 0")),
    (lambda: L.triplet_margin(Z, Z, Z, margin=0), DataError, ("margin", "got 0")),
    (lambda: L.triplet_margin(Z, Z, Z, p_norm=0.5), DataError, ("p_norm", "got 0.5")),
    (lambda: L.triplet_margin(Z, Z, Z[:4]), ShapeError, ("(5, 3), (5, 3), (4, 3)",)),
    (lambda: L.contrastive(Z, Z, [1] * 4), ShapeError, ("5 pairs", "(5,)", "(4,)")),
]


@pytest.mark.parametrize("i", range(len(MISTAKES)))
def test_mistakes_are_named(i: int) -> None:
    call, kind, words = MISTAKES[i]
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert len(message) < 320, "one or two lines"


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_reduction(name: str) -> None:
    arrays = [HALF, HALF, HALF][: len(LOSSES[name].inputs)]
    if name in ("hinge", "squared_hinge", "binary_focal"):
        arrays[1] = HALF * 2
    elif LOSSES[name].task == "multiclass":
        arrays = [HALF - 1, LABELS]
    elif name == "kl_divergence":
        arrays = [HALF - 1, np.eye(3)[LABELS]]
    elif LOSSES[name].inputs[-1] == "labels":
        arrays[2] = np.ones(5)
    with pytest.raises(UnknownNameError, match="unknown reduction 'meann'; did you mean 'mean'"):
        LOSSES[name](*arrays, reduction="meann")


SQUASHED = {
    "softmax": lambda z: ops.softmax(z, axis=1),
    "sigmoid": p.sigmoid,
    "softmax, reshaped": lambda z: p.reshape(ops.softmax(z, axis=1), shape=(5, 3)),
    "softmax, by hand": lambda z: (e := np.exp(z - z.max())) / e.sum(axis=1, keepdims=True),
    "softmax, by hand again": lambda z: np.exp(z) / np.sum(np.exp(z), axis=1)[:, None],
    "sigmoid, by hand": lambda z: 1 / (1 + np.exp(-z)),
    "sigmoid, a column of it": lambda z: p.getitem(p.sigmoid(z), index=slice(None)),
}
FROM_LOGITS = {name: loss for name, loss in LOSSES.items() if loss.output == "logits"}


@pytest.mark.parametrize("how", SQUASHED)
@pytest.mark.parametrize("name", FROM_LOGITS)
def test_a_doubled_nonlinearity_is_named(name: str, how: str) -> None:
    z = Tensor(HALF, requires_grad=True)
    targets = LABELS if LOSSES[name].task == "multiclass" else (HALF > 1).astype(np.float32)
    with pytest.warns(LossInputWarning, match=f"{name} takes logits .* out of a {how[:7]}") as seen:
        LOSSES[name].function(SQUASHED[how](z), targets)
    assert seen[0].filename == __file__, "the warning points at the caller"


def test_other_outputs_are_not_suspected() -> None:
    z = Tensor(HALF, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses.cross_entropy(z, LABELS)
        losses.cross_entropy(p.exp(z), LABELS)
        losses.cross_entropy(np.exp(z) / (1 + np.exp(z).max()), LABELS)
        losses.cross_entropy(z / z.sum(axis=1, keepdims=True), LABELS)
        losses.cross_entropy(1 / (1 + z), LABELS)
        losses.cross_entropy(p.reshape(z, shape=(5, 3)), LABELS)
        losses.cross_entropy(p.log_softmax(z, axis=1), LABELS)
        losses.binary_cross_entropy(p.sigmoid(z), HALF)


def test_the_warning_appears_once_per_place() -> None:
    z = Tensor(HALF, requires_grad=True)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for _ in range(3):
            losses.cross_entropy(ops.softmax(z, axis=1), LABELS)
    assert len(seen) == 1
