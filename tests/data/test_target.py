"""Targets: labels and standardised numbers, there and back."""

import numpy as np
import pytest

from pellucid.data import ClassTarget, NumericTarget
from pellucid.data.target import infer_task, target_from_json
from pellucid.errors import DataError, ShapeError

INCOME = ClassTarget("income", ("<=50K", ">50K"))


def test_labels_there_and_back():
    labels = INCOME.encode([">50K", "<=50K", " >50K "])
    assert labels.tolist() == [1, 0, 1]
    assert labels.dtype == np.int64
    assert INCOME.decode(labels).tolist() == [">50K", "<=50K", ">50K"]
    assert INCOME.decode(np.array([[0.1, 0.9], [3.0, -1.0]])).tolist() == [">50K", "<=50K"]


def test_other_ways_to_write_a_class():
    assert INCOME.encode(["<=50K.", ">50K."]).tolist() == [0, 1]
    assert ClassTarget("n", ("0", "1")).encode([1, 0.0, "1.0", "1."]).tolist() == [1, 0, 1, 1]
    assert ClassTarget("n", ("a", "a.")).encode(["a.", "a"]).tolist() == [1, 0]


def test_unknown_classes():
    with pytest.raises(DataError, match=r"row 1 .*'60K' is not one of the classes of 'income'"):
        INCOME.encode(["<=50K", "60K"])


@pytest.mark.parametrize("wrong", [np.zeros((2, 3)), np.array([0.5]), np.zeros((2, 2, 2), int)])
def test_predictions_of_another_shape(wrong):
    with pytest.raises(ShapeError, match=r"labels of shape \(N,\) or scores of shape \(N, 2\)"):
        INCOME.decode(wrong)


def test_labels_out_of_range():
    with pytest.raises(DataError, match="from 0 to 1"):
        INCOME.decode(np.array([0, 2]))


def test_numbers_there_and_back():
    values = np.array([[1.0, 10], [3, 10], [5, 40]])
    target = NumericTarget.fit(["a", "b"], values)
    encoded = target.encode(values)
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, (values - values.mean(0)) / values.std(0), rtol=1e-6)
    np.testing.assert_allclose(target.decode(encoded), values, rtol=1e-5)
    assert target.decode(encoded).dtype == np.float32
    with pytest.raises(ShapeError, match=r"shape \(N, 2\)"):
        target.decode(np.zeros((2, 1)))


def test_one_number_takes_any_shape():
    target = NumericTarget("p", (10.0,), (2.0,))
    assert target.encode(["12", 8]).tolist() == [[1], [-1]]
    assert target.decode(np.array([1.0, -1.0])).tolist() == [12, 8]
    assert target.decode(np.array([[1.0]])).tolist() == [[12]]
    constant = NumericTarget.fit(["p"], np.full((3, 1), 7.0))
    assert constant.encode(["7", "8"]).tolist() == [[0], [1]]


def test_numbers_that_are_none():
    target = NumericTarget(("p",), (0.0,), (1.0,))
    with pytest.raises(DataError, match=r"row 1 .*'p' has 'x', which is not a number"):
        target.encode(["1", "x"])
    with pytest.raises(DataError, match=r"row 0 .*not finite"):
        target.encode(np.array([np.nan]))


@pytest.mark.parametrize("target", [INCOME, NumericTarget(("p", "q"), (1.0, 2.0), (3.0, 0.1))])
def test_saved(target):
    assert target_from_json(target.to_json()) == target


@pytest.mark.parametrize(
    ("numbers", "task"),
    [
        (None, "classification"),
        ([0.0, 1, 0, 1], "classification"),
        ([-1.0, 1], "classification"),
        ([1.0, 2, 3] * 5, "classification"),
        ([0.5, 1.5, 0.5, 1.5], "regression"),
        (list(range(21)) * 5, "regression"),
        ([1.0, 2, 3, 4], "regression"),
    ],
)
def test_task(numbers, task):
    assert infer_task(None if numbers is None else np.array(numbers, float)) == task
