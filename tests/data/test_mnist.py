"""MNIST and its like: found on disk or downloaded, checked, prepared."""

import gzip
import hashlib
import struct
from dataclasses import replace

import numpy as np
import pytest

from pellucid.data import DATASETS, load
from pellucid.data.mnist import FASHION_MNIST, MNIST, IdxSource
from pellucid.errors import DataError

TRAIN, TEST = 40, 20


def idx(array: np.ndarray) -> bytes:
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.tobytes()


def arrays() -> list[np.ndarray]:
    draw = np.random.default_rng(0)
    return [
        array
        for count in (TRAIN, TEST)
        for array in (
            draw.integers(0, 256, (count, 28, 28), np.uint8),
            (np.arange(count) % 10).astype(np.uint8),
        )
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Four small files under PELLUCID_DATA, for both sets."""
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    for name in ("mnist", "fashion_mnist"):
        (tmp_path / name).mkdir()
        for file, array in zip(MNIST.files, arrays(), strict=True):
            (tmp_path / name / file).write_bytes(gzip.compress(idx(array)))
    return tmp_path


@pytest.mark.parametrize(
    "name", [n for n, s in DATASETS.items() if isinstance(s.loader, IdxSource)]
)
def test_found_on_disk(folder, name):
    train_images, train_labels, test_images, test_labels = arrays()
    data = load(name)
    assert data.image_shape == (1, 28, 28)
    assert data.num_classes == 10
    assert data.train.x.shape == (TRAIN, 784)
    assert data.train.y.tolist() == train_labels.tolist()
    assert data.test.y.tolist() == test_labels.tolist()
    mean, deviation = train_images.mean(), train_images.std()
    np.testing.assert_allclose(
        data.test.x, (test_images.reshape(TEST, 784) - mean) / deviation, atol=1e-5
    )
    unit = load(name, scale="unit", flat=False, validation=0.25)
    assert unit.input_shape == (1, 28, 28)
    assert (len(unit.train), len(unit.validation)) == (30, 10)
    np.testing.assert_array_equal(
        unit.test.x[:, 0], test_images.astype(np.float32) / np.float32(255)
    )


def test_unpacked_files_do_as_well(folder):
    for file in MNIST.files:
        packed = folder / "mnist" / file
        (folder / "mnist" / file.removesuffix(".gz")).write_bytes(
            gzip.decompress(packed.read_bytes())
        )
        packed.unlink()
    assert len(load("mnist").train) == TRAIN


def test_files_that_do_not_belong_together(folder):
    labels = folder / "mnist" / MNIST.files[1]
    labels.write_bytes(idx(np.zeros(7, np.uint8)))
    with pytest.raises(DataError, match=r"labels of shape \(7,\) for 40 images"):
        load("mnist")
    labels.write_bytes(idx(np.full(TRAIN, 11, np.uint8)))
    with pytest.raises(DataError, match="teaches nothing"):
        load("mnist")
    labels.write_bytes(idx(np.arange(TRAIN, dtype=np.uint8)))
    with pytest.raises(DataError, match=r"train part .* label 10, which is out of range"):
        load("mnist")
    (folder / "mnist" / MNIST.files[0]).write_bytes(idx(np.zeros(4, np.uint8)))
    with pytest.raises(DataError, match="not images of bytes"):
        load("mnist")


def test_downloaded_once_into_the_cache(folder, server, monkeypatch):
    monkeypatch.delenv("PELLUCID_DATA")
    packed = {f: (folder / "mnist" / f).read_bytes() for f in MNIST.files}
    server.files.update({f"/{name}": data for name, data in packed.items()})
    source = replace(
        MNIST, mirrors=(), md5=tuple(hashlib.md5(data).hexdigest() for data in packed.values())
    )
    data = source(mirrors=[server.url], progress=False)
    assert len(data.train) == TRAIN
    assert sorted(p.name for p in (folder / "cache" / "mnist").iterdir()) == sorted(MNIST.files)
    requests = len(server.requests)
    assert requests == 4
    source(mirrors=[server.url])
    assert len(server.requests) == requests


def test_published_facts():
    for source in (MNIST, FASHION_MNIST):
        assert all(len(md5) == 32 for md5 in source.md5)
        assert len(set(source.md5)) == len(source.files) == 4
        assert all(mirror.endswith("/") for mirror in source.mirrors)
        assert len(source.class_names) == 10


@pytest.mark.data
def test_the_real_digits(data_dir, monkeypatch):
    if not (data_dir / "mnist").is_dir():
        pytest.skip("no mnist folder there")
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    data = load("mnist")
    assert (data.train.x.shape, data.test.x.shape) == ((60000, 784), (10000, 784))
    # The label counts that the authors publish, and torchvision's well-known mean and deviation.
    assert np.bincount(data.train.y).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert data.preparation.center[0] / 255 == pytest.approx(0.1307, abs=1e-4)
    assert data.preparation.scale[0] / 255 == pytest.approx(0.3081, abs=1e-4)
