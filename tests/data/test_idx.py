"""The idx format, written here byte by byte."""

import gzip
import struct

import numpy as np
import pytest

from pellucid.data import read_idx
from pellucid.errors import DataError

HEADER = b"\0\0\x08\x02" + struct.pack(">II", 2, 3)


@pytest.mark.parametrize(
    ("code", "dtype"),
    [(8, ">u1"), (9, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_type(tmp_path, code, dtype, packed):
    values = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    data = bytes([0, 0, code, 2]) + struct.pack(">II", 2, 3) + values.tobytes()
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    read = read_idx(path)
    assert read.dtype == values.dtype.newbyteorder("=")
    assert np.array_equal(read, values)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["not an idx file", "starts with nothing"]),
        (b"PK\x03\x04", ["not an idx file", "50 4b 03 04"]),
        (b"\0\0\x0a\x01\0\0\0\0", ["not an idx file", "00 00 0a 01"]),
        (b"\0\0\x08\x00", ["not an idx file"]),
        (HEADER[:7], ["truncated within its header of 12 bytes"]),
        (HEADER + b"12345", ["truncated", "2 × 3", "6 bytes, but 5"]),
        (HEADER + b"1234567", ["longer than it says", "6 bytes, but 7"]),
        (gzip.compress(HEADER + b"123456" * 50, mtime=0)[:-9], ["damaged or truncated gzip"]),
        (b"\x1f\x8b\x08\0garbage garbage", ["damaged or truncated gzip"]),
    ],
)
def test_damaged_files(tmp_path, data, words):
    path = tmp_path / "images.gz"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    assert all(word in str(caught.value) for word in ["images.gz", *words])


def test_no_such_file(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        read_idx(tmp_path / "absent")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path)
