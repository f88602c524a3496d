"""Preparations: saved and read back, they prepare new data in the same way."""

import json

import numpy as np
import pytest

from pellucid.data import ArrayPreparation, ClassTarget, Preparation, Table, load
from pellucid.errors import DataError, ShapeError

LINES = [
    "age,job,bought",
    *(f"{20 + i * 7 % 40},{('cook', 'clerk')[i % 2]},{'ny'[i % 3 > 0]}" for i in range(20)),
]


@pytest.fixture
def data(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(LINES))
    return load(tmp_path / "t.csv", test_fraction=0)


@pytest.fixture
def preparation(data):
    """As read back from the file beside a model."""
    return Preparation.from_json(json.loads(json.dumps(data.preparation.to_json())))


def test_the_training_file_again(data, preparation, tmp_path):
    assert preparation == data.preparation
    table = preparation.read(tmp_path / "t.csv")
    assert np.array_equal(preparation.transform(table), data.train.x)
    assert np.array_equal(preparation.target_transform(table), data.train.y)
    assert preparation.inverse_target(data.train.y)[:3].tolist() == ["n", "y", "y"]
    assert preparation.feature_names == data.feature_names == ("age", "job=clerk", "job=cook")


@pytest.mark.parametrize(
    "rows",
    [
        [{"job": "cook", "age": 20}, {"job": "clerk", "age": "27"}],
        [{"job": "cook", "age": 20, "more": 1}, {"job": "clerk", "age": 27, "more": 2}],
        [[20, "cook"], [27.0, "clerk"]],
        [(20, "cook", "n"), (27, "clerk", "y")],
        {"age": [20, 27], "job": ["cook", "clerk"]},
        np.array([["20", "cook"], ["27", "clerk"]]),
        Table.from_rows([["cook", 20], ["clerk", 27]], ("job", "age")),
    ],
)
def test_rows_in_many_forms(data, preparation, rows):
    assert np.array_equal(preparation.transform(rows), data.train.x[:2])


def test_no_rows(preparation):
    assert preparation.transform([]).shape == (0, 3)


def test_a_file_without_the_target(data, preparation, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("job,age\ncook,20\n")
    assert np.array_equal(preparation.transform(preparation.read(path)), data.train.x[:1])
    with pytest.raises(DataError, match="no column 'bought' with the target"):
        preparation.target_transform(preparation.read(path))


def test_files_without_header_go_by_position(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(LINES[1:]))
    data = load(tmp_path / "t.csv", test_fraction=0)
    new = tmp_path / "new.csv"
    for line in ("20,cook", "20,cook,n"):
        new.write_text(line + "\n")
        prepared = data.preparation.transform(data.preparation.read(new))
        assert np.array_equal(prepared, data.train.x[:1])
    new.write_text("20\n")
    with pytest.raises(DataError, match=r"new.csv has 1 columns; the training file had 3"):
        data.preparation.transform(data.preparation.read(new))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[20, "cook"], [21, "pilot"]], ["row 1", "'job'", "'pilot'", "known: clerk, cook"]),
        ([{"age": "x", "job": "cook"}], ["row 0", "'age'", "'x'", "not a number"]),
        ([{"age": float("inf"), "job": "cook"}], ["row 0", "'age'", "not a finite"]),
        ([{"job": "cook"}], ["column 'age' missing", "found: job"]),
        ([[1, 2, 3, 4]], ["has 4 values", "expected 3: age, job, bought"]),
    ],
)
def test_rows_that_do_not_fit(preparation, rows, words):
    with pytest.raises(DataError) as caught:
        preparation.transform(rows)
    assert all(word in str(caught.value) for word in words)


def test_unknown_categories_in_a_file_name_the_line(preparation, tmp_path):
    (tmp_path / "new.csv").write_text("age,job\n30,cook\n\n31,pilot\n")
    table = preparation.read(tmp_path / "new.csv")
    with pytest.raises(DataError, match=r"new.csv, line 4: column 'job' has the category 'pilot'"):
        preparation.transform(table)
    assert preparation.transform(table, unknown="ignore")[1, 1:].tolist() == [0, 0]
    with pytest.raises(DataError, match="unknown is 'error' or 'ignore', got 'skip'"):
        preparation.transform(table, unknown="skip")


@pytest.mark.parametrize(
    "state",
    [{}, {"version": 1}, {"version": 1, "kind": "other"}, [], {"version": 1, "kind": "table"}],
)
def test_what_is_no_preparation(state):
    with pytest.raises(DataError, match="not a saved preparation"):
        Preparation.from_json(state)


def test_a_later_version(preparation):
    with pytest.raises(DataError, match="has version 2; version 1 is known"):
        Preparation.from_json(preparation.to_json() | {"version": 2})


def test_without_a_target():
    with pytest.raises(DataError, match="without a target"):
        ArrayPreparation((2,)).inverse_target(np.zeros(2, int))


def test_arrays_are_scaled_and_shaped():
    draw = np.random.default_rng(0)
    x = draw.integers(0, 256, (9000, 2, 3), np.uint8)  # more than one block of rows
    one = ArrayPreparation.fit(x, per_feature=False, input_shape=(6,))
    np.testing.assert_allclose((one.center[0], one.scale[0]), (x.mean(), x.std()), rtol=1e-12)
    many = ArrayPreparation.fit(x, per_feature=True)
    np.testing.assert_allclose(many.center, x.mean(axis=0).ravel(), rtol=1e-12)
    np.testing.assert_allclose(many.scale, x.std(axis=0).ravel(), rtol=1e-12)
    prepared = one.transform(x[:5])
    assert (prepared.shape, prepared.dtype) == ((5, 6), np.float32)
    expected = (x[:5].reshape(5, 6) - x.mean()) / x.std()
    np.testing.assert_allclose(prepared, expected, atol=1e-6)
    assert many.transform(x[:5].reshape(5, 6)).shape == (5, 2, 3)


def test_a_constant_feature_is_only_shifted():
    x = np.array([[1.0, 7], [3, 7]])
    prepared = ArrayPreparation.fit(x, per_feature=True).transform(np.array([[2.0, 8]]))
    assert prepared.tolist() == [[0, 1]]


def test_transform_leaves_its_input_alone():
    x = np.ones((2, 2), np.float32)
    ArrayPreparation((2,), (1.0,), (2.0,)).transform(x)
    assert (x == 1).all()


def test_array_preparation_is_saved():
    preparation = ArrayPreparation(
        (4,), (0.1, 1 / 3, 0, 1), (1.0,), ("a", "b", "c", "d"), ClassTarget("t", ("x",)), (1, 2, 2)
    )
    assert Preparation.from_json(json.loads(json.dumps(preparation.to_json()))) == preparation


def test_samples_that_do_not_fit():
    preparation = ArrayPreparation((2, 2))
    with pytest.raises(ShapeError, match=r"samples of 4 numbers.*\(N, 2, 2\), got shape \(3, 5\)"):
        preparation.transform(np.zeros((3, 5)))
    with pytest.raises(ShapeError, match=r"got shape \(2, 2\); for one sample pass x\[None\]"):
        preparation.transform(np.zeros((2, 2)))
    with pytest.raises(DataError, match="NaN or infinite"):
        preparation.transform(np.full((1, 4), np.nan))
