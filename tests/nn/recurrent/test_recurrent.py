"""What cases do not show of recurrent layers: states, lengths, dropout, truncation, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid import primitives as p
from pellucid.errors import (
    DataError,
    DTypeError,
    ShapeError,
    UnknownNameError,
    UnsupportedError,
)
from pellucid.nn.recurrent import RecurrentCell
from pellucid.primitives import recurrent

KINDS: dict[str, Any] = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
EACH = pytest.mark.parametrize("kind", KINDS)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def parts(state: Any) -> list[np.ndarray]:
    return [part.data for part in (state if isinstance(state, tuple) else (state,))]


def closely(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=2e-5, atol=2e-6)


# --- states ---------------------------------------------------------------------------------------


@EACH
def test_two_halves_are_the_whole(kind: str) -> None:
    layer, x = KINDS[kind](3, 4, num_layers=2, rng=0), numbers(2, 7, 3)
    whole, end = layer(x)
    first, state = layer(x[:, :3])
    second, state = layer(x[:, 3:], state)
    closely(np.concatenate([first.data, second.data], axis=1), whole.data)
    for found, expected in zip(parts(state), parts(end), strict=True):
        closely(found, expected)


@EACH
def test_step_by_step_is_the_whole(kind: str) -> None:
    layer, x, state = KINDS[kind](3, 4, num_layers=2, rng=0), numbers(2, 5, 3), None
    whole, end = layer(x)
    for t in range(5):
        output, state = layer.step(x[:, t], state)
        closely(output.data, whole.data[:, t])
    for found, expected in zip(parts(state), parts(end), strict=True):
        closely(found, expected)


@EACH
def test_a_cell_in_a_loop_is_the_layer(kind: str) -> None:
    layer, x = KINDS[kind](3, 4, rng=0), numbers(2, 5, 3)
    whole, _ = layer(x)
    state = None
    for t in range(5):
        state = layer.layer0(x[:, t], state)
        closely(parts(state)[0], whole.data[:, t])


@EACH
def test_the_fused_sequence_is_the_plain_loop(kind: str) -> None:
    layer = KINDS[kind](3, 4, rng=0).astype(np.float64)
    cell, x = layer.layer0, pl.tensor(numbers(6, 2, 3).astype(np.float64), requires_grad=True)
    start = tuple(np.zeros((2, size)) for size in cell.state_sizes)
    slopes = []
    for unroll in (cell.unroll, lambda z, state: RecurrentCell.unroll(cell, z, state)):
        states = unroll(cell.gate_inputs(x), start)
        total = sum((s * s).sum() for s in states)
        slopes.append([s.data for s in states] + pl.gradients(total, [x, *cell.parameters()]))
    for fused, plain in zip(*slopes, strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-10, atol=1e-12)


# --- lengths --------------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize("both", [False, True])
def test_each_sequence_of_a_batch_is_as_if_alone(kind: str, both: bool) -> None:
    layer, x = KINDS[kind](3, 4, num_layers=2, bidirectional=both, rng=0), numbers(4, 6, 3)
    lengths = [6, 1, 4, 3]
    output, state = layer(x, lengths=lengths)
    for n, length in enumerate(lengths):
        alone, end = layer(x[n : n + 1, :length])
        closely(output.data[n, :length], alone.data[0])
        assert not output.data[n, length:].any()
        for found, expected in zip(parts(state), parts(end), strict=True):
            closely(found[:, n], expected[:, 0])


def test_padding_has_no_influence_and_no_gradient() -> None:
    layer = nn.LSTM(2, 3, bidirectional=True, rng=0)
    x = pl.tensor(numbers(2, 5, 2), requires_grad=True)
    mask = np.arange(5) < np.array([[5], [2]])
    output, (h, c) = layer(x, mask=mask)
    ((output * output).sum() + h.sum() + c.sum()).backward()
    assert x.grad is not None and x.grad[1, :2].all() and not x.grad[1, 2:].any()
    other = np.array(x.data)
    other[1, 2:] = 1e6
    np.testing.assert_array_equal(layer(other, mask=mask)[0].data, output.data)


def test_a_sequence_without_steps_keeps_its_state() -> None:
    layer, start = nn.GRU(2, 3, rng=0), numbers(1, 3, 3, seed=1)
    output, state = layer(numbers(3, 4, 2), start, lengths=[0, 4, 0])
    assert not output.data[[0, 2]].any()
    np.testing.assert_array_equal(state.data[:, [0, 2]], start[:, [0, 2]])
    assert (state.data[:, 1] != start[:, 1]).all()


@EACH
@pytest.mark.parametrize("options", [{}, {"bidirectional": True}])
def test_no_steps_and_no_samples(kind: str, options: Any) -> None:
    layer = KINDS[kind](2, 3, **options)
    wide = layer.output_size
    assert layer(numbers(2, 0, 2))[0].shape == (2, 0, wide)
    output, state = layer(numbers(0, 4, 2), lengths=np.zeros(0, int))
    assert output.shape == (0, 4, wide) and parts(state)[0].shape == (wide // 3, 0, 3)


def test_no_steps_with_a_plain_loop() -> None:
    output, (h, c) = nn.LSTM(2, 3, peepholes=True)(numbers(2, 0, 2))
    assert (output.shape, h.shape, c.shape) == ((2, 0, 3), (1, 2, 3), (1, 2, 3))


# --- gradients through time -----------------------------------------------------------------------


@EACH
def test_detached_states_truncate_the_gradient(kind: str) -> None:
    """The gradient of each chunk is that of a sequence which starts from constant numbers."""
    layer, x = KINDS[kind](3, 4, rng=0), numbers(2, 6, 3)
    state: Any = None
    starts: list[Any] = []
    for chunk in np.split(x, 3, axis=1):
        starts.append(nn.detach_state(state))
        output, state = layer(chunk, starts[-1])
        (output * output).sum().backward()
    truncated = [q.grad for q in layer.parameters()]
    expected: list[Any] = [0.0] * len(truncated)
    for start, chunk in zip(starts, np.split(x, 3, axis=1), strict=True):
        output, _ = layer(chunk, start)
        slopes = pl.gradients((output * output).sum(), layer.parameters())
        expected = [total + slope for total, slope in zip(expected, slopes, strict=True)]
    layer.zero_grad()
    output, _ = layer(x)
    (output * output).sum().backward()
    whole = [q.grad for q in layer.parameters()]
    for found, right, full in zip(truncated, expected, whole, strict=True):
        closely(found, right)
        assert np.abs(found - full).max() > 1e-3


def test_detached_states_hold_plain_numbers() -> None:
    _, state = nn.LSTM(3, 4)(numbers(2, 3, 3))
    for part in nn.detach_state(state):
        assert isinstance(part, np.ndarray)
    assert nn.detach_state(None) is None


def test_gradients_of_one_call_share_the_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    shared = p.lstm_sequence.vjps.rule  # type: ignore[union-attr]
    sweep = shared.sweep
    monkeypatch.setattr(shared, "sweep", lambda *a, **k: runs.append(1) or sweep(*a, **k))
    layer = nn.LSTM(3, 4)
    x = pl.tensor(numbers(2, 5, 3), requires_grad=True)
    for _ in range(2):
        output, (h, c) = layer(x)
        (output.sum() + h.sum() + c.sum()).backward()
    assert len(runs) == 2
    assert shared._last is None  # nothing is held on to afterwards
    del output, h, c
    assert not recurrent._GATES._kept


# --- dropout, initial weights, sizes --------------------------------------------------------------


def test_dropout_lies_between_layers_and_only_in_training() -> None:
    layer, x = nn.GRU(3, 16, num_layers=2, dropout=0.5, rng=0), numbers(2, 4, 3)
    assert (layer(x)[0].data != layer(x)[0].data).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].data, layer(x)[0].data)
    again = nn.GRU(3, 16, num_layers=2, dropout=0.5, rng=0)
    np.testing.assert_array_equal(
        again.train()(x)[0].data, nn.GRU(3, 16, num_layers=2, dropout=0.5, rng=0)(x)[0].data
    )
    output, _ = layer.train()(x)
    assert output.data.all()  # the last layer's values are not dropped
    with pytest.raises(DataError, match="acts between the layers"):
        nn.GRU(3, 4, dropout=0.5)


@EACH
def test_recurrent_weights_start_orthogonal_gate_by_gate(kind: str) -> None:
    layer = KINDS[kind](5, 6, rng=0)
    u = layer.layer0.recurrent_weight.data
    for block in np.split(u, u.shape[1] // 6, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(6), atol=1e-5)
    w = KINDS[kind](300, 200, rng=0).layer0.weight.data
    assert w.std() == pytest.approx((2 / (300 + 200)) ** 0.5, rel=0.02)


def test_the_forget_gate_starts_open() -> None:
    assert nn.LSTM(2, 3).layer0.bias.data.tolist() == [0] * 3 + [1] * 3 + [0] * 6
    assert not nn.LSTM(2, 3, forget_bias=0).layer0.bias.data.any()
    assert nn.LSTM(2, 3, bias=False).layer0.bias is None


@EACH
def test_the_input_size_is_taken_from_the_first_batch(kind: str) -> None:
    layer = KINDS[kind](None, 4, num_layers=2, bidirectional=True, rng=0)
    assert layer.input_size is None
    parameters = layer.parameters()
    assert layer(numbers(2, 3, 5))[0].shape == (2, 3, 8)
    assert layer.input_size == 5
    assert [q.shape for q in parameters] == [
        q.shape for q in KINDS[kind](5, 4, num_layers=2, bidirectional=True).parameters()
    ]


@EACH
def test_same_seed_same_weights(kind: str) -> None:
    one, two = (KINDS[kind](3, 4, num_layers=2, rng=3) for _ in range(2))
    for a, b in zip(one.parameters(), two.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_a_sequential_learns_to_count() -> None:
    """Whether ones are in the majority: the last state has to know."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, size=(128, 9, 1)).astype(np.float32)
    y = (x.sum(axis=(1, 2)) > 4).astype(int)
    net = nn.Sequential(nn.GRU(1, 8, rng=0), nn.LastStep(), nn.Linear(8, 2, rng=0))
    optimizer = pl.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(60):
        loss = pl.losses.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert (net(x).data.argmax(axis=1) == y).mean() > 0.95


def test_layers_show_what_they_are() -> None:
    layer = nn.LSTM(3, 4, num_layers=2, bidirectional=True, dropout=0.25)
    assert "3 → 8, 2 layers, bidirectional, dropout=0.25" in repr(layer)
    assert repr(nn.LSTMCell(3, 4, projection=2, peepholes=True, bias=False)).startswith(
        "LSTMCell(3 → 4, projection=2, peepholes, no bias)"
    )
    assert repr(nn.RNNCell(None, 4, activation="relu")).startswith("RNNCell(? → 4, relu)")
    assert repr(nn.GRUCell(2, 3, reset_after=False, dtype="float64")).startswith(
        "GRUCell(2 → 3, reset before the product, float64)"
    )


# --- messages -------------------------------------------------------------------------------------


def refused(kind: type[Exception], message: str, call: Any) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert message in str(caught.value)


def test_shapes_that_do_not_fit_are_named() -> None:
    layer = nn.GRU(3, 4, num_layers=2)
    refused(
        ShapeError,
        "expected sequences of shape (samples, steps, 3), got (2, 5, 7); "
        "make this layer GRU(7, 4), or the layer before it 3 wide",
        lambda: layer(numbers(2, 5, 7)),
    )
    refused(
        ShapeError,
        "expected sequences of shape (samples, steps, 3), got (5, 3); write x[None] for one "
        "sequence of 3 features, and put an Embedding before this layer if these are token numbers",
        lambda: layer(numbers(5, 3)),
    )
    refused(
        ShapeError,
        "expected a state h of shape (2, 5, 4), which is (2 layers, samples, units), got (1, 5, 4)",
        lambda: layer(numbers(5, 6, 3), numbers(1, 5, 4)),
    )
    refused(
        ShapeError,
        "expected a state h of shape (2, 5, 4), which is (1 layer · 2 directions, samples, units)",
        lambda: nn.GRU(3, 4, bidirectional=True)(numbers(5, 6, 3), numbers(1, 5, 4)),
    )
    refused(
        ShapeError,
        "expected inputs of shape (samples, 3), one step of each sequence, got (2, 5, 3)",
        lambda: nn.RNNCell(3, 4)(numbers(2, 5, 3)),
    )
    refused(
        ShapeError,
        "expected inputs with 3 features (last axis), got shape (2, 4)",
        lambda: nn.RNNCell(3, 4)(numbers(2, 4)),
    )
    refused(
        ShapeError,
        "expected a state h of shape (2, 4), got (1, 4)",
        lambda: nn.RNNCell(3, 4)(numbers(2, 3), numbers(1, 4)),
    )
    refused(ShapeError, "at least one step", lambda: nn.LastStep()(numbers(2, 0, 3)))
    refused(ShapeError, "one step of each sequence", lambda: layer.step(numbers(2, 1, 3)))
    refused(ShapeError, "cannot infer the input size", lambda: nn.RNN(None, 4)(numbers(2, 3, 0)))


def test_states_of_the_wrong_form_are_named() -> None:
    x, h = numbers(2, 5, 3), numbers(1, 2, 4)
    refused(
        DataError,
        "the state of LSTM is a pair (h, c), got one array of shape (1, 2, 4)",
        lambda: nn.LSTM(3, 4)(x, h),
    )
    refused(
        DataError, "the state of LSTM is a pair (h, c), got 3", lambda: nn.LSTM(3, 4)(x, (h,) * 3)
    )
    refused(
        DataError, "the state of GRU is one array h, got 2 of them", lambda: nn.GRU(3, 4)(x, (h, h))
    )
    refused(
        DTypeError,
        "float64",
        lambda: nn.GRU(3, 4)(x, pl.tensor(h.astype(np.float64))),
    )


def test_lengths_and_masks_that_do_not_fit_are_named() -> None:
    layer, x = nn.GRU(3, 4), numbers(2, 5, 3)
    refused(
        DataError,
        "sequence 1 cannot have length 6: these inputs have 5 steps, so that lengths are 0 to 5",
        lambda: layer(x, lengths=[5, 6]),
    )
    refused(
        ShapeError,
        "expected 2 lengths, one for each sequence, of shape (2,), got shape (3,)",
        lambda: layer(x, lengths=[5, 5, 5]),
    )
    refused(DTypeError, "lengths are whole numbers", lambda: layer(x, lengths=[5.0, 1.0]))
    refused(DataError, "give one of them", lambda: layer(x, lengths=[5, 5], mask=np.ones((2, 5))))
    refused(
        DataError,
        "the mask of sequence 1 has a gap at step 1; padding stands at the end",
        lambda: layer(x, mask=np.array([[1, 1, 1, 1, 1], [1, 0, 1, 0, 0]], bool)),
    )
    refused(DTypeError, "a mask holds booleans", lambda: layer(x, mask=np.ones((2, 5))))
    refused(
        ShapeError,
        "expected a mask of shape (2, 5), (sequences, steps), got (2, 4)",
        lambda: layer(x, mask=np.ones((2, 4), bool)),
    )


def test_sizes_and_options_that_make_no_sense_are_named() -> None:
    refused(
        DataError, "hidden_size of an LSTMCell is a whole number ≥ 1, got 0", lambda: nn.LSTM(3, 0)
    )
    refused(
        DataError, "num_layers of a GRU is a whole number ≥ 1", lambda: nn.GRU(3, 4, num_layers=0)
    )
    refused(
        DataError, "projection=4 is not below hidden_size=4", lambda: nn.LSTM(3, 4, projection=4)
    )
    bad: Any = "gelu"
    refused(UnknownNameError, "gelu", lambda: nn.RNN(3, 4, activation=bad))
    refused(
        DataError,
        "a bidirectional GRU reads sequences from their end too",
        lambda: nn.GRU(3, 4, bidirectional=True).step(numbers(2, 3)),
    )


@pytest.mark.parametrize(
    "layer", [nn.Linear(4, 2), nn.ReLU(), nn.LSTM(4, 2)], ids=["Linear", "ReLU", "LSTM"]
)
def test_a_layer_that_takes_no_pair_is_told_what_to_put_before_it(layer: nn.Module) -> None:
    refused(
        UnsupportedError,
        "put nn.LastStep() or nn.AllSteps() behind it",
        lambda: nn.Sequential(nn.GRU(3, 4), layer)(numbers(2, 5, 3)),
    )
