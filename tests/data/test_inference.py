"""What columns are taken for."""

import numpy as np
import pytest

from pellucid.data.inference import category_order, infer_kind, parse_numbers
from pellucid.data.table import MISSING
from pellucid.errors import DataError


def where(row: int) -> str:
    return f"line {row + 2}"


@pytest.mark.parametrize(
    ("values", "kind", "word"),
    [
        (["1", "2.5", "", "-3e4", "NA"], "numeric", ""),
        (["3", "1", "2"] * 10, "numeric", ""),
        (["a", "b", "a", "?"], "categorical", ""),
        (["1_000", "2_000", "1_000"], "categorical", ""),
        (["yes", "", "yes"], "categorical", ""),
        (["a,b", "1,2", "3,4"], "drop", "names or identifiers"),
        (["", "?", "NA"], "drop", "holds no values"),
        (["7", "7", "7"], "drop", "'7' in every row"),
        (["ann", "bob", "cat"], "drop", "3 different texts in 3 rows"),
        ([f"t{i % 21}" for i in range(30)], "drop", "names or identifiers"),
        ([f"t{i % 20}" for i in range(30)], "categorical", ""),
        ([str(i) for i in range(20)], "drop", "only counts the rows"),
        ([str(i + 1) for i in range(25)], "drop", "only counts the rows"),
        ([str(i) for i in range(19)], "numeric", ""),
        ([str(i + 1949) for i in range(40)], "numeric", ""),
    ],
)
def test_kinds(values, kind, word):
    found, reason = infer_kind("x", values, MISSING, where)
    assert found == kind
    assert word in reason
    assert bool(reason) == (kind == "drop")


def test_a_typing_error_among_numbers_is_named():
    values = [str(i * 7 % 50) for i in range(100)]
    values[41] = "?0.2"
    with pytest.raises(DataError) as caught:
        infer_kind("temperature", values, MISSING, where)
    for word in ("line 43", "'temperature'", "'?0.2' among numbers", "1 such value in 100 rows"):
        assert word in str(caught.value)
    assert infer_kind("t", values, (*MISSING, "?0.2"), where)[0] == "numeric"


@pytest.mark.parametrize("values", [["7,4", "6", "0,58"] * 30, ["1,200", "1,350.5", ""] * 3])
def test_numbers_with_a_comma_are_not_taken_for_categories(values):
    with pytest.raises(DataError) as caught:
        infer_kind("acid", values, MISSING, where)
    for word in ("line 2: column 'acid'", f"'{values[0]}'", "decimal=','", "{'acid': 'cat"):
        assert word in str(caught.value)


def test_order_of_categories():
    assert category_order({"b", "a", "10"}) == ("10", "a", "b")
    assert category_order({"10", "9", "1.5"}) == ("1.5", "9", "10")


def test_parse_numbers():
    numbers = parse_numbers("x", ["1", "", "nan", "2e3"], ("",), where)
    np.testing.assert_array_equal(numbers, [1, np.nan, np.nan, 2000])
    with pytest.raises(DataError, match="line 3: column 'x' has 'abc', which is not a number"):
        parse_numbers("x", ["1", "abc"], (), where)
    with pytest.raises(DataError, match="line 2: column 'x' has '-inf', which is not a finite"):
        parse_numbers("x", ["-inf", "1"], (), where)
