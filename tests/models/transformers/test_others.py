"""The other transformers: padding, pooling, causality, decoding, and what they learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import losses, models, optim
from pellucid.errors import DataError, ShapeError

POSITIONS = ("learned", "sinusoidal", "rotary", "alibi")
SMALL: dict[str, Any] = {"width": 16, "layers": 1, "heads": 2, "dropout": 0.0, "rng": 0}


def learn(net: Any, inputs: tuple[Any, ...], loss_of: Any, steps: int, lr: float = 5e-3) -> float:
    """Train on one batch, and return the last loss."""
    optimizer = optim.Adam(net.parameters(), lr=lr)
    for _ in range(steps):
        loss = loss_of(net(*inputs))
        net.zero_grad()
        loss.backward()
        optimizer.step()
    return float(loss.item())


# --- classes --------------------------------------------------------------------------------------

TEXTS = np.array([[5, 3, 7, 0, 0], [2, 2, 9, 4, 1], [8, 0, 0, 0, 0]])


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("positions", POSITIONS)
def test_padding_changes_no_class(positions: str, pooling: str) -> None:
    options = {**SMALL, "length": 9, "positions": positions, "pooling": pooling}
    net = models.TransformerClassifier(10, 3, **options)
    logits = net(TEXTS).data
    assert logits.shape == (3, 3)
    longer = np.pad(TEXTS, ((0, 0), (0, 4)))
    np.testing.assert_allclose(net(longer).data, logits, atol=1e-5)
    np.testing.assert_allclose(net(TEXTS[:1, :3]).data, logits[:1], atol=1e-5)
    changed = TEXTS.copy()
    changed[0, 2] = 6
    assert (net(changed).data[0] != logits[0]).any()


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_text_of_padding_alone_is_finite(pooling: str) -> None:
    net = models.TransformerClassifier(10, 3, pooling=pooling, **SMALL)
    y = net(np.zeros((2, 4), int))
    assert np.isfinite(y.data).all()
    (y**2).sum().backward()
    gradients = [q.grad for q in net.parameters() if q.grad is not None]
    assert all(np.isfinite(g).all() for g in gradients)


def test_order_matters_to_the_classifier() -> None:
    net = models.TransformerClassifier(10, 2, **SMALL)
    rng = np.random.default_rng(0)
    texts = rng.integers(3, 10, (64, 6))
    texts[:, 1:3] = np.where(rng.random((64, 1)) < 0.5, [[1, 2]], [[2, 1]])
    classes = (texts[:, 1] == 1).astype(int)  # the same tokens, in two orders
    last = learn(net, (texts,), lambda y: losses.cross_entropy(y, classes), 60)
    assert last < 0.1


def test_made_by_name() -> None:
    build = models.find_model("transformer-classifier").build
    net = build((5,), 3, {"vocabulary": 10, "width": 16, "heads": 2, "positions": "learned"})
    assert net(TEXTS).shape == (3, 3)
    with pytest.raises(DataError) as caught:
        build((5,), 3)
    assert str(caught.value) == (
        "the model 'transformer-classifier' needs vocabulary=, the number of tokens there are"
    )


# --- series ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("positions", POSITIONS)
def test_the_forecaster_learns_a_wave(positions: str) -> None:
    time = np.arange(60)[:, None] + np.arange(14)
    wave = np.sin(time * 0.7).astype(np.float32)
    x, y = wave[:, :12, None], wave[:, 12:]
    net = models.TransformerForecaster(12, 1, 2, positions=positions, **SMALL)
    assert learn(net, (x,), lambda found: losses.mean_squared_error(found, y), 80) < 0.02


def test_the_forecaster_by_name() -> None:
    build = models.find_model("transformer-forecaster").build
    net = build((8, 2), 3, {"width": 8, "heads": 2})
    assert net(np.zeros((4, 8, 2))).shape == (4, 3)
    with pytest.raises(ShapeError) as caught:
        net(np.zeros((4, 7, 2)))
    assert str(caught.value) == "expected windows of shape (samples, 8, 2), got (4, 7, 2)"
    with pytest.raises(DataError) as wrong:
        build((8,), 3)
    assert str(wrong.value) == (
        "the model 'transformer-forecaster' takes series of shape (length, features), "
        "got samples of shape (8,)"
    )


# --- from sequence to sequence --------------------------------------------------------------------

SOURCE = np.array([[5, 7, 9, 3], [4, 3, 0, 0]])
TARGET = np.array([[4, 5, 6, 2], [6, 2, 0, 0]])


def transformer(**options: Any) -> models.Transformer:
    return models.Transformer(12, 9, **{**SMALL, **options})


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_later_token_never_changes_earlier_logits(norm_first: bool) -> None:
    net = transformer(norm_first=norm_first, layers=2)
    before = net(SOURCE, TARGET).data
    assert before.shape == (2, 4, 9)
    changed = TARGET.copy()
    changed[:, 2] = 8  # known from the fourth step on
    after = net(SOURCE, changed).data
    np.testing.assert_array_equal(after[:, :3], before[:, :3])
    assert (after[:, 3] != before[:, 3]).any()


def test_padding_of_the_source_changes_nothing() -> None:
    net = transformer()
    logits = net(SOURCE, TARGET).data
    longer = np.pad(SOURCE, ((0, 0), (0, 3)))
    np.testing.assert_allclose(net(longer, TARGET).data, logits, atol=1e-5)
    np.testing.assert_allclose(net(SOURCE[1:, :2], TARGET[1:]).data, logits[1:], atol=1e-5)


@pytest.mark.parametrize("norm_first", [False, True])
def test_decoding_step_by_step_is_decoding_at_once(norm_first: bool) -> None:
    net = transformer(norm_first=norm_first, layers=2)
    found = net.decode(SOURCE, 5)
    ended = np.cumsum(found == net.end, axis=1) - (found == net.end) > 0
    assert not found[ended].any()
    # The logits of all steps from the tokens that were chosen lead to the same choices.
    best = net.eval()(SOURCE, found).data.argmax(axis=-1)
    np.testing.assert_array_equal(np.where(ended, 0, best), found)


def test_it_learns_to_turn_a_sequence_round() -> None:
    rng = np.random.default_rng(0)
    source = rng.integers(3, 9, (48, 4))
    target = np.concatenate([source[:, ::-1], np.full((48, 1), 2)], axis=1)
    net = models.Transformer(9, 9, width=32, layers=1, heads=4, dropout=0.0, rng=0)
    last = learn(
        net,
        (source, target),
        lambda y: losses.cross_entropy(y.reshape(-1, 9), target.reshape(-1)),
        120,
    )
    assert last < 0.1
    np.testing.assert_array_equal(net.decode(source[:5], 9), target[:5])


def test_without_a_target_it_goes_on_from_its_own_choices() -> None:
    net = transformer(max_length=3)
    logits = net(SOURCE)
    assert logits.shape[0] == 2
    assert logits.shape[1] <= 3
    assert logits.requires_grad
    found = net.decode(SOURCE)
    best = logits.data.argmax(axis=-1)
    np.testing.assert_array_equal(np.where(found == 0, 0, best), found)


def test_decoding_leaves_the_mode_as_it_was() -> None:
    net = transformer(dropout=0.5)
    net.decode(SOURCE, 2)
    assert net.training
    net.eval().decode(SOURCE, 2)
    assert not net.training


def test_messages() -> None:
    with pytest.raises(DataError) as small:
        models.Transformer(12, 3)
    assert str(small.value) == (
        "the target's tokens are padding (0), start (1), end (2) and at least one more, "
        "got target_vocabulary=3"
    )
    net = transformer()
    with pytest.raises(ShapeError) as caught:
        net(SOURCE, TARGET[:1])
    assert str(caught.value) == (
        "expected targets of shape (2, length), one for each source, got (1, 4)"
    )
    with pytest.raises(DataError) as none:
        net.decode(SOURCE, 0)
    assert str(none.value) == "max_length is at least 1, got 0"
