"""The Tensor as people meet it: making one, looking at it, its operators and methods."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf
from primitives.cases import positive, spaced

import pellucid as pl
from pellucid.errors import DTypeError, ShapeError, UnsupportedError
from pellucid.tensor import Parameter, Tensor


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        ([1.0, 2.0], np.float32),
        (1.5, np.float32),
        ([[1, 2], [3, 4]], np.int64),
        (3, np.int64),
        ([True, False], np.bool_),
        (np.array([1.0]), np.float64),
        (np.array([1.0], np.float16), np.float16),
        (np.array([1], np.int32), np.int32),
        ([], np.float32),
    ],
)
def test_types_of_new_tensors(data: Any, dtype: Any) -> None:
    x = pl.tensor(data)
    assert isinstance(x.data, np.ndarray)
    assert x.dtype == dtype
    assert x.shape == np.shape(data)
    np.testing.assert_array_equal(x.data, data)


def test_new_tensors_are_copies() -> None:
    array = np.ones(2)
    x = pl.tensor(array)
    array[0] = 5
    np.testing.assert_array_equal(x.data, [1, 1])
    kept = Tensor(array)
    assert kept.data is array
    again = pl.tensor(x)
    assert not np.shares_memory(again.data, x.data)


def test_dtype_and_name_can_be_given() -> None:
    x = pl.tensor([1, 2], dtype=np.float64, requires_grad=True, name="x")
    assert x.dtype == np.float64
    assert x.name == "x"
    assert x.requires_grad
    assert x.is_leaf
    assert pl.tensor([0.1], dtype=np.float64).data[0] == 0.1  # all its digits


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda: pl.tensor([[1.0], [1.0, 2.0]]), "rows of different lengths"),
        (lambda: pl.tensor(["a"]), "expected numbers"),
        (lambda: pl.tensor(None), "expected numbers"),
        (lambda: pl.tensor([1j]), "complex128"),
        (lambda: pl.tensor([1, 2], requires_grad=True), "int64"),
        (lambda: pl.tensor([True], requires_grad=True), "bool"),
        (lambda: Parameter(np.arange(3)), "int64"),
        (lambda: Tensor(pl.tensor([1.0])), "Tensor already"),
        (lambda: pl.tensor([1.0]).astype(int), "floating-point"),
    ],
)
def test_what_cannot_be_a_tensor(write: Any, says: str) -> None:
    with pytest.raises(DTypeError, match=says):
        write()


def test_parameter() -> None:
    w = Parameter([1.0, 2.0], name="w")
    assert w.requires_grad
    assert w.is_leaf
    assert w.dtype == np.float32
    assert w.name == "w"
    assert type(w * 2) is Tensor
    assert "Parameter" in repr(w)


def test_tensors_are_small() -> None:
    x = pl.tensor([1.0])
    with pytest.raises(AttributeError):
        x.something = 1  # type: ignore[attr-defined]


def test_hash_and_identity() -> None:
    x, y = pl.tensor([1.0]), pl.tensor([1.0])
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1


def test_copies() -> None:
    x = leaf(np.array([1.0, 2.0]))
    other = copy.deepcopy(x)
    assert not np.shares_memory(other.data, x.data)
    assert other.requires_grad
    recorded = x.copy()
    assert recorded.requires_grad
    assert not np.shares_memory(recorded.data, x.data)
    assert pl.tensor([1, 2]).copy().dtype == np.int64


# --- looking at it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: pl.tensor([1.0, 2.0]), "Tensor([1., 2.])"),
        (lambda: pl.tensor(1.5), "Tensor(1.5)"),
        (lambda: pl.tensor([1, 2]), "Tensor([1, 2])"),
        (lambda: pl.tensor(np.ones(1)), "Tensor([1.], dtype=float64)"),
        (lambda: pl.tensor([1.0], requires_grad=True), "Tensor([1.], requires_grad=True)"),
        (lambda: pl.tensor([1.0], requires_grad=True) * 2, "Tensor([2.], made by multiply)"),
        (lambda: Parameter([1.0]), "Parameter([1.])"),
    ],
)
def test_repr(make: Any, expected: str) -> None:
    assert repr(make()) == expected


def test_shape_and_size() -> None:
    x = pl.tensor(np.zeros((2, 3)))
    assert (x.shape, x.ndim, x.size, len(x)) == ((2, 3), 2, 6, 2)
    assert [row.shape for row in x] == [(3,), (3,)]
    first, second = x
    assert first.shape == second.shape == (3,)


def test_a_single_entry_is_a_python_number() -> None:
    x = leaf(np.array([[2.5]]))
    assert x.item() == 2.5
    assert type(x.item()) is float
    assert float(x) == 2.5
    assert int(x) == 2
    assert bool(x)
    assert not bool(pl.tensor(0.0))
    assert f"{x:.3f}" == "2.500"
    assert f"{pl.tensor(1.0)}" == "Tensor(1.)"
    assert [10, 20, 30][pl.tensor(1)] == 20


@pytest.mark.parametrize("convert", [float, int, bool, lambda x: x.item(), lambda x: f"{x:.3f}"])
def test_a_vector_is_not_a_python_number(convert: Any) -> None:
    with pytest.raises(ShapeError, match=r"shape \(3,\)"):
        convert(leaf(np.ones(3)))


def test_a_number_has_no_length() -> None:
    for write in (len, list, iter):
        with pytest.raises(ShapeError, match="no length"):
            write(pl.tensor(1.0))  # type: ignore[operator]


def test_numpy_shares_memory() -> None:
    x = leaf(np.ones(2))
    assert x.numpy() is x.data


# --- operators ------------------------------------------------------------------------------------

OPERATORS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "truediv": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_on_both_sides(name: str) -> None:
    function = OPERATORS[name]
    x, y = positive(2, 3), positive(3, seed=1)
    expected = function(x, y)
    for left, right in ((leaf(x), leaf(y)), (leaf(x), y), (x, leaf(y))):
        result = function(left, right)
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result.data, expected, rtol=1e-15)
    np.testing.assert_allclose(function(2, leaf(y)).data, function(2, y), rtol=1e-15)
    np.testing.assert_allclose(function(leaf(x), 2).data, function(x, 2), rtol=1e-15)
    check_gradients(function, [x, y])


def test_matrix_product_on_both_sides() -> None:
    x, y = spaced(2, 3), spaced(3, 2, seed=1)
    for left, right in ((leaf(x), leaf(y)), (leaf(x), y), (x, leaf(y))):
        np.testing.assert_allclose((left @ right).data, x @ y, rtol=1e-15)
    for product in (leaf(x) @ y.tolist(), x.tolist() @ leaf(y)):
        np.testing.assert_allclose(product.data, x @ y, rtol=1e-15)
    check_gradients(lambda a, b: a @ b, [x, y])


def test_signs() -> None:
    x = leaf(np.array([-1.0, 2.0]))
    np.testing.assert_array_equal((-x).data, [1, -2])
    np.testing.assert_array_equal((+x).data, [-1, 2])
    np.testing.assert_array_equal(abs(x).data, [1, 2])


def test_comparisons() -> None:
    x = leaf(np.array([1.0, 2.0, 3.0]))
    y = np.array([2.0, 2.0, 2.0])
    for result, expected in (
        (x == y, [False, True, False]),
        (x != y, [True, False, True]),
        (x < y, [True, False, False]),
        (x <= leaf(y), [True, True, False]),
        (x > 2, [False, False, True]),
        (2 <= x, [False, True, True]),  # noqa: SIM300
    ):
        assert type(result) is np.ndarray
        np.testing.assert_array_equal(result, expected)


def test_comparison_with_a_foreign_object() -> None:
    assert pl.tensor(2.0) == pytest.approx(2.0)
    assert leaf(np.array(2.0)).item() == pytest.approx(2.0)
    assert not np.any(leaf(np.ones(2)) == None)  # noqa: E711


@pytest.mark.parametrize("other", [None, "a", object(), {}])
def test_arithmetic_with_what_is_no_number(other: Any) -> None:
    with pytest.raises(TypeError):
        leaf(np.ones(2)) + other


# --- writing --------------------------------------------------------------------------------------


def test_entries_cannot_be_written() -> None:
    for x in (leaf(np.ones(3)), leaf(np.ones(3)) * 2, pl.tensor([1.0])):
        with pytest.raises(UnsupportedError, match=r"pl\.where.*x\.data"):
            x[0] = 1


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/"])
def test_updates_in_place(symbol: str) -> None:
    function = {
        "+": Tensor.__iadd__,
        "-": Tensor.__isub__,
        "*": Tensor.__imul__,
        "/": Tensor.__itruediv__,
    }[symbol]
    x = leaf(np.array([4.0, 8.0]))
    with pytest.raises(UnsupportedError, match=r"x = x .* y in a forward pass"):
        function(x, 2.0)
    np.testing.assert_array_equal(x.data, [4, 8])
    memory = x.data
    with pl.no_grad():
        assert function(x, 2.0) is x
        function(x, pl.tensor([1.0, 1.0]))
    assert x.data is memory
    expected = {"+": [7, 11], "-": [1, 5], "*": [8, 16], "/": [2, 4]}[symbol]
    np.testing.assert_array_equal(x.data, expected)


def test_a_running_total_does_not_lose_the_gradient() -> None:
    x = leaf(np.array(3.0))
    total = pl.tensor(np.array(0.0))
    with pytest.raises(UnsupportedError, match="writes into a recorded value"):
        total += x * x
    total = pl.tensor(np.array(0.0))
    for _ in range(2):
        total = total + x * x
    total.backward()
    assert x.grad == 12
    history = pl.tensor(0.0)
    history += 1.5  # plain numbers may be added up
    history += (x * x).detach()
    assert history.item() == 10.5


def test_a_loop_of_gradient_descent() -> None:
    w = Parameter(np.array([5.0, -3.0]))
    for _ in range(100):
        loss = ((w - np.array([1.0, 2.0])) ** 2).sum()
        loss.backward()
        with pl.no_grad():
            w -= 0.1 * w.grad
        w.zero_grad()
    np.testing.assert_allclose(w.data, [1, 2], atol=1e-8)


# --- methods --------------------------------------------------------------------------------------

METHODS: dict[str, Any] = {
    "sum": lambda x: x.sum(1, keepdims=True),
    "mean": lambda x: x.mean((0, 1)),
    "var": lambda x: x.var(0, ddof=1),
    "std": lambda x: x.std(axis=0),
    "max": lambda x: x.max(axis=1),
    "min": lambda x: x.min(0),
    "prod": lambda x: x.prod(axis=1),
    "cumsum": lambda x: x.cumsum(0),
    "argmax": lambda x: x.argmax(axis=1),
    "argmin": lambda x: x.argmin(),
    "dot": lambda x: x.dot(np.ones((3, 2))),
    "clip": lambda x: x.clip(-0.4, 0.4),
    "reshape": lambda x: x.reshape(3, 2),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "transpose": lambda x: x.transpose(1, 0),
    "T": lambda x: x.T,
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "squeeze": lambda x: x[:, :1].squeeze(1),
    "astype": lambda x: x.astype(np.float32),
    "copy": lambda x: x.copy(),
    "take": lambda x: x.take([2, 0], axis=1),
    "repeat": lambda x: x.repeat(2, axis=0),
    "trace": lambda x: x.trace(1),
    "diagonal": lambda x: x.diagonal(),
    "cumprod": lambda x: x.cumprod(1),
    "compress": lambda x: x.compress([True, False, True], axis=1),
    "round": lambda x: x.round(1),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "real": lambda x: x.real,
    "mT": lambda x: x.mT,
    "any": lambda x: x.any(axis=0),
    "all": lambda x: x.all(),
    "nonzero": lambda x: x.nonzero()[0],
    "argsort": lambda x: x.argsort(axis=0),
    "argpartition": lambda x: x.argpartition(1),
    "searchsorted": lambda x: x[0].searchsorted(0.1),
    "tolist": lambda x: np.array(x.tolist()),
}
NOT_ARRAYS = {
    "backward", "data", "detach", "dtype", "grad", "is_leaf", "item", "name", "ndim", "numpy",
    "producer", "record", "requires_grad", "shape", "size", "zero_grad",
    "flags", "itemsize", "nbytes", "strides", "fill", "partition", "put", "resize", "sort",
}  # fmt: skip


def test_every_method_has_a_case() -> None:
    public = {name for name in dir(Tensor) if not name.startswith("_")}
    assert public == set(METHODS) | NOT_ARRAYS


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_those_of_arrays(name: str) -> None:
    array = spaced(2, 3)
    found, expected = METHODS[name](leaf(array)), METHODS[name](array)
    if name.startswith("arg") or name in ("all", "any", "nonzero", "searchsorted", "tolist"):
        assert not isinstance(found, Tensor)
    else:
        assert isinstance(found, Tensor)
        assert found.dtype == expected.dtype
        if name != "astype":
            check_gradients(METHODS[name], [array])
        found = found.data
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "write", [lambda x: x.reshape(3, 2), lambda x: x.reshape((3, 2)), lambda x: x.reshape([3, 2])]
)
def test_ways_to_write_a_shape(write: Any) -> None:
    assert write(leaf(np.ones((2, 3)))).shape == (3, 2)


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.transpose(),
        lambda x: x.transpose(1, 0),
        lambda x: x.transpose((1, 0)),
        np.transpose,
    ],
)
def test_ways_to_transpose(write: Any) -> None:
    assert write(leaf(np.ones((2, 3)))).shape == (3, 2)


def test_gradients_come_back_in_the_type_of_the_leaf() -> None:
    x = leaf(np.ones(2, np.float32))
    y = x.astype(np.float64)
    assert y.dtype == np.float64
    (y * np.array([1.0, 2.0])).sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad, [1, 2])


def test_an_index_beyond_the_end() -> None:
    with pytest.raises(IndexError, match="out of bounds"):
        leaf(np.ones(3))[5]
    with pytest.raises(IndexError, match="too many indices"):
        leaf(np.ones(3))[0, 0]
