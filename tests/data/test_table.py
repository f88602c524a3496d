"""Tables of rows that are given in Python."""

import numpy as np
import pytest

from pellucid.data import Table
from pellucid.errors import DataError


class Frame:
    """What is used of a DataFrame."""

    def to_dict(self, orient):
        assert orient == "list"
        return {"age": [39, float("nan")], "job": ["x", None]}


@pytest.mark.parametrize(
    "rows",
    [
        [{"age": 39, "job": "x"}, {"job": None, "age": None}],
        [["39", " x "], ["", ""]],
        [(39.0, "x"), (float("nan"), None)],
        {"age": [39, None], "job": ["x", ""]},
        np.array([["39", "x"], ["", ""]]),
        Frame(),
    ],
)
def test_forms_of_rows(rows):
    table = Table.from_rows(rows, ("age", "job"))
    assert table.names == ("age", "job")
    assert [list(column) for column in table.columns] == [["39", ""], ["x", ""]]
    assert len(table) == 2


def test_numbers_keep_every_digit():
    values = [0.1, 1 / 3, 1e-300, -2.5e17, np.float64(np.pi)]
    table = Table.from_rows([[value] for value in values], ("x",))
    assert [float(text) for text in table["x"]] == values


def test_take_keeps_the_places():
    table = Table.from_rows([["a"], ["b"], ["c"]], ("x",))
    assert list(table.take([2, 0])["x"]) == ["c", "a"]
    assert table.take([2, 0]).where(0) == "row 2 (counting from 0)"
    assert table.take([1])["x"] == ("b",)
    assert len(table.take([])) == 0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"a": [1], "b": [1, 2]}, ["differ in length", "'b': 2"]),
        ([{"a": 1, "b": 2}, {"a": 1}], ["row 1", "b is in only one"]),
        ([[1, 2], [3]], ["row 1 (counting from 0) has 1 values", "expected 2: a, b"]),
        ([[1, 2], "34"], ["row 1", "'34'", "list or a dict"]),
        ("1,2", ["expected a list of rows", "str"]),
        (5, ["expected a list of rows", "int"]),
    ],
)
def test_rows_that_are_none(rows, words):
    with pytest.raises(DataError) as caught:
        Table.from_rows(rows, ("a", "b"))
    assert all(word in str(caught.value) for word in words)
