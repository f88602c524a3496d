"""What holds for every primitive, driven by the table of primitives and the table of cases."""

from __future__ import annotations

import inspect
import math
import operator
from typing import Any

import numpy as np
import pytest
from helpers.engine import ENGINE
from helpers.gradients import check_gradients, leaf, numbers
from primitives import families
from primitives.cases import Case, is_variable
from primitives.families import CASES, MANY

from pellucid.kernels import reference
from pellucid.tensor import Tensor

DIFFERENTIABLE = [
    (name, i) for name, i in MANY if ENGINE[name].differentiable and CASES[name][i].variables
]
SMOOTH = [(name, i) for name, i in DIFFERENTIABLE if CASES[name][i].smooth]


def recorded(case: Case, dtype: Any = np.float64) -> tuple[Any, ...]:
    """Inputs with the floating-point arrays as leaves that want a gradient."""
    return tuple(leaf(x) if is_variable(x) else x for x in case.as_dtype(dtype))


def test_every_primitive_has_cases() -> None:
    assert set(CASES) == set(ENGINE)
    assert all(CASES.values())


def test_every_differentiable_primitive_has_smooth_cases() -> None:
    checked = {name for name, _ in SMOOTH}
    assert checked == {name for name, p in ENGINE.items() if p.differentiable}


@pytest.mark.parametrize("name", ENGINE)
def test_declaration(name: str) -> None:
    primitive = ENGINE[name]
    assert primitive.name == name
    assert primitive.formula
    assert primitive.formula in str(primitive.__doc__)
    assert name in repr(primitive)


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="'add' is declared already"):
        type(ENGINE["add"])("add", "x + y", np.add, source="{0} + {1}")
    assert ENGINE["add"].formula == "x + y"


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "i"), SMOOTH)
def test_gradients_of_first_and_second_order(name: str, i: int) -> None:
    case = CASES[name][i]
    check_gradients(
        lambda *arrays: ENGINE[name](*case.with_arrays(list(arrays)), **case.attributes),
        [case.inputs[k] for k in case.variables],
    )


@pytest.mark.parametrize(("name", "i"), DIFFERENTIABLE)
def test_what_is_kept_and_what_agrees(name: str, i: int) -> None:
    """Shapes, types and inputs are kept; float32 agrees with float64."""
    case = CASES[name][i]
    found = {}
    for dtype in (np.float32, np.float64):
        inputs = recorded(case, dtype)
        result = ENGINE[name](*inputs, **case.attributes)
        _check_kept(name, case, dtype, inputs, result)
        leaves = [x for x in inputs if isinstance(x, Tensor)]
        found[dtype] = [result.data, *(x.grad for x in leaves)]
    for x, before in zip(inputs, case.inputs, strict=True):
        np.testing.assert_array_equal(numbers(x), before, "inputs are left as they are")
    for narrow, wide in zip(found[np.float32], found[np.float64], strict=True):
        np.testing.assert_allclose(narrow, wide, 2e-5, 2e-5, err_msg="float32 beside float64")


def _check_kept(name: str, case: Case, dtype: Any, inputs: Any, result: Any) -> None:
    """Check shapes and types of a recorded result, and of gradients after its backward pass."""
    plain = ENGINE[name](*case.as_dtype(dtype), **case.attributes)
    assert isinstance(result, Tensor)
    assert isinstance(result.data, np.ndarray)
    assert not isinstance(plain, Tensor)
    assert result.shape == np.shape(plain)
    if any(isinstance(x, np.ndarray) and x.dtype.kind == "i" for x in inputs):
        # integers that meet a Tensor take its type; those that meet an array make it wider
        np.testing.assert_allclose(result.data, plain, rtol=1e-6)
    else:
        np.testing.assert_array_equal(result.data, plain)
        assert result.dtype == numbers(plain).dtype
    assert result.dtype == (case.attributes["dtype"] if name == "cast" else dtype)
    result.backward(np.ones_like(result.data))
    for x in inputs:
        if isinstance(x, Tensor):
            assert isinstance(x.grad, np.ndarray)
            assert x.grad.shape == x.shape
            assert x.grad.dtype == dtype


# --- functions without a derivative ---------------------------------------------------------------


def _elementwise(function: Any) -> Any:
    def entry_by_entry(*inputs: Any) -> Any:
        arrays = np.broadcast_arrays(*inputs)
        flat = [bool(function(*entry)) for entry in zip(*(a.flat for a in arrays), strict=True)]
        return np.asarray(flat, dtype=bool).reshape(arrays[0].shape)

    return entry_by_entry


def _first(rows: Any, best: Any) -> int:
    values = list(rows)
    return values.index(best(values))


def _along(function: Any) -> Any:
    def searched(x: Any, *, axis: int | None) -> Any:
        if axis is None:
            return np.asarray(function(np.ravel(x)))
        moved = np.moveaxis(x, axis, -1)
        rows = [function(row) for row in moved.reshape(-1, moved.shape[-1])]
        return np.asarray(rows, dtype=int).reshape(moved.shape[:-1])

    return searched


def _sorted_positions(x: Any, *, axis: int) -> Any:
    moved = np.moveaxis(x, axis, -1)
    rows = [
        sorted(range(len(row)), key=lambda k, row=row: row[k])
        for row in moved.reshape(int(np.prod(moved.shape[:-1])), moved.shape[-1])
    ]
    return np.moveaxis(np.asarray(rows, dtype=int).reshape(moved.shape), -1, axis)


def _indicator(labels: Any, *, classes: int, dtype: Any) -> Any:
    result = np.zeros((*labels.shape, classes), dtype)
    for place in np.ndindex(*labels.shape):
        result[(*place, labels[place])] = 1
    return result


ORACLES = {
    "equal": _elementwise(operator.eq),
    "not_equal": _elementwise(operator.ne),
    "less": _elementwise(operator.lt),
    "less_equal": _elementwise(operator.le),
    "greater": _elementwise(operator.gt),
    "greater_equal": _elementwise(operator.ge),
    "logical_and": _elementwise(lambda x, y: bool(x) and bool(y)),
    "logical_or": _elementwise(lambda x, y: bool(x) or bool(y)),
    "logical_not": _elementwise(operator.not_),
    "isnan": _elementwise(math.isnan),
    "isinf": _elementwise(math.isinf),
    "isfinite": _elementwise(math.isfinite),
    "argmax": _along(lambda row: _first(row, max)),
    "argmin": _along(lambda row: _first(row, min)),
    "argsort": _sorted_positions,
    "one_hot": _indicator,
    **families.ORACLES,
}
"""Plain Python versions of the functions without a derivative."""


def test_every_function_without_derivative_has_an_oracle() -> None:
    masks = {name for name, p in ENGINE.items() if not p.differentiable}
    assert set(ORACLES) == masks - set(families.WITHOUT)  # which says where they are compared


@pytest.mark.parametrize(("name", "i"), [(n, i) for n, i in MANY if n in ORACLES])
def test_functions_without_derivative(name: str, i: int) -> None:
    case = CASES[name][i]
    expected = ORACLES[name](*case.inputs, **case.attributes)
    plain = ENGINE[name](*case.inputs, **case.attributes)
    wrapped = ENGINE[name](*recorded(case), **case.attributes)
    for found in (plain, wrapped):
        assert not isinstance(found, Tensor)
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == expected.dtype
        assert np.shape(found) == expected.shape


# --- printing as NumPy ----------------------------------------------------------------------------

NAMESPACE: dict[str, Any] = {
    "np": np,
    "array": np.array,
    "dtype": np.dtype,
    "int64": np.int64,
    "sigmoid": reference.sigmoid,
    "softplus": reference.softplus,
    "erf": reference.erf,
    "matmul": reference.matmul,
    "linear": reference.linear,
    "logsumexp": reference.logsumexp,
    "log_softmax": reference.log_softmax,
    "scatter": reference.scatter,
    "spread": reference.spread,
    **families.NAMESPACE,
}
"""What a printed program imports or defines at its top."""


def printed(name: str, case: Case) -> str:
    """One call as NumPy source, over the names x0, x1 …"""
    names = [f"x{k}" for k in range(len(case.inputs))]
    defaults = {
        key: parameter.default
        for key, parameter in inspect.signature(ENGINE[name].forward).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is not parameter.empty
    }
    attributes = {key: repr(value) for key, value in {**defaults, **case.attributes}.items()}
    return ENGINE[name].source.format(*names, inputs=", ".join(names), **attributes)


@pytest.mark.parametrize(("name", "i"), MANY)
def test_the_printed_source_gives_the_same_bits(name: str, i: int) -> None:
    case = CASES[name][i]
    source = compile(printed(name, case), f"{name} as printed", "eval")
    for dtype in (np.float32, np.float64):
        inputs = case.as_dtype(dtype)
        values = {f"x{k}": x for k, x in enumerate(inputs)}
        found = eval(source, {**NAMESPACE, **values})
        expected = ENGINE[name](*inputs, **case.attributes)
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == np.asarray(expected).dtype
        assert np.shape(found) == np.shape(expected)
