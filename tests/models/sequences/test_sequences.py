"""Recurrent models: language model, classifier, forecaster."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, DTypeError, ShapeError, UnknownNameError
from pellucid.models import (
    MODELS,
    CharRNN,
    RecurrentClassifier,
    RecurrentForecaster,
)

CELLS = ("rnn", "lstm", "gru")
EACH = pytest.mark.parametrize("cell", CELLS)


def ids(*shape: int, high: int = 9, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, high, size=shape)


# --- from the registry ----------------------------------------------------------------------------

OPTIONS: dict[str, dict[str, Any]] = {
    **{
        c: {"vocabulary": 9, "hidden": 8, "embedding": None, "dropout": 0.1, "rng": 3}
        for c in CELLS
    },
    **{
        f"{c}-classifier": {"vocabulary": 9, "hidden": 8, "pooling": "mean", "layers": 2, "rng": 3}
        for c in CELLS
    },
    **{f"{c}-forecaster": {"hidden": 8, "layers": 2, "dropout": 0.1, "rng": 3} for c in CELLS},
    "seq2seq": {"vocabulary": 9, "hidden": 8, "cell": "lstm", "max_length": 5, "rng": 3},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_saved_model_is_made_again(name: str) -> None:
    model = MODELS[name]
    shape = (6, 2) if model.takes == "series" else (6,)
    saved = json.loads(json.dumps({"input_shape": shape, "outputs": 9, **OPTIONS[name]}))
    first, second = model(**saved).eval(), model(**saved).eval()
    x = np.ones((4, *shape), np.float32) if model.takes == "series" else ids(4, 6)
    y = first(x)
    wanted = {"rnn": (4, 6, 9), "lstm": (4, 6, 9), "gru": (4, 6, 9), "seq2seq": (4, 5, 9)}
    assert y.shape == wanted.get(name, (4, 9)) and y.dtype == np.float32
    np.testing.assert_array_equal(y.data, second(x).data)


def test_what_a_builder_needs_is_named() -> None:
    with pytest.raises(DataError, match="'gru-classifier' needs vocabulary="):
        MODELS["gru-classifier"]((6,), 2)
    with pytest.raises(DataError, match=r"'lstm-forecaster' takes series of shape \(steps, feat"):
        MODELS["lstm-forecaster"]((6,), 2)
    with pytest.raises(UnknownNameError, match="did you mean 'lstm'"):
        CharRNN(5, cell="lstn")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="did you mean 'mean'"):
        RecurrentClassifier(5, 2, pooling="meen")  # type: ignore[arg-type]
    assert MODELS["lstm"]((6,), 7, hidden=4)(ids(1, 6, high=7)).shape == (1, 6, 7)


# --- language model -------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("embedding", [None, 5])
def test_a_token_depends_on_those_before_it_only(cell: Any, embedding: int | None) -> None:
    net = CharRNN(9, 8, cell=cell, embedding=embedding, rng=0)
    tokens = ids(2, 6)
    other = tokens.copy()
    other[:, 4] = 0
    before, after = net(tokens).data, net(other).data
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).any(axis=-1).all()


@EACH
def test_generating_step_by_step_is_the_whole(cell: Any) -> None:
    net = CharRNN(9, 8, 2, cell=cell, dropout=0.5, rng=0).eval()
    tokens = ids(3, 7)
    whole = net(tokens).data
    cache = net.new_cache(3)
    logits, cache = net.generate_step(tokens[:, :4], cache)
    np.testing.assert_allclose(logits.data, whole[:, 3], rtol=1e-5, atol=1e-6)
    for t in range(4, 7):
        logits, cache = net.generate_step(tokens[:, t : t + 1], cache)
        assert logits.shape == (3, 9) and not logits.requires_grad
        np.testing.assert_allclose(logits.data, whole[:, t], rtol=1e-5, atol=1e-6)


def test_a_state_carries_over_from_window_to_window() -> None:
    net = CharRNN(9, 8, rng=0)
    tokens = ids(2, 8)
    first, state = net.advance(tokens[:, :4])
    second, _ = net.advance(tokens[:, 4:], nn.detach_state(state))
    np.testing.assert_allclose(
        np.concatenate([first.data, second.data], axis=1), net(tokens).data, rtol=1e-5, atol=1e-6
    )
    assert (second.data != net(tokens[:, 4:]).data).any()


@EACH
def test_a_language_model_learns_a_sentence(cell: Any) -> None:
    text = np.array([[1, 2, 3, 1, 4, 3, 1, 2, 5, 6]])  # what follows 1 or 3 needs memory
    net = CharRNN(9, 24, 1, cell=cell, embedding=8, rng=0)
    optimizer = pl.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(60):
        loss = pl.losses.cross_entropy(net(text[:, :-1])[0], text[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_array_equal(net(text[:, :-1]).data.argmax(axis=-1), text[:, 1:])


def test_tokens_that_do_not_fit_are_named() -> None:
    net = CharRNN(9, 8)
    with pytest.raises(DataError, match=r"id 9 at \(0, 1\) is out of range: this language model"):
        net([[1, 9]])
    with pytest.raises(ShapeError, match=r"tokens of shape \(samples, length\), got \(2,\)"):
        net([1, 2])
    with pytest.raises(DTypeError, match="whole numbers"):
        net([[1.0, 2.0]])


# --- classifier -----------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing(cell: Any, pooling: Any, bidirectional: bool) -> None:
    net = RecurrentClassifier(
        9, 3, 8, 2, cell=cell, pooling=pooling, bidirectional=bidirectional, rng=0
    )
    tokens = ids(2, 4)
    padded = np.pad(tokens, ((0, 0), (0, 3)))
    np.testing.assert_allclose(net(padded).data, net(tokens).data, rtol=1e-5, atol=1e-6)
    assert (net(padded).data != net(padded[:, ::-1]).data).any()


def test_the_padding_token_inside_of_a_text_is_a_token() -> None:
    net = RecurrentClassifier(9, 3, 8, rng=0)
    assert (net([[1, 0, 2, 0]]).data != net([[1, 2, 0, 0]]).data).any()


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_a_text_without_tokens_is_answered(pooling: Any) -> None:
    net = RecurrentClassifier(9, 3, 8, pooling=pooling, rng=0)
    np.testing.assert_allclose(net([[0, 0], [1, 2]]).data[0], net.head.bias.data)


@EACH
def test_a_classifier_learns_which_token_came_first(cell: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(1, 4, size=(96, 6))
    for row, length in zip(x, rng.integers(2, 7, size=96), strict=True):
        row[length:] = 0
    y = (x[:, 0] == 1).astype(int)
    net = RecurrentClassifier(4, 2, 12, cell=cell, embedding=6, bidirectional=False, rng=0)
    optimizer = pl.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(50):
        loss = pl.losses.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (net(x).data.argmax(axis=1) == y).mean() == 1


# --- forecaster -----------------------------------------------------------------------------------


@EACH
def test_a_forecaster_learns_a_sine(cell: Any) -> None:
    wave = np.sin(np.arange(200) * 0.35).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(wave, 15)
    x, y = windows[:, :12, None], windows[:, 12:]
    net = RecurrentForecaster(None, 3, 16, cell=cell, rng=0)
    optimizer = pl.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(80):
        loss = pl.losses.mean_squared_error(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.data) < 0.01
