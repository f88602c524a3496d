"""Generation: probabilities by hand, draws from a seed, the cache, the context, the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import models, nn
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.models import generate, next_token_probabilities

CHANCES = np.array([0.1, 0.4, 0.2, 0.3])
LOGITS = np.log(CHANCES)


# --- probabilities --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({}, [0.1, 0.4, 0.2, 0.3]),
        ({"temperature": 0}, [0, 1, 0, 0]),
        ({"temperature": 0.5}, [0.01, 0.16, 0.04, 0.09]),
        ({"temperature": 1e-8}, [0, 1, 0, 0]),
        ({"temperature": 1e8}, [1, 1, 1, 1]),
        ({"top_k": 1}, [0, 1, 0, 0]),
        ({"top_k": 2}, [0, 4, 0, 3]),
        ({"top_k": 9}, [1, 4, 2, 3]),
        ({"top_p": 1.0}, [1, 4, 2, 3]),
        ({"top_p": 0.95}, [1, 4, 2, 3]),
        ({"top_p": 0.85}, [0, 4, 2, 3]),
        ({"top_p": 0.5}, [0, 4, 0, 3]),
        ({"top_p": 0.01}, [0, 1, 0, 0]),
        ({"top_k": 3, "top_p": 0.5}, [0, 4, 0, 3]),
        ({"top_k": 2, "top_p": 0.55}, [0, 1, 0, 0]),
        ({"temperature": 0.5, "top_p": 0.6}, [0, 16, 0, 9]),
    ],
)
@pytest.mark.parametrize("shift", [0.0, 300.0, -300.0])
def test_probabilities(options: dict[str, Any], weights: list[float], shift: float) -> None:
    found = next_token_probabilities((LOGITS + shift)[None], **options)
    expected = np.array(weights) / np.sum(weights)
    np.testing.assert_allclose(found, expected[None], rtol=1e-6, atol=1e-9)
    assert found.dtype == np.float64


def test_equals_are_treated_alike() -> None:
    even = np.zeros(4)
    np.testing.assert_array_equal(next_token_probabilities(even, temperature=0), [1, 0, 0, 0])
    np.testing.assert_array_equal(next_token_probabilities(even, top_k=2), [0.25] * 4)
    np.testing.assert_array_equal(next_token_probabilities(even, top_p=0.5), [0.5, 0.5, 0, 0])


def test_tokens_that_are_ruled_out() -> None:
    logits = np.array([0.0, -np.inf, 0.0])
    np.testing.assert_array_equal(next_token_probabilities(logits), [0.5, 0, 0.5])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "the temperature is a number ≥ 0, got -1"),
        ({"temperature": np.nan}, "the temperature is a number ≥ 0, got nan"),
        ({"top_k": 0}, "top_k is a whole number ≥ 1, got 0"),
        ({"top_k": 1.5}, "top_k is a whole number ≥ 1, got 1.5"),
        ({"top_p": 0}, "top_p is a probability above 0 and up to 1, got 0"),
        ({"top_p": 1.2}, "top_p is a probability above 0 and up to 1, got 1.2"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        next_token_probabilities(LOGITS, **options)
    assert str(caught.value) == message
    with pytest.raises(DataError) as again:
        generate(Fixed(), [0], 1, **options)
    assert str(again.value) == message


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_network_that_has_diverged(bad: float) -> None:
    with pytest.raises(DataError, match="logits are not finite"):
        next_token_probabilities(np.array([0.0, bad]))


# --- networks of known behaviour ------------------------------------------------------------------


class Fixed(nn.Module):
    """Expects the same of every next token; remembers what it was asked."""

    def __init__(self, context: int | None = None) -> None:
        super().__init__()
        self.asked: tuple[np.ndarray, ...] = ()
        if context is not None:
            self.context = context

    def forward(self, tokens: np.ndarray) -> Any:
        assert not self.training
        self.asked = (*self.asked, tokens.copy())
        return pl.tensor(np.broadcast_to(LOGITS, (*tokens.shape, 4)))


class Counting(Fixed):
    """Expects the token after the last one, surely; 3 is followed by 0."""

    def forward(self, tokens: np.ndarray) -> Any:
        super().forward(tokens)
        return pl.tensor(np.log(np.eye(4)[(tokens + 1) % 4] + 1e-30))


def test_without_a_cache_all_is_computed_again() -> None:
    net = Counting()
    np.testing.assert_array_equal(generate(net, [1, 2], 3), [1, 2, 3, 0, 1])
    assert [tokens.shape for tokens in net.asked] == [(1, 2), (1, 3), (1, 4)]


def test_the_context_is_the_last_tokens() -> None:
    net = Counting(context=2)
    np.testing.assert_array_equal(generate(net, [0, 1, 2], 3), [0, 1, 2, 3, 0, 1])
    assert [tokens.tolist() for tokens in net.asked] == [[[1, 2]], [[2, 3]], [[3, 0]]]


def test_several_prompts_at_once() -> None:
    found = generate(Counting(), [[0, 1], [3, 2]], 2)
    np.testing.assert_array_equal(found, [[0, 1, 2, 3], [3, 2, 3, 0]])
    assert found.dtype == np.int64


def test_nothing_to_add() -> None:
    np.testing.assert_array_equal(generate(Fixed(), [1, 2], 0), [1, 2])


def test_stop() -> None:
    np.testing.assert_array_equal(generate(Counting(), [1], 9, stop=3), [1, 2, 3])
    found = generate(Counting(), [[0], [2]], 9, stop=3)
    np.testing.assert_array_equal(found, [[0, 1, 2, 3], [2, 3, 3, 3]])


def test_tokens_come_as_often_as_expected() -> None:
    found = generate(Fixed(), np.zeros((4000, 1), int), 1, rng=0)[:, 1]
    shares = np.bincount(found, minlength=4) / 4000
    np.testing.assert_allclose(shares, CHANCES, atol=4 * 0.5 / 4000**0.5)


def test_the_seed_decides() -> None:
    one = generate(Fixed(), [0], 50, rng=1)
    np.testing.assert_array_equal(generate(Fixed(), [0], 50, rng=1), one)
    np.testing.assert_array_equal(generate(Fixed(), [0], 50, rng=np.random.default_rng(1)), one)
    assert (generate(Fixed(), [0], 50, rng=2) != one).any()


def test_modes_are_put_back() -> None:
    net = nn.Sequential(nn.Identity(), Counting())
    net[0].eval()
    generate(net, [0], 1)
    assert net.training
    assert net[1].training
    assert not net[0].training


# --- networks with a cache ------------------------------------------------------------------------


class WithoutSteps(nn.Module):
    """A GPT that is asked for the whole context each time."""

    def __init__(self, net: models.GPT) -> None:
        super().__init__()
        self.net = net
        self.context = net.context

    def forward(self, tokens: Any) -> Any:
        return self.net(tokens)


@pytest.mark.parametrize("positions", ["learned", "rotary"])
@pytest.mark.parametrize("prompt", [[3], [1, 2, 3, 4, 5], list(range(10))])
def test_the_cache_gives_the_same_text(positions: str, prompt: list[int]) -> None:
    net = models.GPT(
        12, context=8, width=16, layers=2, heads=2, positions=positions, dropout=0.2, rng=0
    )
    for parameter in net.parameters():
        parameter.data *= 8  # so that what comes next depends on what came before
    options: dict[str, Any] = {"rng": 4, "top_k": 6}
    found = generate(net, prompt, 12, **options)
    assert len(np.unique(found)) > 3
    np.testing.assert_array_equal(found, generate(WithoutSteps(net), prompt, 12, **options))


def test_recurrent_networks_take_the_same_road() -> None:
    net = models.CharRNN(12, 16, 1, rng=0)

    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, tokens: Any) -> Any:
            return self.net(tokens)

    found = generate(net, [3, 1], 15, rng=0)
    np.testing.assert_array_equal(found, generate(Plain(), [3, 1], 15, rng=0))


# --- messages -------------------------------------------------------------------------------------


def test_messages() -> None:
    with pytest.raises(ShapeError) as empty:
        generate(Fixed(), [], 3)
    assert str(empty.value) == (
        "a prompt is a row of at least one token, or several of the same length, got shape (0,); "
        "begin with a line break or a token that stands at the start of a text"
    )
    with pytest.raises(DTypeError) as text:
        generate(Fixed(), [0.5], 3)
    assert str(text.value) == (
        "a prompt is made of token numbers, got float32; encode a text with its tokenizer"
    )
    with pytest.raises(DataError) as negative:
        generate(Fixed(), [0], -1)
    assert str(negative.value) == "the number of tokens to add is ≥ 0, got -1"
