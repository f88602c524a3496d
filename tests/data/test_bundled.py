"""Scikit-learn's sets: the same numbers, standardised from the training rows."""

import sys

import numpy as np
import pytest

from pellucid.data import load
from pellucid.errors import MissingExtraError

datasets = pytest.importorskip("sklearn.datasets")
TABLES = ("iris", "wine", "breast-cancer", "diabetes")


def rows_of(matrix: np.ndarray) -> set[bytes]:
    return {np.round(row, 4).astype(np.float32).tobytes() for row in matrix}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name):
    bunch = getattr(datasets, f"load_{name.replace('-', '_')}")()
    data = load(name)
    assert len(data.train) + len(data.test) == len(bunch.data)
    assert data.feature_names == tuple(bunch.feature_names)
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.x.std(axis=0), 1, atol=1e-4)
    assert np.abs(data.test.x.mean(axis=0)).max() > 1e-3  # the test rows had no say
    center, scale = np.array(data.preparation.center), np.array(data.preparation.scale)
    back = data.test.x * scale + center
    distance = np.abs(back[:, None] - bunch.data[None]) / scale  # (test, all, features)
    assert distance.max(axis=2).min(axis=1).max() < 1e-5  # each test row is one of the rows


def test_classes_are_named():
    assert load("iris").class_names == ("setosa", "versicolor", "virginica")
    assert load("breast-cancer").class_names == ("malignant", "benign")


def test_diabetes_target_goes_there_and_back():
    bunch = datasets.load_diabetes()
    data = load("diabetes", test_fraction=0)
    assert data.train.y.shape == (442, 1)
    assert data.train.y.dtype == np.float32
    np.testing.assert_allclose(data.train.y.std(), 1, rtol=1e-5)
    back = data.preparation.inverse_target(data.train.y)
    np.testing.assert_allclose(back[:, 0], bunch.target, rtol=1e-4)
    np.testing.assert_allclose(
        data.preparation.target_transform(bunch.target), data.train.y, atol=1e-6
    )


def test_digits():
    images = datasets.load_digits().images
    data = load("digits", test_fraction=0, scale="unit")
    assert data.image_shape == (1, 8, 8)
    assert data.train.x.dtype == np.float32
    np.testing.assert_array_equal(data.train.x, images.reshape(1797, 64).astype(np.float32) / 16)
    standard = load("digits", flat=False)
    assert standard.input_shape == (1, 8, 8)
    assert (len(standard.train), len(standard.test)) == (1438, 359)
    assert abs(float(standard.train.x.mean())) < 1e-5
    prepared = standard.preparation.transform(images[:, None])
    assert prepared.shape == (1797, 1, 8, 8)
    assert rows_of(standard.test.x.reshape(-1, 64)) <= rows_of(prepared.reshape(-1, 64))


@pytest.mark.parametrize("name", [*TABLES, "digits"])
def test_without_scikit_learn(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError) as caught:
        load(name)
    assert name in str(caught.value)
    assert "pellucid[sklearn]" in str(caught.value)
