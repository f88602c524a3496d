"""What the cases of token_cross_entropy do not show: its messages, and whole ignored texts."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.losses import LOSSES, cross_entropy, token_cross_entropy
from pellucid.tensor import Tensor

Z = np.sin(np.arange(24.0)).reshape(2, 3, 4)
TOKENS = np.array([[0, 3, 2], [1, 1, 0]])


def test_it_is_cross_entropy_with_the_vocabulary_moved() -> None:
    moved = cross_entropy(Z.transpose(0, 2, 1), TOKENS, reduction="none")
    np.testing.assert_allclose(
        token_cross_entropy(Z, TOKENS, reduction="none").data, moved.data, rtol=1e-14
    )


def test_equal_logits_cost_the_logarithm_of_the_vocabulary() -> None:
    assert token_cross_entropy(np.zeros((2, 3, 50)), TOKENS).item() == pytest.approx(np.log(50))


def test_ignored_places_have_no_gradient_and_do_not_count() -> None:
    z = Tensor(Z, requires_grad=True)
    token_cross_entropy(z, TOKENS, ignore_index=0).backward()
    kept = TOKENS != 0
    assert not z.grad[~kept].any()
    assert z.grad[kept].any(axis=-1).all()
    alone = token_cross_entropy(Z[kept][:, None], TOKENS[kept][:, None])
    assert token_cross_entropy(Z, TOKENS, ignore_index=0).item() == pytest.approx(alone.item())


def test_nothing_but_padding_has_loss_and_gradient_zero() -> None:
    z = Tensor(Z, requires_grad=True)
    value = token_cross_entropy(z, np.full((2, 3), -1), ignore_index=-1)
    value.backward()
    assert value.item() == 0
    assert not z.grad.any()


@pytest.mark.parametrize(
    ("tokens", "kind", "message"),
    [
        (np.zeros((2, 4), int), ShapeError, "need one token per place, shape (2, 3), but the"),
        (np.zeros((2, 4), int), ShapeError, "for logits with the classes on axis 1 use cross_entr"),
        (np.zeros((2, 3, 4)), ShapeError, "if they are one-hot use tokens.argmax(axis=-1)"),
        (np.zeros((2, 3)), DTypeError, "class labels are whole numbers, got float64"),
        (TOKENS + 1, DataError, "label 4 at row 0, column 1, but the predictions have 4 classes"),
    ],
)
def test_mistakes_are_named(tokens: np.ndarray, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        token_cross_entropy(Z, tokens)


def test_settings_out_of_range() -> None:
    with pytest.raises(DataError, match="label_smoothing is between 0 and 1"):
        token_cross_entropy(Z, TOKENS, label_smoothing=1.5)
    with pytest.raises(ShapeError, match="on the last axis"):
        token_cross_entropy(np.zeros(3), 1)


def test_the_record_says_where_the_vocabulary_is() -> None:
    loss = LOSSES["token_cross_entropy"]
    assert loss.class_axis == -1
    assert loss.activation is not None
    np.testing.assert_allclose(loss.activation(Z).sum(axis=-1), 1)
