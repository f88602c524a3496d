"""Scaled dot-product attention as a function: PyTorch's values and gradients, masks, dropout."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DTypeError, ShapeError
from pellucid.nn.functional import causal_mask, scaled_dot_product_attention

RNG = np.random.default_rng(0)
_HIDDEN = RNG.random((2, 1, 3, 4)) < 0.4
_HIDDEN[..., 0] = False  # every query may attend to something
MASKS = {
    "none": None,
    "bool": np.array([[True, False, True, True], [False, True, False, False], [True] * 4]),
    "bool by sample": np.array([[True, True, False, True], [True, False, False, True]])[
        :, None, None
    ],
    "float": RNG.normal(size=(3, 4)),
    "−∞": np.where(_HIDDEN, -np.inf, 0.5),
}
SHAPES = {
    "two heads": ((2, 2, 3, 5), (2, 2, 4, 5), (2, 2, 4, 6)),
    "no batch": ((2, 3, 5), (2, 4, 5), (2, 4, 5)),
    "one batch of keys": ((2, 2, 3, 5), (1, 2, 4, 5), (1, 2, 4, 2)),
    "four heads share two": ((2, 4, 3, 5), (2, 2, 4, 5), (2, 2, 4, 6)),
    "four heads share one": ((2, 4, 3, 5), (2, 1, 4, 5), (2, 1, 4, 6)),
}


def _arrays(shapes: str) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.normal(size=shape) for shape in SHAPES[shapes]]


@pytest.mark.parity
@pytest.mark.parametrize("scale", [None, 0.7])
@pytest.mark.parametrize(("shapes", "mask"), list(itertools.product(SHAPES, MASKS)))
def test_values_and_gradients_are_those_of_pytorch(
    shapes: str, mask: str, scale: float | None
) -> None:
    if shapes == "no batch" and mask in ("bool by sample", "−∞"):
        pytest.skip("the mask has a batch axis")
    torch = pytest.importorskip("torch")
    arrays, given = _arrays(shapes), MASKS[mask]
    ours = [pl.tensor(x, requires_grad=True) for x in arrays]
    y = scaled_dot_product_attention(*ours, mask=given, scale=scale)
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(x if "batch of" not in shapes else x.expand(2, -1, -1, -1) for x in theirs),
        attn_mask=None if given is None else torch.tensor(given),
        scale=scale,
        enable_gqa="share" in shapes,
    )
    np.testing.assert_allclose(y.data, expected.detach().numpy(), atol=1e-12)
    weights = np.random.default_rng(2).normal(size=y.shape)
    (y * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.grad, other.grad.numpy(), atol=1e-12)


@pytest.mark.parity
@pytest.mark.parametrize("heads", [(2, 2), (4, 2), (4, 1)])
def test_causal_as_pytorch_where_lengths_are_equal(heads: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(2, h, 4, 3)) for h in (heads[0], heads[1], heads[1])]
    expected = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, arrays), is_causal=True, enable_gqa=True
    )
    found = scaled_dot_product_attention(*arrays, causal=True)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-12)


def test_against_the_formula_written_in_loops() -> None:
    q, k, v = _arrays("two heads")
    found, weights = scaled_dot_product_attention(q, k, v, return_weights=True)
    for n, h, t in np.ndindex(2, 2, 3):
        raised = [np.exp(sum(q[n, h, t] * k[n, h, s]) / 5**0.5) for s in range(4)]
        shares = [r / sum(raised) for r in raised]
        np.testing.assert_allclose(weights[n, h, t], shares)
        expected = sum(share * v[n, h, s] for s, share in enumerate(shares))
        np.testing.assert_allclose(found[n, h, t], expected)


@pytest.mark.parametrize("kind", ["bool", "float"])
def test_a_query_that_may_attend_to_nothing_gets_zeros(kind: str) -> None:
    q, k, v = (pl.tensor(x, requires_grad=True) for x in _arrays("two heads"))
    mask: Any = np.ones((3, 4), bool)
    mask[1] = False
    if kind == "float":
        mask = np.where(mask, 0.0, -np.inf)
    y, weights = scaled_dot_product_attention(q, k, v, mask=mask, return_weights=True)
    assert not y.data[:, :, 1].any()
    assert not weights.data[:, :, 1].any()
    assert (y.data[:, :, 0] != 0).all()
    (y**2).sum().backward()
    assert not q.grad[:, :, 1].any()
    assert all(np.isfinite(x.grad).all() for x in (q, k, v))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_do_not_overflow(dtype: Any) -> None:
    q = np.full((1, 2, 4), 1e3, dtype)
    k = np.stack([np.full((2, 4), 1e3), np.full((2, 4), -1e3)], axis=1)[:1].astype(dtype)
    y, weights = scaled_dot_product_attention(q, k, k, return_weights=True)
    assert y.dtype == dtype
    np.testing.assert_array_equal(weights[0, 0], [1, 0])


def test_causal_queries_are_the_last_positions() -> None:
    np.testing.assert_array_equal(
        causal_mask(2, 4), [[True, True, True, False], [True, True, True, True]]
    )
    np.testing.assert_array_equal(causal_mask(1, 3), [[True, True, True]])
    np.testing.assert_array_equal(causal_mask(3, 2), [[False, False], [True, False], [True, True]])
    q, k, v = (np.random.default_rng(i).normal(size=(1, 4, 3)) for i in range(3))
    whole = scaled_dot_product_attention(q, k, v, causal=True)
    part = scaled_dot_product_attention(q[:, 2:], k, v, causal=True)
    np.testing.assert_allclose(part, whole[:, 2:], atol=1e-15)


def test_zero_lengths() -> None:
    q, k = np.ones((2, 0, 3)), np.ones((2, 4, 3))
    assert scaled_dot_product_attention(q, k, k).shape == (2, 0, 3)
    nothing = scaled_dot_product_attention(k, q, q)
    np.testing.assert_array_equal(nothing, np.zeros((2, 4, 3)))


def test_a_learnt_bias_gets_its_gradient() -> None:
    q, k, v = _arrays("two heads")
    bias = pl.tensor(np.zeros((3, 4)), requires_grad=True)
    y = scaled_dot_product_attention(q, k, v, mask=bias)
    (y * np.random.default_rng(3).normal(size=y.shape)).sum().backward()
    assert (np.abs(bias.grad) > 0).all()
    # Adding the same to every key of a query changes nothing.
    np.testing.assert_allclose(bias.grad.sum(axis=1), 0, atol=1e-12)


# --- dropout --------------------------------------------------------------------------------------


def test_dropout_of_weights() -> None:
    q = np.zeros((1, 50, 2))
    k = np.zeros((1, 40, 2))
    v = np.eye(40)[None]  # so that the result is the weights after dropout
    dropped, weights = scaled_dot_product_attention(
        q, k, v, dropout=0.25, rng=0, return_weights=True
    )
    np.testing.assert_allclose(weights, 1 / 40)
    assert set(np.unique(dropped.round(9))) == {0.0, round(1 / 40 / 0.75, 9)}
    assert abs((dropped == 0).mean() - 0.25) < 0.03
    again = scaled_dot_product_attention(q, k, v, dropout=0.25, rng=0)
    np.testing.assert_array_equal(again, dropped)
    calm = scaled_dot_product_attention(q, k, v, dropout=0.25, training=False)
    np.testing.assert_allclose(calm, 1 / 40)


# --- messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((3,), (4, 3), (4, 3)),
            "the query of attention has shape (..., length, width), got (3,)",
        ),
        (
            ((3, 5), (4, 6), (4, 2)),
            "queries (3, 5) are 5 wide and keys (4, 6) are 6 wide; their scalar product needs "
            "equal widths",
        ),
        (
            ((3, 5), (4, 5), (2, 5)),
            "there are 4 keys (4, 5) and 2 values (2, 5); each key has one value",
        ),
        (
            ((4, 3, 5), (3, 4, 5), (3, 4, 5)),
            "4 heads of queries (4, 3, 5) cannot share 3 heads of keys (3, 4, 5): "
            "4 is not a multiple of 3",
        ),
    ],
)
def test_messages_about_shapes(shapes: tuple[tuple[int, ...], ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        scaled_dot_product_attention(*map(np.ones, shapes))
    assert str(caught.value) == message


def test_messages_about_masks() -> None:
    q = np.ones((2, 3, 4))
    with pytest.raises(ShapeError) as caught:
        scaled_dot_product_attention(q, q, q, mask=np.ones((3, 2), bool))
    assert str(caught.value) == (
        "a mask of shape (3, 2) does not broadcast against the scores (2, 3, 3) "
        "(..., queries, keys)"
    )
    with pytest.raises(DTypeError) as wrong:
        scaled_dot_product_attention(q, q, q, mask=np.ones((3, 3), int))
    assert str(wrong.value) == (
        "a mask holds truth values (True = may attend) or floats (added), got int64; "
        "write mask.astype(bool) if 1 stands for 'may attend'"
    )
