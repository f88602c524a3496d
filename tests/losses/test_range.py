"""Huge inputs, both types, empty and weightless batches: finite, silent, and in the right type."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import losses
from pellucid.errors import ShapeError
from pellucid.losses import LOSSES
from pellucid.tensor import Tensor

HUGE = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0], [0.0, 0.0, -1000.0]])
LABELS = np.array([1, 0, 2])
SIGNS = np.where(HUGE > 0, -1, 1)
BITS = (SIGNS + 1) // 2
LOG_Q = np.minimum(HUGE, 0.0)

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "mean_squared_error": ((HUGE, -HUGE), {}),
    "half_squared_error": ((HUGE, -HUGE), {}),
    "mean_absolute_error": ((HUGE, -HUGE), {}),
    "huber": ((HUGE, -HUGE), {}),
    "smooth_l1": ((HUGE, -HUGE), {}),
    "log_cosh": ((HUGE, -HUGE), {}),
    "gaussian_nll": ((HUGE, -HUGE, np.full((3, 3), 0.0)), {}),
    "poisson_nll": ((np.minimum(HUGE, 20), np.full((3, 3), 1000)), {}),
    "binary_cross_entropy_with_logits": ((HUGE, BITS), {"pos_weight": 2.0}),
    "binary_cross_entropy": ((np.clip(HUGE, 0, 1), BITS), {}),
    "binary_focal": ((HUGE, BITS), {"gamma": 0.5}),
    "hinge": ((HUGE, SIGNS), {}),
    "squared_hinge": ((HUGE, SIGNS), {}),
    "cross_entropy": ((HUGE, LABELS), {}),
    "token_cross_entropy": ((HUGE, LABELS), {}),
    "negative_log_likelihood": ((LOG_Q, LABELS), {}),
    "focal": ((HUGE, LABELS), {"gamma": 0.5}),
    "multiclass_hinge": ((HUGE, LABELS), {"variant": "weston-watkins"}),
    "kl_divergence": ((LOG_Q, np.eye(3)), {}),
    "cosine_embedding": ((HUGE, np.zeros((3, 3)), np.array([1, -1, 1])), {}),
    "triplet_margin": ((HUGE, HUGE, -HUGE), {}),
    "contrastive": ((HUGE, HUGE, np.array([1, 0, 1])), {}),
}


def test_every_loss_is_called() -> None:
    assert set(CALLS) == set(LOSSES)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CALLS)
def test_huge_values_stay_finite_in_value_and_gradient(
    name: str, dtype: str, reduction: str
) -> None:
    (first, *rest), settings = CALLS[name]
    x = Tensor(first.astype(dtype), requires_grad=True)
    value = LOSSES[name](x, *rest, reduction=reduction, **settings)  # targets stay float64 or int
    value.backward(np.ones(value.shape))
    assert isinstance(value, Tensor)
    assert value.dtype == dtype
    assert np.isfinite(value.data).all()
    assert x.grad is not None
    assert x.grad.dtype == dtype
    assert np.isfinite(x.grad).all()
    assert value.shape == ((3, 3) if reduction == "none" and value.ndim == 2 else value.shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_at_huge_logits_has_its_exact_value(dtype: str) -> None:
    value = losses.cross_entropy(HUGE.astype(dtype), LABELS, reduction="none")
    np.testing.assert_allclose(value.data, [2000.0, 2000 + np.log(2), 1000 + np.log(2)])
    mean = losses.cross_entropy(HUGE.astype(dtype), LABELS)
    np.testing.assert_allclose(mean.data, value.data.mean(), rtol=1e-6)


def test_masked_classes_are_left_out() -> None:
    z = Tensor(np.array([[1.0, -np.inf, 2.0]]), requires_grad=True)
    value = losses.cross_entropy(z, [0])
    value.backward()
    np.testing.assert_allclose(value.data, np.log1p(np.e))
    assert z.grad is not None
    assert z.grad[0, 1] == 0


def test_a_rate_beyond_the_range_is_infinite_without_a_warning() -> None:
    assert losses.poisson_nll([1000.0], [1.0]).item() == np.inf


def test_impossible_probability_has_a_finite_strong_gradient() -> None:
    q = Tensor(np.array([0.0, 1.0], dtype=np.float32), requires_grad=True)
    value = losses.binary_cross_entropy(q, [1, 0], reduction="sum")
    value.backward()
    assert value.item() == 200.0
    np.testing.assert_allclose(q.grad, [-1e12, 1e12])  # as PyTorch's


def test_identical_embeddings_have_a_finite_gradient() -> None:
    for labels in ([0, 0], [1, 1]):
        a = Tensor(np.ones((2, 3)), requires_grad=True)
        losses.contrastive(a, np.ones((2, 3)), labels).backward()
        np.testing.assert_array_equal(a.grad, np.zeros((2, 3)))


@pytest.mark.parametrize("name", CALLS)
def test_an_empty_batch_sums_to_nothing_and_has_no_mean(name: str) -> None:
    arrays, settings = CALLS[name]
    empty = [x[:0] for x in arrays]
    assert LOSSES[name](*empty, reduction="sum", **settings).item() == 0
    with pytest.raises(ShapeError, match=f"{name}: the batch is empty"):
        LOSSES[name](*empty, reduction="mean", **settings)


@pytest.mark.parametrize("name", CALLS)
def test_weight_zero_leaves_a_sample_out(name: str) -> None:
    arrays, settings = CALLS[name]
    call = partial(LOSSES[name], reduction="mean", **settings)
    without = call(*(x[[0, 2]] for x in arrays)).item()
    assert call(*arrays, sample_weight=np.array([1.0, 0.0, 1.0])).item() == pytest.approx(without)
    twice = call(*(x[[0, 0, 1, 2]] for x in arrays)).item()
    assert call(*arrays, sample_weight=np.array([2.0, 1.0, 1.0])).item() == pytest.approx(twice)


@pytest.mark.parametrize("name", CALLS)
def test_a_batch_without_weight_has_loss_and_gradient_zero(name: str) -> None:
    (first, *rest), settings = CALLS[name]
    x = Tensor(first.astype(np.float64), requires_grad=True)
    value = LOSSES[name](x, *rest, sample_weight=np.zeros(3), reduction="mean", **settings)
    value.backward()
    assert value.item() == 0
    np.testing.assert_array_equal(x.grad, np.zeros(first.shape))


def test_all_labels_ignored_is_zero_not_nan() -> None:
    assert losses.cross_entropy(HUGE, [-1, -1, -1], ignore_index=-1).item() == 0


def test_works_with_partial_and_in_a_training_step() -> None:
    loss = partial(losses.cross_entropy, label_smoothing=0.1)
    w = pl.Parameter(np.zeros((2, 3), dtype=np.float32))
    x = np.eye(2, dtype=np.float32)
    first = loss(x @ w, [0, 2])
    first.backward()
    w.data -= w.grad
    assert loss(x @ w, [0, 2]).item() < first.item()


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.int32, np.uint64])
def test_labels_of_any_whole_type(kind: Any) -> None:
    labels = np.array([1, 0, 1]).astype(kind)
    expected = losses.cross_entropy(HUGE, [1, 0, 1]).item()
    assert losses.cross_entropy(HUGE, labels).item() == expected
    assert losses.cross_entropy(Tensor(HUGE), Tensor(labels)).item() == expected


def test_one_hot_rows_of_whole_numbers_are_distributions() -> None:
    rows = np.eye(3, dtype=np.int64)[LABELS]
    np.testing.assert_allclose(
        losses.cross_entropy(HUGE / 100, rows).data, losses.cross_entropy(HUGE / 100, LABELS).data
    )


def test_plain_arrays_and_lists_give_a_tensor() -> None:
    value = losses.mean_squared_error([1, 2], [1, 4])
    assert isinstance(value, Tensor)
    assert value.dtype == np.float32
    assert not value.requires_grad
