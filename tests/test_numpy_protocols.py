"""NumPy's own functions on Tensors: values as NumPy's, gradients as finite differences say.

The expressions are strings, as they stand in tutorials: evaluated once on plain arrays, which is
the reference, and once on Tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import TOLERANCE, leaf, slope
from numpy_names import expressions
from numpy_names.expressions import names_in as names_of
from primitives.cases import positive, spaced

import pellucid as pl
from pellucid import numpy_protocols
from pellucid.errors import PellucidError, ShapeError, UnsupportedError
from pellucid.tensor import Tensor

LEAVES = {
    "x": spaced(4, 3),
    "y": spaced(4, 3, seed=3),
    "W": spaced(3, 2, seed=1),
    "b": spaced(2, seed=2),
    "v": spaced(3, seed=3),
    "p": positive(4, 3, seed=4),
    "z": spaced(seed=1),
    "t": spaced(2, 3, 2, seed=2),
    "u": spaced(4, 3) * 0.4,
    "s": spaced(3, 3, seed=4),
}
CONSTANTS = {
    "labels": np.array([0, 2, 1, 1]),
    "targets": np.eye(3)[[0, 2, 1, 1]],
    "c": np.array([0.5, -1.5, 2.5]),
    "mask": np.array([True, False, True]),
    "order": np.array([[2, 0, 1]] * 4),
}

DIFFERENTIABLE = """
1 / (1 + np.exp(-x))
1.0 / (1.0 + np.exp(-(np.dot(x, W) + b)))
np.dot(x, W) + b
x @ W + b
np.matmul(x, W)
np.matmul(x, v)
v @ W
x @ np.ones((3, 2))
np.ones((2, 4)) @ x
c @ W
c * v + 1
c - v
2 ** z
c / p
c ** 2 * v
x * 2 - x / 4 + 3 - x
np.tanh(x @ W)
(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
np.maximum(0, x @ W)
np.maximum(x, 0) * y
np.maximum(x, y)
np.minimum(x, y)
np.minimum(x, 0.3)
np.maximum(0.01 * x, x)
np.where(x > 0, x, 0.01 * x)
np.where(x > 0, x, np.exp(x) - 1)
np.where(mask, v, 0.0)
np.abs(x)
np.absolute(x)
np.fabs(x)
abs(x)
-x
+x
np.negative(x)
np.positive(x)
np.add(x, v)
np.subtract(v, x)
np.multiply(x, c)
np.divide(x, p)
np.true_divide(c, p)
np.power(p, 3)
np.power(p, y)
np.float_power(p, 1.5)
p ** y
x ** 2
x ** 3
np.square(x)
np.sqrt(p)
np.reciprocal(p)
np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)
np.exp(x - np.max(x, axis=1, keepdims=True))
-np.mean(np.sum(targets * np.log(np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)), axis=1))
-np.mean(np.log(p)[np.arange(4), labels])
-np.sum(targets * np.log(p)) / x.shape[0]
np.sum(-(targets * np.log(1 / (1 + np.exp(-x)))) - (1 - targets) * np.log(1 - 1 / (1 + np.exp(-x))))
np.mean((x - targets) ** 2)
0.5 * np.sum((x @ W - b) ** 2)
np.mean(np.abs(x - y))
np.log(1 + np.exp(x))
np.log1p(np.exp(x))
np.logaddexp(0, x)
np.logaddexp(x, y)
np.expm1(x)
np.exp2(x)
np.log2(p)
np.log10(p)
np.sin(x) * np.cos(y)
np.tan(u)
np.sinh(x)
np.cosh(x)
np.arctanh(u)
np.sum(x)
np.sum(x, axis=0)
np.sum(x, 1)
np.sum(x, axis=-1, keepdims=True)
np.add.reduce(x)
np.add.reduce(x, axis=1)
np.multiply.reduce(p, axis=None)
np.maximum.reduce(x, axis=1)
np.minimum.reduce(x, axis=(0, 1))
np.prod(x)
np.prod(p, axis=0)
np.max(x, axis=1)
np.amax(x)
np.min(x, axis=0, keepdims=True)
np.amin(x, axis=-1)
np.mean(x, axis=0)
np.average(x, axis=1, weights=c)
np.average(x)
np.var(x, axis=0)
np.var(x, ddof=1)
np.std(x, axis=0, keepdims=True)
(x - np.mean(x, axis=0)) / (np.std(x, axis=0) + 1e-8)
(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
np.cumsum(x)
np.cumsum(x, axis=1)
np.sort(x)
np.sort(x, axis=None)
np.sort(x, axis=0)[-1]
np.linalg.norm(x)
np.linalg.norm(x, axis=1)
np.linalg.norm(v, 1)
np.linalg.norm(v, ord=np.inf)
x / np.linalg.norm(x, axis=1, keepdims=True)
np.linalg.norm(W, 'fro')
np.dot(v, c)
np.dot(c, v)
np.dot(v, 2)
np.vdot(v, v)
np.inner(x, v)
np.outer(v, b)
np.tensordot(x, y)
np.tensordot(x, W, axes=1)
np.tensordot(t, x, axes=([1], [1]))
np.einsum('ij,jk->ik', x, W)
np.einsum('ij,ij->i', x, y)
np.einsum('ij,jk', x, W, optimize=True)
np.trace(s)
np.trace(t)
np.reshape(x, (3, 4))
np.reshape(x, -1)
x.reshape(-1, 2)
x.reshape([6, 2])
np.ravel(x)
x.flatten()
x.ravel()
np.transpose(x)
np.transpose(t, (2, 0, 1))
np.transpose(t, axes=(1, 0, 2))
x.T @ y
t.transpose(1, 0, 2)
np.swapaxes(t, 0, 2)
t.swapaxes(0, -1)
np.moveaxis(t, 0, -1)
np.squeeze(x[:, :1])
np.squeeze(x[None], axis=0)
np.expand_dims(x, 1)
x[:, None, :] - y[None, :, :]
x[:, np.newaxis] * c
np.atleast_1d(z)
np.atleast_2d(v)
np.broadcast_to(v, (4, 3))
np.concatenate([x, y])
np.concatenate((x, y), axis=1)
np.concatenate([x, y], axis=None)
np.concatenate([x, np.ones((4, 1))], axis=1)
np.stack([x, y], axis=1)
np.vstack([x, v])
np.vstack((v, v))
np.hstack([x, y])
np.hstack([v, b])
np.column_stack([v, c])
np.append(x, y)
np.append(x, y, axis=0)
np.split(x, 2)[1]
np.split(x, [1], axis=1)[0]
np.pad(x, 1)
np.pad(x, ((0, 0), (1, 0)))
np.pad(x, ((0, 0), (1, 0)), mode='constant', constant_values=1)
np.pad(v, 2, mode='edge')
np.repeat(v, 2)
np.repeat(x, 2, axis=0)
np.tile(v, (4, 1))
np.roll(v, 1)
np.roll(x, 1, axis=0)
np.flip(v)
np.flip(x, axis=1)
np.take(x, [0, 2], axis=1)
np.take(x, 5)
np.take_along_axis(x, order, axis=1)
np.copy(x) + x
x.copy() * 2
np.clip(x, -0.4, 0.4)
np.clip(p, 1e-12, 1 - 1e-12)
np.clip(x, min=-0.4, max=0.4)
x.clip(-0.4, 0.4)
np.heaviside(x, 0.5) * y
x[1:] - x[:-1]
x[::-1, 0]
x[labels > 0]
x[[0, 2]]
x[-1] @ W
x[np.arange(4), labels]
x[x > 0]
np.sum(x * (y > 0), axis=0)
np.mean(np.maximum(0, 1 - y * (x @ np.ones((3, 1)))))
np.sum(x.T.dot(y))
x.dot(W).sum()
np.float64(2.0) * x
np.array(3.0) * x
[1, 2, 3] * x
x + [0.5, 1.5, 2.5]
(1, 2, 3) - v
np.sign(x) * y
np.rint(x) + x
np.floor(x) * x
np.ceil(x) - x
x.sum(axis=1).mean()
x.std(0).max()
x.prod(axis=1).min()
x.cumsum(axis=0)
sum(x[i] for i in range(4))
sum(row.sum() for row in x)
np.tanh(v @ W + np.tanh(v @ W + b) @ np.ones((2, 2)))
np.unique(x)
np.full_like(x, z)
np.linspace(z, 3.0, 5)
np.linspace(v, z, 4, endpoint=False)
np.divmod(x, 0.7)[1]
np.modf(x * 3)[0]
np.logaddexp.reduce(x, axis=1)
np.add.accumulate(x, axis=1)
np.multiply.accumulate(p)
np.subtract.outer(v, b)
x % 0.7
2.0 % p
x // 0.7 + x
divmod(x, p)[1]
np.fmod(x, 0.7)
np.sum(x, where=mask)
np.sum(x, 0, np.float64)
np.sum(x, axis=1, initial=z)
np.prod(x, axis=0, where=x > 0, initial=2.0)
np.max(x, axis=1, initial=0.1)
np.min(x, axis=0, where=x > -0.4, initial=0.3)
np.mean(x, axis=1, where=mask)
np.mean(x, axis=(0, -1), keepdims=True, where=mask)
np.var(x, axis=0, where=x > -1.5)
np.std(x, axis=1, ddof=1, where=mask)
np.var(x, correction=1)
np.exp(x, dtype=np.float64)
np.concatenate([x, y], dtype=np.float64)
np.hstack([z, 1.0, v])
np.hstack([z, z])
np.vstack([1.0, z])
np.stack([1.0, z])
np.concatenate([[1.0], v])
np.roll(v, (1, 1))
np.roll(x, (1, 2), axis=(0, 1))
np.reshape(x, (3, 4), order='F')
np.ravel(x, order='F')
np.trace(t, 1, 0, 1)
np.take(v, [4, -5], mode='wrap')
np.take(v, [True, False])
np.sort(x, axis=0, kind='stable')
np.average(x, axis=1, keepdims=True)
np.pad(x, {0: 1, -1: (0, 2)})
x.take([2, 0], axis=1)
x.repeat(2)
x.round(1) + x
s.trace()
s.diagonal(1)
p.cumprod(axis=0)
x.compress([True, False, True], axis=1)
x.conj()
x.real
t.mT
x.clip(min=-0.4)
x.sum(axis=1, where=mask)
x.mean(0, dtype=np.float64)
x.std(axis=0, where=x > -1.5)
x.flatten(order='F')
x.reshape(6, 2, order='F')
""".strip().splitlines()

PLAIN = """
x > 0
x >= y
x < 0.5
x <= y
x == x
x != y
np.greater(x, y)
np.greater_equal(x, 0)
np.less(x, 0)
np.less_equal(0, x)
np.equal(x, y)
np.not_equal(x, y)
np.logical_and(x > 0, y)
np.logical_or(x, y)
np.logical_not(x)
np.isnan(x)
np.isinf(x)
np.isfinite(x)
np.can_cast(x, np.float64)
np.common_type(x)
np.diag_indices_from(s)[0]
np.tril_indices_from(s)[0]
np.triu_indices_from(s, 1)[0]
np.min_scalar_type(x)
np.logical_and.reduce(x > 0, axis=0)
np.logical_or.reduce(x)
np.greater.outer(v, b)
np.argmax(x)
np.argmax(x, axis=1)
np.argmin(x, 0)
x.argmax(axis=1)
x.argmin()
np.argsort(x)
np.argsort(x, axis=0)
np.argsort(x, axis=None)
np.mean(np.argmax(x, axis=1) == labels)
np.all(x > -5)
np.all(x)
np.any(x, axis=0)
np.allclose(x, x)
np.array_equal(x, y)
np.isclose(x, y)
np.argwhere(x)
np.nonzero(x)
np.flatnonzero(x)
np.count_nonzero(x)
np.zeros_like(x)
np.ones_like(x)
np.full_like(x, 2)
np.empty_like(x).shape
np.shape(x)
np.ndim(x)
np.size(x)
np.array2string(x)
np.array_str(x)
np.array_repr(x)
x.shape
x.ndim
x.size
len(x)
""".strip().splitlines()


def names_in(expression: str) -> list[str]:
    """Names of the differentiated arrays that an expression is written with."""
    code = compile(expression, "<expression>", "eval")
    inner = [c.co_names for c in code.co_consts if hasattr(c, "co_names")]
    used = {*code.co_names, *(name for names in inner for name in names)}
    return [name for name in LEAVES if name in used]


def evaluate(expression: str, values: dict[str, Any], dtype: Any = np.float64) -> Any:
    constants = {n: c.astype(dtype) if c.dtype == float else c for n, c in CONSTANTS.items()}
    return eval(expression, {"np": np, **constants, **values})


def run(expression: str, dtype: Any = np.float64) -> tuple[dict[str, Tensor], Any]:
    leaves = {name: leaf(LEAVES[name].astype(dtype)) for name in names_in(expression)}
    return leaves, evaluate(expression, leaves, dtype)


@pytest.mark.parametrize("expression", DIFFERENTIABLE)
def test_values_and_gradients(expression: str) -> None:
    arrays = {name: LEAVES[name] for name in names_in(expression)}
    expected = np.asarray(evaluate(expression, arrays))
    leaves, result = run(expression)
    assert isinstance(result, Tensor)
    assert result.requires_grad
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.data, expected, rtol=1e-13, atol=1e-13)

    weights = np.random.default_rng(5).normal(size=expected.shape)
    result.backward(weights)
    for name, x in leaves.items():
        gradient = np.zeros(x.shape) if x.grad is None else x.grad
        assert gradient.shape == x.shape
        direction = np.random.default_rng(6).normal(size=x.shape)

        def number(moved: Any, name: str = name) -> float:
            return float(np.sum(weights * evaluate(expression, {**arrays, name: moved})))

        right = slope(number, [arrays[name]], [direction])
        found = float(np.sum(gradient * direction))
        assert abs(found - right) < TOLERANCE * max(1.0, abs(right))


@pytest.mark.parametrize("expression", DIFFERENTIABLE)
def test_float32_stays_float32(expression: str) -> None:
    leaves, result = run(expression, np.float32)
    wide = ("np.ones(", "np.array(", "dtype=np.float64", ", np.float64)")
    meets_float64 = any(part in expression for part in wide)
    assert result.dtype == (np.float64 if meets_float64 else np.float32)
    result.backward(np.ones_like(result.data))
    gradients = [x.grad for x in leaves.values() if x.grad is not None]
    assert gradients
    assert all(g.dtype == np.float32 for g in gradients)


@pytest.mark.parametrize("expression", PLAIN)
def test_results_without_a_derivative_are_plain(expression: str) -> None:
    arrays = {name: LEAVES[name] for name in names_in(expression)}
    expected = evaluate(expression, arrays)
    _, result = run(expression)
    assert not isinstance(result, Tensor)
    assert type(result) is type(expected)
    np.testing.assert_array_equal(result, expected)


class Watched(dict[Any, Any]):
    """A table that remembers which of its entries were looked up."""

    def __init__(self, table: dict[Any, Any]) -> None:
        super().__init__(table)
        self.used: set[Any] = set()

    def __getitem__(self, key: Any) -> Any:
        self.used.add(key)
        return super().__getitem__(key)


def test_every_entry_of_the_tables_is_used_by_an_expression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    functions = Watched(numpy_protocols.FUNCTIONS)
    ufuncs = Watched(numpy_protocols.UFUNCS)
    monkeypatch.setattr(numpy_protocols, "FUNCTIONS", functions)
    monkeypatch.setattr(numpy_protocols, "UFUNCS", ufuncs)
    for expression in [*DIFFERENTIABLE, *PLAIN]:
        run(expression)
    for expression in [*(row.numpy for row in expressions.ROWS), *expressions.PLAIN]:
        leaves = {name: leaf(expressions.LEAVES[name]) for name in names_of(expression)}
        expressions.evaluate(expression, leaves)
    assert {f.__name__ for f in set(functions) - functions.used} == set()
    assert {f.__name__ for f in set(ufuncs) - ufuncs.used} == set()
    text = "\n".join([*PLAIN, *expressions.PLAIN])
    assert [f for f in numpy_protocols.PLAIN if f"{numpy_protocols._name(f)}(" not in text] == []


def test_there_are_enough_expressions() -> None:
    assert len(DIFFERENTIABLE) >= 150
    assert len(set(DIFFERENTIABLE)) == len(DIFFERENTIABLE)


# --- what is refused ------------------------------------------------------------------------------

UNSUPPORTED = """
np.linalg.eig(s)
np.linalg.eigvals(s)
np.histogram(v)
np.piecewise(v, [v > 0], [1.0])
np.put_along_axis(s, order[:3], 1.0, axis=1)
np.i0(v)
np.nanmedian(v)
np.nanquantile(v, 0.5)
np.fill_diagonal(s, 0.0)
np.unwrap(v)
np.copyto(np.zeros(3), v)
np.ldexp(v, 2)
np.frexp(v)
np.spacing(v)
np.histogram2d(v, v)
np.bincount(v)
np.polyfit(v, v, 1)
np.apply_along_axis(np.sum, 0, x)
""".strip().splitlines()


@pytest.mark.parametrize("expression", UNSUPPORTED)
def test_unsupported_functions_are_named(expression: str) -> None:
    name = expression.split("(")[0]
    with pytest.raises(UnsupportedError) as caught:
        run(expression)
    message = str(caught.value)
    assert message.startswith(f"{name} ")
    assert "x.data" in message
    assert "\n" not in message


@pytest.mark.parametrize("function", list(numpy_protocols._HINTS))
def test_every_hint_is_given(function: Any) -> None:
    x = leaf(LEAVES["s"])
    arguments: dict[Any, list[Any]] = {
        np.piecewise: [x, [x.data > 0], [1.0]],
        np.put_along_axis: [x, np.zeros((3, 1), int), 1.0, 1],
        np.fill_diagonal: [x, 0.0],
        np.copyto: [np.zeros((3, 3)), x],
        np.put: [np.zeros(9), [0, 1], x],
        np.place: [x, x.data > 0, [1.0]],
        np.putmask: [x, x.data > 0, 1.0],
        np.apply_along_axis: [np.sum, 0, x],
    }
    with pytest.raises(UnsupportedError) as caught:
        function(*arguments.get(function, [x]))
    assert numpy_protocols._HINTS[function] in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("np.exp(x, where=x > 0)", "where="),
        ("np.max(x, where=x > 0)", "initial="),
        ("np.sum(x, dtype=int)", "floating-point"),
        ("np.sum(x, dtype=complex)", "real and the imaginary"),
        ("np.mean(x, out=np.zeros(()))", "out="),
        ("np.average(x, returned=True)", "returned="),
        ("np.pad(x, 1, mode='mean')", "mode='mean'"),
        ("np.pad(x, 1, constant_values=z)", "constant"),
        ("np.reshape(x, (3, 4), order='A')", "order 'A'"),
        ("np.vstack([x, x], casting='unsafe')", "casting="),
        ("np.isnan.at(x, [0])", "np.isnan.at"),
        ("np.add.reduceat(v, [0, 1])", "np.add.reduceat"),
        ("np.var(x, where=x > 9)", "undefined"),
        ("np.mean(x, out=np.zeros(()))", "out="),
        ("np.maximum.accumulate(v)", "np.maximum.accumulate"),
        ("np.divide.reduce(v)", "np.divide.reduce"),
        ("np.ldexp.outer(v, [1])", "np.ldexp.outer"),
        ("np.multiply.reduceat(v, [0, 1])", "np.multiply.reduceat"),
        ("np.add.at(np.zeros(3), [0, 1, 1], v)", "np.add.at"),
        ("np.where(x)", "np.where"),
        ("np.linalg.norm(s, 3)", "'fro', 'nuc'"),
        ("np.linalg.norm(t, 2)", "3 axes"),
        ("np.pad(v, 1, constant_values=(1, 2))", "constant"),
    ],
)
def test_unsupported_options_are_named(expression: str, says: str) -> None:
    with pytest.raises(PellucidError) as caught:
        run(expression)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "write",
    [
        lambda x: np.add(np.ones(3), x, out=np.ones(3)),
        lambda x: np.exp(x, out=np.ones(3)),
        lambda x: np.multiply(np.ones(3), 2, out=x),
    ],
)
def test_a_plain_array_does_not_take_in_a_recorded_value(write: Any) -> None:
    with pytest.raises(UnsupportedError, match=r"write a = a \+ x"):
        write(leaf(np.ones(3)))


def test_updates_of_a_plain_array_by_a_recorded_value() -> None:
    a, x = np.ones(3), leaf(np.ones(3))
    with pytest.raises(UnsupportedError, match=r"a \+= x"):
        a += x
    with pytest.raises(UnsupportedError):
        a *= x
    with pytest.raises(UnsupportedError, match="lose its gradient"):
        np.zeros((2, 3))[0] = x
    np.testing.assert_array_equal(a, np.ones(3))


@pytest.mark.parametrize("shape", [(), (3,)])
@pytest.mark.parametrize(
    "write",
    [
        lambda x: np.asarray(x),
        lambda x: np.array(x),
        lambda x: np.array([x, x]),
        lambda x: np.array([[1.0, x]]) if x.ndim == 0 else np.array([x]),
        lambda x: np.asarray([x, x], dtype=object),
        lambda x: np.float64(x) if x.ndim else np.asarray(x),
    ],
)
def test_a_recorded_value_does_not_become_an_array(write: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises((UnsupportedError, ShapeError)):
        write(leaf(np.ones(shape)))


def test_a_tensor_without_gradient_becomes_an_array() -> None:
    x = pl.tensor([1.0, 2.0])
    for array in (np.asarray(x), np.array(x), np.asarray(x, dtype=np.float64), np.array([x])[0]):
        assert type(array) is np.ndarray
        np.testing.assert_array_equal(array, [1, 2])
    copied = np.array(x, copy=True)
    copied[0] = 5
    assert x.data[0] == 1
    assert np.asarray(leaf(np.ones(2)).detach()).dtype == np.float64


def test_numpy_scalars_have_no_type_of_their_own() -> None:
    x = leaf(np.ones(3, np.float32))
    wide = np.float64(0.1)
    for y in (wide * x, x * wide, x + wide, wide - x, x / wide, wide**x, np.maximum(wide, x)):
        assert isinstance(y, Tensor)
        assert y.dtype == np.float32
    assert np.clip(x, wide, None).dtype == np.float32
    assert np.where(x > 0, x, wide).dtype == np.float32
    assert np.heaviside(x, wide).dtype == np.float32


def test_lists_as_operands() -> None:
    x = leaf(np.array([1.0, 2.0], np.float32))
    for y in (x * [1, 2], [1.0, 2.0] - x, np.maximum([0, 5], x), np.dot([[1, 2]], x), x - (1, 2)):
        assert isinstance(y, Tensor)
        assert y.dtype == np.float32
    with pytest.raises(UnsupportedError, match=r"pl\.stack"):
        x * [x, x]


def test_the_order_of_operands_is_kept() -> None:
    x, a = leaf(np.array([2.0, 4.0])), np.array([1.0, 2.0])
    np.testing.assert_array_equal((a - x).data, [-1, -2])
    np.testing.assert_array_equal((a / x).data, [0.5, 0.5])
    np.testing.assert_array_equal((a**x).data, [1, 16])
    np.testing.assert_array_equal(a < x, [True, True])
    assert (np.array([[1.0, 2.0]]) @ x).shape == (1,)


def test_comparisons_are_plain_arrays() -> None:
    x = leaf(np.array([1.0, 2.0]))
    for result in (x > 1, x >= 1, x < 1, x <= 1, x == 1, x != 1, np.ones(2) < x):
        assert type(result) is np.ndarray
        assert result.dtype == bool
