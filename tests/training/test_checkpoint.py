"""Checkpoints: every bit comes back, and no damage goes unnoticed."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from safetensors.numpy import load_file, save_file

from pellucid.errors import CheckpointError
from pellucid.training.checkpoint import check_arrays, load_checkpoint, save_checkpoint

DTYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64"]
DTYPES += ["uint8", "uint16", "uint32", "uint64", "bool"]


def names(folder):
    return [path.name for path in folder.iterdir()]


@given(
    array=st.sampled_from(DTYPES).flatmap(
        lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0))
    )
)
@settings(max_examples=60, deadline=None)
def test_every_bit_of_every_dtype_and_shape_comes_back(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("c") / "checkpoint.safetensors"
    save_checkpoint(path, {"a": array, "b": np.ones(3)})
    found = load_checkpoint(path)[0]["a"]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (3,), (2, 3)])
def test_zero_dimensional_and_empty_arrays(tmp_path, dtype, shape):
    array = np.ones(shape, dtype)
    save_checkpoint(tmp_path / "c", {"a": array})
    found = load_checkpoint(tmp_path / "c")[0]["a"]
    assert (found.shape, found.dtype) == (shape, np.dtype(dtype))
    np.testing.assert_array_equal(found, array)


def test_views_transposes_and_foreign_byte_order(tmp_path):
    base = np.arange(12.0).reshape(3, 4)
    arrays = {"t": base.T, "step": base[:, ::2], "big": base.astype(">f8")}
    save_checkpoint(tmp_path / "c", arrays)
    found = load_checkpoint(tmp_path / "c")[0]
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_values_keep_their_bits(tmp_path):
    values = {
        "float": 0.1 + 0.2,
        "big": 2**127 + 1,
        "special": [math.inf, -math.inf],
        "text": 'a "sha256":"quoted" größe',
        "nested": {"none": None, "list": [1, [2.5]]},
    }
    save_checkpoint(tmp_path / "c", {}, values)
    assert load_checkpoint(tmp_path / "c") == ({}, values)
    save_checkpoint(tmp_path / "c", {}, {"nan": math.nan})
    assert math.isnan(load_checkpoint(tmp_path / "c")[1]["nan"])


def test_it_is_an_ordinary_safetensors_file(tmp_path):
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    save_checkpoint(tmp_path / "c.safetensors", {"weight": weight}, {"epoch": 1})
    np.testing.assert_array_equal(load_file(tmp_path / "c.safetensors")["weight"], weight)


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    arrays = {"w": np.arange(4, dtype=np.float32), "n": np.array(7), "b": np.array([True])}
    save_checkpoint(path, arrays, {"epoch": 3, "text": "a"})
    return path


def test_every_flipped_byte_is_noticed(small):
    """Header length, header, padding, metadata, the hash itself, data: every single byte."""
    whole = small.read_bytes()
    for position in range(len(whole)):
        for mask in (0x01, 0x20, 0x80):
            damaged = bytearray(whole)
            damaged[position] ^= mask
            small.write_bytes(damaged)
            with pytest.raises(CheckpointError):
                load_checkpoint(small)


def test_every_truncation_and_every_extension_is_noticed(small):
    whole = small.read_bytes()
    for length in range(len(whole)):
        small.write_bytes(whole[:length])
        with pytest.raises(CheckpointError):
            load_checkpoint(small)
    small.write_bytes(whole + b"\x00")
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(small)


def test_files_of_others_are_refused_by_name(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"w": np.ones(2)}, path)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors.*not a checkpoint"):
        load_checkpoint(path)
    path.write_bytes(b"PK\x03\x04 this is a zip file or so, of more than eight bytes")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        load_checkpoint(path)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="cut short"):
        load_checkpoint(path)


def test_another_format_version_is_named(small, monkeypatch):
    from pellucid.training import checkpoint

    monkeypatch.setattr(checkpoint, "_FORMAT", "pellucid-9")
    save_checkpoint(small, {}, {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="pellucid-9"):
        load_checkpoint(small)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(CheckpointError, match="no such file"):
        load_checkpoint(tmp_path / "none")
    with pytest.raises(CheckpointError, match="folder"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "array", [np.array(["text"]), np.array([1j]), np.array([None]), np.ones(2, np.longdouble)]
)
def test_what_cannot_be_stored_is_refused_before_writing(small, array):
    whole = small.read_bytes()
    with pytest.raises(CheckpointError, match="only numbers"):
        save_checkpoint(small, {"a": array})
    with pytest.raises(CheckpointError, match="JSON"):
        save_checkpoint(small, {}, {"a": object()})
    assert small.read_bytes() == whole
    assert names(small.parent) == [small.name]


def test_comparison_with_an_architecture_names_each_difference():
    net = {"0.weight": np.ones((2, 3)), "0.bias": np.ones(3), "1.weight": np.ones(3, np.float32)}
    check_arrays(dict(net), net, "it")
    with pytest.raises(CheckpointError, match=r"lacks '0\.bias'"):
        check_arrays({k: v for k, v in net.items() if k != "0.bias"}, net, "it")
    with pytest.raises(CheckpointError, match=r"has '2\.weight', which the network lacks"):
        check_arrays({**net, "2.weight": np.ones(1)}, net, "it")
    with pytest.raises(CheckpointError, match=r"'0\.weight' is \(3, 2\) in it and \(2, 3\)"):
        check_arrays({**net, "0.weight": np.ones((3, 2))}, net, "it")
    with pytest.raises(CheckpointError, match=r"'1\.weight' is float64 in it and float32"):
        check_arrays({**net, "1.weight": np.ones(3)}, net, "it")


def test_the_header_is_readable_json(small):
    content = small.read_bytes()
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    assert json.loads(metadata["values"]) == {"epoch": 3, "text": "a"}


def test_equal_checkpoints_are_equal_files(tmp_path):
    contents = set()
    for i in range(20):  # the order of safetensors' own metadata differs from call to call
        save_checkpoint(tmp_path / f"{i}", {"b": np.eye(3), "a": np.ones(2)}, {"epoch": 3})
        contents.add((tmp_path / f"{i}").read_bytes())
    assert len(contents) == 1
