"""Checkpoints: arrays and plain values in one file that proves that it is whole.

The file is an ordinary safetensors file. Its metadata hold the plain values as JSON and a SHA-256
of the whole file, taken with zeros in the place of the hash itself; so no byte anywhere in the
file, header and padding included, can change unnoticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes
from safetensors.numpy import save as arrays_to_bytes

from pellucid.dtypes import Array
from pellucid.errors import CheckpointError
from pellucid.training.files import Pathlike, describe_os_error, write_atomically

__all__ = ["check_arrays", "load_checkpoint", "save_checkpoint"]

_FORMAT = "pellucid-1"
_ZEROS = b"0" * 64
_KEY = b'"sha256":"'
_LENGTH = 8  # the header's length comes first: 8 bytes, little-endian


def save_checkpoint(
    path: Pathlike, arrays: Mapping[str, Array], values: Mapping[str, Any] | None = None
) -> None:
    """Write named arrays and plain values to one file, whole or not at all.

    Parameters
    ----------
    path : path
        Where to; missing folders are made, an old file is replaced in one step.
    arrays : mapping of str to ndarray
        Arrays of any shape (also 0-d and empty) of floats, integers or booleans.
    values : mapping, optional
        Anything that JSON can hold. Floats come back with the same bits, NaN and infinity too.

    Raises
    ------
    CheckpointError
        If an array or a value cannot be stored, or the file cannot be written; an old file is
        unchanged then.

    Examples
    --------
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "checkpoint.safetensors")
    >>> save_checkpoint(path, {"weight": np.eye(2)}, {"epoch": 3})
    >>> arrays, values = load_checkpoint(path)
    >>> arrays["weight"].dtype, values
    (dtype('float64'), {'epoch': 3})
    """
    try:
        text = json.dumps(dict(values or {}), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the values cannot be stored as JSON: {error}") from error
    plain = {name: _storable(name, array) for name, array in arrays.items()}
    metadata = {"format": _FORMAT, "sha256": _ZEROS.decode(), "values": text}
    content = _in_order(arrays_to_bytes(plain, metadata))
    place = _hash_place(content)
    content[place : place + len(_ZEROS)] = hashlib.sha256(content).hexdigest().encode()
    write_atomically(path, content)


def load_checkpoint(path: Pathlike) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read what :func:`save_checkpoint` wrote.

    Returns
    -------
    arrays : dict of str to ndarray
        Each with the shape, dtype and bits that it was saved with.
    values : dict
        The plain values.

    Raises
    ------
    CheckpointError
        If the file is missing, unreadable, not a checkpoint, cut short, or changed in any byte.
    """
    try:
        content = bytearray(Path(path).read_bytes())
    except OSError as error:
        raise CheckpointError(
            f"cannot read the checkpoint '{path}': {describe_os_error(error)}"
        ) from error
    place = _hash_place(content, path)
    expected = bytes(content[place : place + len(_ZEROS)])
    content[place : place + len(_ZEROS)] = _ZEROS
    if hashlib.sha256(content).hexdigest().encode() != expected:
        raise CheckpointError(
            f"the checkpoint '{path}' is damaged: its content does not match its SHA-256 "
            "(it was cut short, or bytes were changed); use an older one or train again"
        )
    header = _header(content)
    try:
        metadata = json.loads(header)["__metadata__"]
        values = json.loads(metadata["values"])
        arrays = arrays_from_bytes(bytes(content))
    except (ValueError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"'{path}' is not a checkpoint of this format: {error}") from error
    if metadata.get("format") != _FORMAT:
        raise CheckpointError(
            f"the checkpoint '{path}' has the format '{metadata.get('format')}', this version of "
            f"Pellucid reads '{_FORMAT}'"
        )
    return arrays, values


def check_arrays(found: Mapping[str, Array], expected: Mapping[str, Array], source: str) -> None:
    """Compare the arrays of a file with those of a network, by name, shape and dtype.

    Raises
    ------
    CheckpointError
        Naming what is missing, what is too much, and which shapes or dtypes differ.
    """
    problems = []
    if missing := [name for name in expected if name not in found]:
        problems.append(f"it lacks {_listed(missing)}")
    if unexpected := [name for name in found if name not in expected]:
        problems.append(f"it has {_listed(unexpected)}, which the network lacks")
    for name, array in expected.items():
        other = found.get(name)
        if other is None:
            continue
        if other.shape != array.shape:
            problems.append(f"'{name}' is {other.shape} in it and {array.shape} in the network")
        elif other.dtype != array.dtype:
            problems.append(f"'{name}' is {other.dtype} in it and {array.dtype} in the network")
    if problems:
        more = f" (and {len(problems) - 4} more differences)" if len(problems) > 4 else ""
        raise CheckpointError(
            f"{source} is of another architecture: {'; '.join(problems[:4])}{more}"
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def _storable(name: str, array: Array) -> Array:
    """Return the array as the file holds it: contiguous, in the byte order of the machine."""
    array = np.asarray(array)
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise CheckpointError(f"'{name}' has dtype {array.dtype}; only numbers can be stored")
    # np.ascontiguousarray would turn a 0-d array into one of shape (1,)
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")


def _in_order(content: bytes) -> bytearray:
    """Return the file with its metadata in order, so that equal checkpoints are equal files.

    safetensors writes them in an order that differs from call to call.
    """
    length = int.from_bytes(content[:_LENGTH], "little")
    header = json.loads(content[_LENGTH : _LENGTH + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH)  # the arrays stay aligned
    start = len(text).to_bytes(_LENGTH, "little")
    return bytearray(start + text + content[_LENGTH + length :])


def _header(content: bytearray) -> bytes:
    length = int.from_bytes(content[:_LENGTH], "little")
    return bytes(content[_LENGTH : _LENGTH + length])


def _hash_place(content: bytearray, path: Pathlike = "") -> int:
    """Return where the hash stands in the file.

    Quotes inside the JSON values are escaped, so the key cannot occur a second time.
    """
    if len(content) < _LENGTH:
        raise CheckpointError(f"the checkpoint '{path}' is cut short: {len(content)} bytes")
    header = _header(content)
    place = header.find(_KEY)
    if place < 0 or place + len(_KEY) + len(_ZEROS) > len(header):
        raise CheckpointError(
            f"'{path}' is not a checkpoint of Pellucid, or its first bytes are damaged: "
            "there is no SHA-256 in its header"
        )
    return _LENGTH + place + len(_KEY)
