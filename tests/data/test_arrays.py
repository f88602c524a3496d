"""Arrays, given or from .npz and .npy: scaled, split, checked, never unpickled."""

import numpy as np
import pytest

from pellucid.data import from_arrays, load
from pellucid.errors import DataError, UnknownNameError

draw = np.random.default_rng(0)
X = draw.normal(3, 2, (30, 4))
Y = np.arange(30) % 3


def save(folder, **arrays):
    np.savez(folder / "set.npz", **arrays)
    return folder / "set.npz"


def test_x_and_y(tmp_path):
    data = load(save(tmp_path, x=X, y=Y))
    assert (data.name, data.task, data.class_names) == ("set", "classification", ("0", "1", "2"))
    assert (len(data.train), len(data.test)) == (24, 6)
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(data.train.x.std(axis=0), 1, atol=1e-5)
    assert load(save(tmp_path, X=X, Y=Y), validation=0.25).validation is not None


def test_parts_of_their_own(tmp_path):
    path = save(
        tmp_path, x_train=X, y_train=Y, x_test=X[:5], y_test=Y[:5], x_val=X[:2], y_val=Y[:2]
    )
    data = load(path, scale="none")
    assert {name: len(part) for name, part in data.parts().items()} == {
        "train": 30,
        "validation": 2,
        "test": 5,
    }
    np.testing.assert_array_equal(data.test.x, X[:5].astype(np.float32))
    assert data.test.y.tolist() == Y[:5].tolist()


def test_labels_need_not_start_at_zero(tmp_path):
    data = load(save(tmp_path, x=X, y=np.array([-1, 10, 9])[Y]), test_fraction=0)
    assert data.class_names == ("-1", "9", "10")
    assert data.train.y.tolist() == np.array([0, 2, 1])[Y].tolist()


def test_labels_of_text_floats_columns_and_bools(tmp_path):
    text = load(save(tmp_path, x=X, y=np.array(["b", "a", "c"])[Y]), test_fraction=0)
    assert text.class_names == ("a", "b", "c")
    assert text.train.y[:3].tolist() == [1, 0, 2]
    column = load(save(tmp_path, x=X, y=Y[:, None].astype(float)), test_fraction=0)
    assert column.class_names == ("0", "1", "2")
    assert column.train.y.tolist() == Y.tolist()
    assert load(save(tmp_path, x=X, y=Y == 1)).class_names == ("False", "True")


def test_names_in_the_file(tmp_path):
    data = load(save(tmp_path, x=X, y=Y, class_names=["p", "q", "r"], feature_names=list("abcd")))
    assert data.class_names == ("p", "q", "r")
    assert data.feature_names == ("a", "b", "c", "d")


def test_regression(tmp_path):
    y = draw.normal(5, 3, (30, 2))
    data = load(save(tmp_path, x=X, y=y), test_fraction=0)
    assert (data.task, data.num_outputs) == ("regression", 2)
    np.testing.assert_allclose(data.train.y, (y - y.mean(0)) / y.std(0), rtol=1e-4, atol=1e-6)
    assert load(save(tmp_path, x=X, y=Y), task="regression").train.y.shape == (24, 1)


def test_bytes_are_scaled_to_one(tmp_path):
    x = draw.integers(0, 256, (30, 1, 2, 2), np.uint8)
    data = load(save(tmp_path, x=x, y=Y), test_fraction=0)
    np.testing.assert_array_equal(data.train.x, x.astype(np.float32) / np.float32(255))
    assert load(save(tmp_path, x=x, y=Y), flat=True).input_shape == (4,)


def test_a_matrix(tmp_path):
    path = tmp_path / "m.npy"
    np.save(path, np.column_stack([X, Y]))
    data = load(path, test_fraction=0, scale="none")
    np.testing.assert_array_equal(data.train.x, X.astype(np.float32))
    assert data.train.y.tolist() == Y.tolist()
    assert load(path, target=0).task == "regression"
    with pytest.raises(DataError, match=r"no column 5: 'm.npy' has 5 columns"):
        load(path, target=5)
    np.save(path, X[0])
    with pytest.raises(DataError, match=r"has shape \(4,\); expected a matrix"):
        load(path)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"a": X, "b": Y}, ["lacks 'x', 'y'", "found a, b", "x_train"]),
        ({}, ["found nothing"]),
        ({"x_train": X, "y_train": Y, "x_test": X}, ["lacks 'y_test'"]),
        ({"x": X, "y": Y[:9]}, ["train part", "(30, 4)", "(9,)", "one target per sample"]),
        ({"x": X[:0], "y": Y[:0]}, ["has no samples"]),
        ({"x": X, "y": Y * 0}, ["every training target is 0"]),
        ({"x": np.where(X > 6, np.nan, X), "y": Y}, ["x of the train part", "NaN or infinite"]),
        ({"x": X, "y": np.where(Y == 1, np.inf, Y)}, ["y of the train part", "sample 1"]),
        (
            {"x": X, "y": Y, "class_names": ["p", "q"]},
            ["sample 2", "label 2", "2 classes", "0 … 1"],
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:3], "y_test": [0, 7, 1]},
            ["test part of 'set'", "sample 1", "'7' is not one of the classes"],
        ),
        ({"x": X, "y": np.zeros((30, 2), "U1")}, ["every training target"]),
        ({"x": X.astype("U8"), "y": Y}, ["dtype <U8", "expected numbers"]),
        ({"x": X, "y": Y + 1j}, ["dtype complex128", "numbers or text"]),
    ],
)
def test_files_that_do_not_fit(tmp_path, arrays, words):
    with pytest.raises(DataError) as caught:
        load(save(tmp_path, **arrays), test_fraction=0)
    for word in words:
        assert word in str(caught.value)


def test_pickles_are_not_loaded(tmp_path):
    objects = np.array([{}, []], object)
    np.save(tmp_path / "p.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "p.npz", x=objects, y=objects)
    for name in ("p.npy", "p.npz"):
        with pytest.raises(DataError, match=f"'{name}' holds pickled Python objects"):
            load(tmp_path / name)


@pytest.mark.parametrize("name", ["d.npz", "d.npy"])
def test_damaged_files(tmp_path, name):
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    np.save(tmp_path / "d.npy", X)
    whole = (tmp_path / name).read_bytes()
    for damaged in (b"", b"text", whole[:60], whole[: len(whole) // 2]):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(DataError, match=f"'{name}' is damaged or not a NumPy file"):
            load(tmp_path / name)


def test_flipped_bits_are_found(tmp_path):
    path = save(tmp_path, x=X, y=Y)
    data = bytearray(path.read_bytes())
    data[400] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        load(path)


def test_wrong_names_and_tasks():
    with pytest.raises(UnknownNameError, match="did you mean 'standard'"):
        from_arrays("set", (X, Y), scale="standart")
    with pytest.raises(UnknownNameError, match="unknown task"):
        from_arrays("set", (X, Y), task="clustering")
    with pytest.raises(DataError, match="text, which regression cannot"):
        from_arrays("set", (X, np.array(["a", "b", "c"])[Y]), task="regression")
    with pytest.raises(DataError, match=r"y has shape \(30, 2\); expected one label"):
        from_arrays("set", (X, np.stack([Y, Y], 1)), task="classification")


def test_lists_are_arrays_too():
    dataset = from_arrays("mine", ([[1.0, 2.0], [3.0, 5.0]], ["no", "yes"]))
    assert dataset.class_names == ("no", "yes")
    assert dataset.train.x.shape == (2, 2)


def test_a_missing_name_is_told_from_a_pair():
    with pytest.raises(DataError, match=r"from_arrays\('a name', \(x, y\)\)"):
        from_arrays(np.ones((4, 2)), np.ones(4))
