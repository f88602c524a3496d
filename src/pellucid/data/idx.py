"""The idx file format of MNIST: a magic number, the dimensions, the numbers."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np

from pellucid.data.csv_file import read_bytes
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["read_idx"]

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path | str) -> Array:
    """Read an idx file, gzipped or not.

    Two zero bytes, a byte for the type, a byte for the number of dimensions, each dimension as a
    big-endian 32-bit number, then the numbers in C order, big-endian
    (Y. LeCun, C. Cortes, C. Burges, "The MNIST database", 1998).

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    ndarray
        Of the file's shape and type, in the machine's byte order.

    Raises
    ------
    DataError
        If the file is not in this format, is truncated, or has more data than its header says.
    """
    path = Path(path)
    data = read_bytes(path)
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in _DTYPES or not data[3]:
        raise DataError(
            f"'{path.name}' is not an idx file: it starts with {data[:4].hex(' ') or 'nothing'}, "
            "expected 00 00, a type (08 … 0e) and the number of dimensions"
        )
    dtype, dimensions = np.dtype(_DTYPES[data[2]]), data[3]
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise DataError(f"'{path.name}' is truncated within its header of {start} bytes")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    expected = math.prod(shape) * dtype.itemsize
    if len(data) - start != expected:
        problem = "truncated" if len(data) - start < expected else "longer than it says"
        raise DataError(
            f"'{path.name}' is {problem}: its header says {' × '.join(map(str, shape))} "
            f"{dtype.name} values, {expected:,} bytes, but {len(data) - start:,} follow"
        )
    array = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)
