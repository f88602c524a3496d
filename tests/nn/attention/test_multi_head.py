"""Attention with several heads: caches, causality, sharing, and what it says when it is misused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, DTypeError, GradientError, ShapeError
from pellucid.nn.functional import alibi_bias, alibi_slopes, sinusoids

X = np.random.default_rng(0).normal(size=(2, 6, 8)).astype(np.float32)
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "grouped": {"num_kv_heads": 2},
    "rotary": {"positions": "rotary"},
    "halves": {"positions": nn.RotaryPositions(2, pairs="halves")},
    "ALiBi": {"positions": "alibi"},
}


def attention(**options: Any) -> nn.MultiHeadAttention:
    return nn.MultiHeadAttention(8, 4, rng=0, **options)


@pytest.mark.parametrize("steps", [(1,) * 6, (3, 1, 2), (6,), (4, 2)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_gives_what_recomputation_gives(kind: str, steps: tuple[int, ...]) -> None:
    layer = attention(causal=True, **KINDS[kind])
    expected = layer(X).data
    cache = nn.KeyValueCache(6)
    parts, start = [], 0
    with pl.no_grad():
        for n in steps:
            parts.append(layer(X[:, start : start + n], cache=cache).data)
            start += n
    assert cache.length == 6
    np.testing.assert_allclose(np.concatenate(parts, axis=1), expected, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_future_changes_nothing(kind: str) -> None:
    layer = attention(causal=True, **KINDS[kind])
    before = layer(X).data
    changed = X.copy()
    changed[:, 4:] += 1
    after = layer(changed).data
    np.testing.assert_array_equal(after[:, :4], before[:, :4])
    assert (after[:, 4:] != before[:, 4:]).all()


def test_padding_changes_nothing() -> None:
    layer = attention()
    real = np.array([[True] * 4 + [False] * 2, [True] * 6])
    before = layer(X, padding_mask=real).data
    changed = X.copy()
    changed[0, 4:] = 100
    after = layer(changed, padding_mask=real).data
    np.testing.assert_array_equal(after[0, :4], before[0, :4])
    np.testing.assert_allclose(before[0, :4], layer(X[:1, :4]).data[0], atol=1e-6)


def test_a_sample_of_padding_alone_is_finite() -> None:
    layer = attention()
    y, weights = layer(X, padding_mask=np.zeros((2, 6), bool), return_weights=True)
    assert not weights.data.any()
    np.testing.assert_array_equal(y.data, np.broadcast_to(layer.out.bias.data, y.shape))


def test_rotary_scores_depend_on_the_distance_alone() -> None:
    turn = nn.RotaryPositions(8)
    q, k = np.random.default_rng(1).normal(size=(2, 1, 8))
    scores = [(turn(q, at + 3) * turn(k, at)).sum() for at in (0, 1, 10, 500)]
    np.testing.assert_allclose(scores, scores[0], rtol=1e-10)
    assert abs((turn(q, 4) * turn(k, 0)).sum() - scores[0]) > 0.01
    np.testing.assert_allclose(np.linalg.norm(turn(q, 7)), np.linalg.norm(q))


def test_alibi_slopes_of_the_paper() -> None:
    assert alibi_slopes(8) == tuple(2.0**-i for i in range(1, 9))
    assert alibi_slopes(1) == (2.0**-8,)
    # For 12 heads: those of 8, then every other one of 16.
    np.testing.assert_allclose(alibi_slopes(12)[8:], [2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5])
    bias = alibi_bias(2, 3, 3)
    for h, i, j in np.ndindex(2, 3, 3):
        assert bias[h, i, j] == -abs(i - j) * alibi_slopes(2)[h]
    assert bias.dtype == np.float32


def test_sinusoids_by_the_formula() -> None:
    waves = sinusoids(5, 6, dtype=np.float64)
    for t, i in np.ndindex(5, 3):
        angle = t / 10_000 ** (2 * i / 6)
        np.testing.assert_allclose(waves[t, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])


def test_positions_count_from_an_offset() -> None:
    for layer in (nn.SinusoidalPositions(8), nn.LearnedPositions(6, 8, rng=0)):
        whole, part = (pl.tensor(X), pl.tensor(X[:, 4:]))
        np.testing.assert_array_equal(layer(part, 4).data, layer(whole).data[:, 4:])


def test_dropout_in_training_alone() -> None:
    layer = attention(dropout=0.5)
    first, second = layer(X).data, layer(X).data
    assert (first != second).any()
    layer.eval()
    np.testing.assert_array_equal(layer(X).data, layer(X).data)


def test_transformer_layers_drop_in_training_alone() -> None:
    for layer in (
        nn.TransformerEncoderLayer(8, 2, dropout=0.5, rng=0),
        nn.TransformerEncoderLayer(8, 2, dropout=0.0, inner_dropout=0.5, rng=0),
    ):
        assert (layer(X).data != layer(X).data).any()
        layer.eval()
        np.testing.assert_array_equal(layer(X).data, layer(X).data)


@pytest.mark.parametrize("norm_first", [False, True])
def test_stacks_with_caches(norm_first: bool) -> None:
    decoder = nn.TransformerDecoder(8, 2, 2, norm_first=norm_first, dropout=0.0, rng=0)
    memory = X[:, :3]
    expected = decoder(X, memory).data
    caches = decoder.new_caches(6)
    with pl.no_grad():
        parts = [decoder(X[:, t : t + 1], memory, caches=caches).data for t in range(6)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), expected, atol=1e-5)


def test_final_norm_is_a_choice() -> None:
    assert nn.TransformerEncoder(8, 2, 1).norm is None
    assert nn.TransformerEncoder(8, 2, 1, norm_first=True).norm is not None
    assert nn.TransformerEncoder(8, 2, 1, norm_first=True, final_norm=False).norm is None
    assert nn.TransformerEncoder(8, 2, 1, norm_first=True, bias=False).norm.bias is None


def test_the_same_seed_gives_the_same_weights() -> None:
    one, two = (nn.TransformerEncoder(8, 2, 2, rng=3).state_dict() for _ in range(2))
    assert all((one[k] == two[k]).all() for k in one)
    assert (one["layers.0.attention.query.weight"] != one["layers.1.attention.query.weight"]).any()


# --- messages -------------------------------------------------------------------------------------


def _message(kind: type[Exception], call: Any) -> str:
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def test_messages_about_sizes() -> None:
    assert _message(DataError, lambda: nn.MultiHeadAttention(10, 4)) == (
        "embed_dim (=10) is shared equally by num_heads (=4): it must be a multiple of it"
    )
    assert _message(DataError, lambda: nn.MultiHeadAttention(8, 4, num_kv_heads=3)) == (
        "num_heads (=4) must be a multiple of num_kv_heads (=3)"
    )
    assert _message(DataError, lambda: attention(positions="learned")) == (
        "positions of attention are 'rotary', 'alibi', a RotaryPositions or None, got 'learned'"
    )
    assert _message(DataError, lambda: nn.RotaryPositions(3)) == (
        "rotary positions turn pairs of features: the width 3 is odd"
    )
    assert _message(DataError, lambda: nn.TransformerEncoder(8, 2, 0)) == (
        "a transformer has at least 1 layer, got 0"
    )


def test_messages_about_inputs() -> None:
    layer = attention()
    assert _message(ShapeError, lambda: layer(X[0])) == (
        "expected a query of shape (samples, length, 8), got (6, 8)"
    )
    assert _message(ShapeError, lambda: layer(X, X[:1])) == (
        "queries (2, 6, 8), keys (1, 6, 8) and values (1, 6, 8) must be of equally many samples, "
        "and there is one value for each key"
    )
    assert _message(ShapeError, lambda: layer(X, padding_mask=np.ones((2, 5), bool))) == (
        "expected a padding mask of shape (samples, keys) = (2, 6), got (2, 5)"
    )
    assert _message(DTypeError, lambda: layer(X, padding_mask=np.ones((2, 6), int))) == (
        "a padding mask holds truth values, True at real tokens, got int64; "
        "for tokens padded with 0, write tokens != 0"
    )
    assert _message(ShapeError, lambda: nn.LearnedPositions(4, 8)(X)) == (
        "there are 4 learnt positions, an input of length 6 needs 6"
    )


def test_messages_about_caches() -> None:
    layer, cache = attention(causal=True), nn.KeyValueCache(4)
    assert _message(GradientError, lambda: layer(X[:, :2], cache=cache)) == (
        "a cache keeps numbers without their history, so that nothing could be learnt through it; "
        "generate inside of `with pl.no_grad():`"
    )
    with pl.no_grad():
        layer(X[:, :3], cache=cache)
        assert repr(cache) == "KeyValueCache(3 of 4 positions)"
        assert _message(ShapeError, lambda: layer(X[:, :2], cache=cache)) == (
            "the cache holds 3 of at most 4 positions, 2 more do not fit; start a new one with the "
            "last positions"
        )


def test_reprs() -> None:
    layer = attention(num_kv_heads=2, causal=True, positions="alibi")
    assert layer.extra_repr() == "8, 4 heads of 2, 2 of keys and values, causal, ALiBi"
    assert nn.RotaryPositions(4, base=100, pairs="halves").extra_repr() == (
        "4, base=100, pairs='halves'"
    )
