"""Types of numbers: one place, one set of rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.dtypes import as_array, default_float, float_dtype
from pellucid.errors import DTypeError


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.5, np.float32),
        ([1.5], np.float32),
        ([[1, 2.5]], np.float32),
        ([], np.float32),
        (2, np.int64),
        ([1, 2], np.int64),
        (True, np.bool_),
        ((1.0, 2.0), np.float32),
        (np.float64(0.1), np.float64),
        (np.array([0.1]), np.float64),
        (np.array([0.1], np.float16), np.float16),
        (np.uint8(3), np.uint8),
    ],
)
def test_as_array(value: Any, dtype: Any) -> None:
    found = as_array(value)
    assert type(found) is np.ndarray
    assert found.dtype == dtype
    assert found.shape == np.shape(value)


def test_arrays_are_not_copied() -> None:
    array = np.ones(3)
    assert as_array(array) is array
    assert as_array(array, np.float64) is array
    assert as_array(array, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([[1], [1, 2]], "rows of different lengths"),
        (["a"], "<U1"),
        ("text", "expected numbers"),
        ([1j], "complex128"),
        (None, "object"),
        ([None, 1.0], "object"),
        (np.array(["2020-01-01"], "datetime64[D]"), "datetime64"),
        ({}, "object"),
    ],
)
def test_what_is_no_array_of_numbers(value: Any, says: str) -> None:
    with pytest.raises(DTypeError, match=says):
        as_array(value)


def test_float_dtype() -> None:
    assert float_dtype(None) == default_float == np.float32
    assert float_dtype("float64") == np.float64
    assert float_dtype(np.float16) == np.float16
    for wrong in (int, bool, np.complex64, "U3"):
        with pytest.raises(DTypeError, match="floating-point"):
            float_dtype(wrong)
