"""The embedding: padding, longest norm, tied weights, and what it says when something is wrong."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn, optim
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.kernels import reference
from pellucid.nn import init


def test_vectors_are_rows() -> None:
    layer = nn.Embedding(4, 2, weight_init=lambda shape, rng, dtype: np.arange(8.0).reshape(shape))
    np.testing.assert_array_equal(layer([[3, 0]]).data, [[[6, 7], [0, 1]]])
    np.testing.assert_array_equal(layer(2).data, [4, 5])
    np.testing.assert_array_equal(layer(pl.tensor(np.array([1]))).data, [[2, 3]])
    assert layer([]).shape == (0, 2)


def test_default_weights_are_standard_normal() -> None:
    weight = nn.Embedding(200, 50, rng=0).weight.data
    assert weight.dtype == np.float32
    assert abs(weight.mean()) < 0.02
    assert abs(weight.std() - 1) < 0.02
    same = nn.Embedding(200, 50, rng=0).weight.data
    np.testing.assert_array_equal(weight, same)


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam])
def test_padding_stays_zero_in_training(make: type) -> None:
    layer = nn.Embedding(4, 3, padding_index=0, rng=0)
    assert not layer.weight.data[0].any()
    optimizer = make(layer.parameters(), lr=0.5)
    ((layer([[0, 1], [2, 0]]) - 1.0) ** 2).sum().backward()
    assert layer.weight.grad is not None
    assert not layer.weight.grad[0].any()
    before = layer.weight.data.copy()
    optimizer.step()
    assert not layer.weight.data[0].any()
    assert (layer.weight.data[1:3] != before[1:3]).all()
    np.testing.assert_array_equal(layer.weight.data[3], before[3])


def test_padding_is_zero_whatever_was_loaded() -> None:
    layer = nn.Embedding(3, 2, padding_index=1)
    layer.load_state_dict({"weight": np.ones((3, 2), np.float32)})
    np.testing.assert_array_equal(layer([1, 2]).data, [[0, 0], [1, 1]])


def test_long_rows_are_shortened_when_they_are_used() -> None:
    rows = np.array([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0], [0.0, 0.0]])
    layer = nn.Embedding(4, 2, max_norm=2, weight_init=lambda *_: rows.copy())
    out = layer([[0, 1, 3]]).data
    np.testing.assert_allclose(out, [[[1.2, 1.6], [0.3, 0.4], [0, 0]]], rtol=1e-6)
    # Row 2 was not looked up.
    np.testing.assert_allclose(layer.weight.data, [*out[0, :2], [6, 8], [0, 0]], rtol=1e-6)


@pytest.mark.parity
def test_long_rows_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    table = np.random.default_rng(0).normal(size=(6, 3))
    ids = np.array([[0, 2, 2], [5, 0, 1]])
    theirs = torch.tensor(table.copy())
    expected = torch.nn.functional.embedding(torch.tensor(ids), theirs, max_norm=1.1)
    layer = nn.Embedding(6, 3, max_norm=1.1, weight_init=lambda *_: table.copy(), dtype="float64")
    # PyTorch divides by the norm + 1e-7.
    np.testing.assert_allclose(layer(ids).data, expected.numpy(), rtol=2e-7)
    np.testing.assert_allclose(layer.weight.data, theirs.numpy(), rtol=2e-7)


# --- tied weights ---------------------------------------------------------------------------------


class Tied(nn.Module):
    """The smallest language model: the next token from this one."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(5, 3, rng=0, dtype="float64")

    def forward(self, ids: object) -> object:
        return self.tokens.unembed(self.tokens(ids))


def test_tied_weights_are_one_parameter() -> None:
    net = Tied()
    assert list(net.state_dict()) == ["tokens.weight"]
    assert net.num_parameters() == 15
    assert len(net.parameters()) == 1
    other = Tied()
    other.tokens.weight.data += 1
    other.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(other([[1, 4]]).data, net([[1, 4]]).data)


def test_tied_gradient_is_the_sum_of_both_uses() -> None:
    net = Tied()
    ids = np.array([[1, 4, 1]])
    table = net.tokens.weight.data
    logits = net(ids)
    np.testing.assert_allclose(logits.data, table[ids] @ table.T)
    weights = np.random.default_rng(1).normal(size=logits.shape)
    (logits * weights).sum().backward()
    expected = np.einsum("ntv,ntd->vd", weights, table[ids])  # as the output projection
    np.add.at(expected, ids, weights @ table)  # as the embedding
    np.testing.assert_allclose(net.tokens.weight.grad, expected, rtol=1e-12)


def test_a_tied_step_moves_the_matrix_once() -> None:
    net = Tied()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    before = net.tokens.weight.data.copy()
    (net([[1, 4, 1]]) ** 2).sum().backward()
    gradient = net.tokens.weight.grad.copy()
    optimizer.step()
    np.testing.assert_allclose(net.tokens.weight.data, before - 0.1 * gradient, rtol=1e-12)


# --- the kernel -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1,), (7,), (4, 9), (0,), (3, 0, 2), ()])
@pytest.mark.parametrize("width", [(), (1,), (5,), (2, 3), (0,)])
def test_adding_rows_is_numpys_add_at(shape: tuple[int, ...], width: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 6, shape)
    values = rng.normal(size=(*shape, *width)).astype(np.float32)
    expected = np.zeros((6, *width), np.float32)
    np.add.at(expected, rows, values)
    found = reference.add_rows(values, rows=np.asarray(rows), count=6)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


# --- messages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "kind", "message"),
    [
        (
            [[1, 2], [0, 7]],
            DataError,
            "id 7 at (1, 1) is out of range: this embedding has 5 rows, for the ids 0 to 4",
        ),
        (-1, DataError, "id -1 is out of range: this embedding has 5 rows, for the ids 0 to 4"),
        (
            [0.0, 1.0],
            DTypeError,
            "an embedding takes whole numbers (ids), got float32; convert them first, for example "
            "with ids.astype(np.int64)",
        ),
        (
            [True],
            DTypeError,
            "an embedding takes whole numbers (ids), got bool; convert them first, for example "
            "with ids.astype(np.int64)",
        ),
    ],
)
def test_messages_about_ids(ids: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        nn.Embedding(5, 2)(ids)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_embeddings": 0}, "num_embeddings of an Embedding is a whole number ≥ 1, got 0"),
        ({"embedding_dim": 2.5}, "embedding_dim of an Embedding is a whole number ≥ 1, got 2.5"),
        ({"padding_index": 5}, "padding_index=5 is not one of the 5 ids"),
        ({"max_norm": 0}, "max_norm of an Embedding is a length > 0, got 0"),
    ],
)
def test_messages_about_options(options: dict[str, object], message: str) -> None:
    given = {"num_embeddings": 5, "embedding_dim": 2, **options}
    with pytest.raises(DataError) as caught:
        nn.Embedding(**given)
    assert str(caught.value) == message


def test_unembed_says_what_does_not_fit() -> None:
    layer = nn.Embedding(5, 2)
    with pytest.raises(ShapeError) as caught:
        layer.unembed(np.ones((3, 4)))
    assert str(caught.value) == "expected vectors of shape (samples, 2), got (3, 4)"


def test_repr() -> None:
    assert repr(nn.Embedding(5, 2)).startswith("Embedding(5 ids → 2)")
    layer = nn.Embedding(
        5, 2, padding_index=-1, max_norm=1, weight_init=init.Zeros(), dtype="float64"
    )
    assert repr(layer).startswith("Embedding(5 ids → 2, padding_index=4, max_norm=1, float64)")
