"""From one sequence to another: attention, teacher forcing, decoding."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.models import Seq2Seq, SequenceAttention
from pellucid.models.sequences.decoding import beam_search
from pellucid.tape import no_grad

SCORES = ("additive", "general", "dot")
SOURCE = np.array([[5, 7, 9, 3], [4, 3, 0, 0]])
TARGET = np.array([[4, 5, 3, 2], [5, 2, 0, 0]])


def made(**options: Any) -> Seq2Seq:
    options = {"hidden": 8, "embedding": 6, "max_length": 5, "rng": 0, **options}
    return Seq2Seq(12, 7, **options)


# --- attention ------------------------------------------------------------------------------------


def _scores_by_hand(layer: SequenceAttention, h: np.ndarray, m: np.ndarray) -> float:
    """Score of one query and one place in memory, written out."""
    w = {name: value.data for name, value in layer.named_parameters()}
    if layer.score == "additive":
        inner = h @ w["by_query.weight"] + w["by_query.bias"] + m @ w["by_memory.weight"]
        return float(np.tanh(inner) @ w["to_score.weight"][:, 0])
    if layer.score == "general":
        return float(h @ (m @ w["by_memory.weight"]))
    return float(h @ m) / np.sqrt(len(h))


@pytest.mark.parametrize("score", SCORES)
def test_attention_is_a_mean_weighted_by_scores(score: Any) -> None:
    rng = np.random.default_rng(0)
    layer = SequenceAttention(4, 4 if score == "dot" else 6, score, dtype="float64", rng=0)
    query = pl.tensor(rng.normal(size=(2, 3, 4)))
    memory = pl.tensor(rng.normal(size=(2, 5, 4 if score == "dot" else 6)))
    lengths = (5, 2)
    mask = np.arange(5) < np.array(lengths)[:, None]
    context, weights = layer(query, memory, mask)
    for n, t in itertools.product(range(2), range(3)):
        inside = memory.data[n, : lengths[n]]
        grades = np.exp([_scores_by_hand(layer, query.data[n, t], m) for m in inside])
        grades /= grades.sum()
        np.testing.assert_allclose(weights.data[n, t, : lengths[n]], grades, rtol=1e-12)
        assert not weights.data[n, t, lengths[n] :].any()
        np.testing.assert_allclose(context.data[n, t], grades @ inside, rtol=1e-12)


def test_attention_that_cannot_be_is_refused() -> None:
    with pytest.raises(ShapeError, match="got 4 and 6; take score='general'"):
        SequenceAttention(4, 6, "dot")
    with pytest.raises(UnknownNameError, match="did you mean 'additive'"):
        SequenceAttention(4, 6, "aditive")  # type: ignore[arg-type]


# --- the network ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("layers", [1, 2])
def test_every_parameter_is_used(cell: Any, score: Any, layers: int) -> None:
    net = made(cell=cell, score=score, layers=layers, bidirectional=score != "dot")
    logits = net(SOURCE, TARGET)
    assert logits.shape == (2, 4, 7)
    (logits * logits).sum().backward()
    for path, parameter in net.named_parameters():
        assert parameter.grad is not None and np.abs(parameter.grad).max() > 0, path


def test_padding_of_sources_changes_nothing() -> None:
    net = made(layers=2)
    alone = net(SOURCE[1:, :2], TARGET[1:])
    np.testing.assert_allclose(net(SOURCE, TARGET).data[1:], alone.data, rtol=1e-5, atol=1e-6)


def test_a_token_is_predicted_from_those_before_it() -> None:
    net = made()
    other = TARGET.copy()
    other[:, 2] = 6
    one, two = net(SOURCE, TARGET).data, net(SOURCE, other).data
    np.testing.assert_array_equal(one[:, :3], two[:, :3])
    assert (one[:, 3] != two[:, 3]).any()


def test_without_a_target_its_own_choices_are_fed_back() -> None:
    net = made()
    free = net(SOURCE)
    assert free.shape == (2, 5, 7) and free.requires_grad
    np.testing.assert_allclose(
        free.data, net(SOURCE, free.data.argmax(axis=-1)).data, rtol=1e-5, atol=1e-6
    )


# --- decoding -------------------------------------------------------------------------------------


def _log_probability(net: Seq2Seq, source: np.ndarray, target: np.ndarray) -> float:
    logits = net(source[None], target[None]).data[0].astype(np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return float(logs[np.arange(len(target)), target].sum())


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_greedy_takes_the_best_token_each_time(cell: Any) -> None:
    net = made(cell=cell)
    found = net.decode(SOURCE)
    assert found.tokens.shape[1] <= 5 and found.weights.shape == (2, found.tokens.shape[1], 4)
    logits = net(SOURCE, found.tokens).data
    for n, row in enumerate(found.tokens):
        length = list(row).index(net.end) + 1 if net.end in row else len(row)
        np.testing.assert_array_equal(row[:length], logits[n, :length].argmax(axis=-1))
        assert not row[length:].any() and not found.weights[n, length:].any()
        np.testing.assert_allclose(found.weights[n, :length].sum(axis=-1), 1, rtol=1e-5)
        expected = _log_probability(net, SOURCE[n], row[:length])
        assert found.log_probability[n] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_wide_beam_finds_the_most_probable_target(cell: Any) -> None:
    """As many beginnings as there are: nothing is lost, so that it is an exhaustive search."""
    net = Seq2Seq(12, 4, 8, cell=cell, embedding=6, rng=1)
    for parameter in net.parameters():
        parameter.data *= 2
    length = 3
    everything = [
        np.array(target)
        for n in range(1, length + 1)
        for target in itertools.product(range(4), repeat=n)
        if net.end not in target[:-1] and (target[-1] == net.end or n == length)
    ]
    found = net.decode(SOURCE, length, beam=64)
    for n, source in enumerate(SOURCE):
        scores = [_log_probability(net, source, target) for target in everything]
        best = everything[int(np.argmax(scores))]
        row = found.tokens[n]
        np.testing.assert_array_equal(row[: len(best)], best)
        assert not row[len(best) :].any()
        assert found.log_probability[n] == pytest.approx(max(scores), abs=1e-4)


def test_a_beam_of_one_is_greedy_and_wider_ones_are_no_worse() -> None:
    net = made(max_length=6)
    for parameter in net.parameters():
        parameter.data *= 1.5
    source = np.random.default_rng(0).integers(1, 12, size=(20, 5))
    narrow = net.decode(source)
    with no_grad():
        one = beam_search(net, source, 6, 1)
    np.testing.assert_array_equal(one.tokens, narrow.tokens)
    np.testing.assert_allclose(one.log_probability, narrow.log_probability, rtol=1e-4)
    wide = net.decode(source, beam=5)
    assert (wide.log_probability >= narrow.log_probability - 1e-5).mean() > 0.9
    assert (wide.log_probability > narrow.log_probability + 1e-5).any()


def test_decoding_is_without_dropout_and_leaves_the_mode() -> None:
    net = made(dropout=0.5)
    np.testing.assert_array_equal(net.decode(SOURCE).weights, net.decode(SOURCE).weights)
    assert net.training and net.encoder.training


def test_what_does_not_fit_is_named() -> None:
    net = made()
    with pytest.raises(ShapeError, match=r"targets of shape \(2, length\), one for each source"):
        net(SOURCE, TARGET[:1])
    with pytest.raises(ShapeError, match=r"sources of shape \(samples, length\), got \(4,\)"):
        net(SOURCE[0], TARGET)
    with pytest.raises(DataError, match=r"id 12 at .* is out of range: this encoder"):
        net([[12]], TARGET[:1])
    with pytest.raises(DataError, match="beam and max_length are at least 1, got 0 and 5"):
        net.decode(SOURCE, beam=0)
    with pytest.raises(DataError, match="got target_vocabulary=3"):
        Seq2Seq(5, 3)
