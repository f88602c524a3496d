"""Fitted columns against numbers worked out by hand."""

import numpy as np
import pytest

from pellucid.data.columns import CategoricalColumn, NumericColumn
from pellucid.errors import DataError

MISSING = ("", "?")


def where(row: int) -> str:
    return f"line {row}"


def numeric(values, standardize=True) -> NumericColumn:
    return NumericColumn.fit("x", values, MISSING, where, standardize=standardize)


def categorical(values, encoding="one-hot", missing_category=True) -> CategoricalColumn:
    return CategoricalColumn.fit(
        "x",
        values,
        MISSING,
        encoding=encoding,
        missing_category=missing_category,
        standardize=True,
    )


def encode(column, values, unknown="error"):
    return column.encode(values, MISSING, where, unknown)


def test_numeric_is_imputed_by_the_median_and_standardised():
    column = numeric(["1", "2", "?", "9"])
    assert (column.fill, column.center) == (2, 4)
    assert column.scale == pytest.approx(np.std([1, 2, 9]))
    encoded = encode(column, ["4", "", "9"])
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, np.array([[0], [-2], [5]]) / np.std([1, 2, 9]), rtol=1e-6)


def test_numeric_as_it_is():
    assert encode(numeric(["1", "2", "9"], standardize=False), ["5", "?"]).tolist() == [[5], [2]]


def test_numeric_with_one_value_or_none():
    assert encode(numeric(["3", "3", "?"]), ["3", "4"]).tolist() == [[0], [1]]
    assert encode(numeric(["?", "?"]), ["3", "?"]).tolist() == [[3], [0]]


def test_one_hot_with_a_category_for_missing():
    column = categorical(["b", "a", "?", "b"])
    assert column.feature_names == ("x=a", "x=b", "x=missing")
    assert encode(column, ["a", "", "b"]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("values", [["b", "a", "?", "b"], ["b", "a", "b"]])
def test_one_hot_with_the_most_frequent_for_missing(values):
    column = categorical(values, missing_category="?" not in values)
    assert encode(column, ["a", "?"]).tolist() == [[1, 0], [0, 1]]


def test_ordinal_places_are_standardised():
    column = categorical(["a", "c", "b", "a"], encoding="ordinal")
    assert column.feature_names == ("x",)
    places = np.array([0, 2, 1, 0])
    expected = (places - places.mean()) / places.std()
    np.testing.assert_allclose(encode(column, ["a", "c", "b", "a"])[:, 0], expected, rtol=1e-6)


@pytest.mark.parametrize(("encoding", "width"), [("one-hot", 2), ("ordinal", 1)])
def test_unknown_categories(encoding, width):
    column = categorical(["a", "b"], encoding)
    with pytest.raises(DataError) as caught:
        encode(column, ["a", "z"])
    for word in ("line 1", "column 'x'", "'z'", "known: a, b", "unknown='ignore'"):
        assert word in str(caught.value)
    assert encode(column, ["z"], "ignore").tolist() == [[0] * width]


@pytest.mark.parametrize(
    "column", [numeric(["1", "2"]), categorical(["a", "b"]), categorical(["a", "b"], "ordinal")]
)
def test_there_and_back(column):
    assert type(column).from_json(column.to_json()) == column
