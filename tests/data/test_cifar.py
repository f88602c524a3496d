"""CIFAR-10: batches found on disk, in the archive, or as a subset."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from pellucid.data import cifar, load
from pellucid.errors import DataError

NAMES = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


def batch(seed: int, pictures: int = 20) -> bytes:
    """Labels in turn, and pixels of which the red ones are below 64 and the blue ones above 191."""
    draw = np.random.default_rng(seed)
    low = np.repeat([0, 64, 192], 1024)
    pixels = (low + draw.integers(0, 64, (pictures, 3072))).astype(np.uint8)
    labels = (np.arange(pictures) % 10).astype(np.uint8)
    return np.concatenate([labels[:, None], pixels], axis=1).tobytes()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "cifar-10-batches-bin"
    place.mkdir()
    for seed, name in enumerate(NAMES):
        (place / name).write_bytes(batch(seed))
    return tmp_path


def test_batches_on_disk(folder):
    data = load("cifar10", flat=False, scale="none")
    assert (data.input_shape, data.image_shape) == ((3, 32, 32), (3, 32, 32))
    assert (len(data.train), len(data.test), data.num_classes) == (100, 20, 10)
    assert data.class_names[0] == "airplane"
    assert data.train.y[:21].tolist() == [*range(10), *range(10), 0]
    raw = np.frombuffer(batch(1), np.uint8).reshape(20, 3073)  # the second batch
    assert np.array_equal(data.train.x[20:40].reshape(20, 3072), raw[:, 1:])
    assert data.test.x[:, 0].max() < 64 <= data.test.x[:, 1].min()
    assert data.test.x[:, 2].min() >= 192
    assert load("cifar10").train.x.shape == (100, 3072)
    assert abs(load("cifar10").train.x.mean()) < 1e-3


def test_the_subset_is_the_first_pictures(folder, monkeypatch):
    whole = load("cifar10", scale="none")
    part = load("cifar10-subset", scale="none")  # of these small batches: all of the first one
    assert np.array_equal(part.train.x, whole.train.x[:20])
    assert np.array_equal(part.test.x, whole.test.x)
    own = folder / "cifar10_subset"
    own.mkdir()
    (own / "lossless_train_first4000.bin.gz").write_bytes(gzip.compress(batch(8, 30)))
    (own / "lossless_test_first1000.bin.gz").write_bytes(gzip.compress(batch(9, 10)))
    data = load("cifar10-subset", validation=1 / 3)
    assert {name: len(p) for name, p in data.parts().items()} == {
        "train": 20,
        "validation": 10,
        "test": 10,
    }


def test_downloaded_archive(folder, server, monkeypatch):
    monkeypatch.delenv("PELLUCID_DATA")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for seed, name in enumerate(NAMES):
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(batch(seed))
            archive.addfile(info, io.BytesIO(batch(seed)))
    server.files["/c.tar.gz"] = packed.getvalue()
    here = replace(
        cifar.ARCHIVE,
        urls=(server.url + "c.tar.gz",),
        sha256=hashlib.sha256(packed.getvalue()).hexdigest(),
    )
    monkeypatch.setattr(cifar, "ARCHIVE", here)
    data = load("cifar10", progress=False)
    assert len(data.train) == 100
    assert len(load("cifar10-subset", progress=False).train) == 20
    assert len(server.requests) == 1
    kept = folder / "cache" / "cifar10" / "cifar-10-binary.tar.gz"
    kept.write_bytes(packed.getvalue()[:500])
    with pytest.raises(DataError, match="damaged archive"):
        load("cifar10")
    with tarfile.open(kept, "w:gz"):
        pass
    with pytest.raises(DataError, match=r"lacks data_batch_1.bin, .*not the binary version"):
        load("cifar10")


def test_damaged_batches():
    with pytest.raises(DataError, match=r"'b.bin' has 4,000 bytes, which are 1 pictures of 3,073"):
        cifar.read_cifar(bytes(4000), "b.bin")
    with pytest.raises(DataError, match=r"picture 1 .* has the label 77"):
        cifar.read_cifar(bytes(3073) + bytes([77]) + bytes(3072), "b.bin")


@pytest.mark.data
def test_the_real_subset(data_dir, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    if not (data_dir / "cifar10_subset").is_dir():
        pytest.skip("no cifar10_subset folder there")
    data = load("cifar10-subset", flat=False, scale="unit")
    assert data.train.x.shape == (4000, 3, 32, 32)
    assert data.test.x.shape == (1000, 3, 32, 32)
    # The first ten labels of data_batch_1 and of test_batch, which any other reader of them shows.
    assert data.train.y[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert data.test.y[:10].tolist() == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1]
    # Mean colours of the whole set are (0.491, 0.482, 0.447).
    np.testing.assert_allclose(data.train.x.mean((0, 2, 3)), [0.491, 0.482, 0.447], atol=0.01)
