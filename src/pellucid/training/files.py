"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path
from typing import Any

from pellucid.errors import CheckpointError

__all__ = ["Pathlike", "describe_os_error", "read_json", "write_atomically", "write_json"]

Pathlike = str | os.PathLike[str]

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "no such file or folder",
    errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
}


def write_atomically(path: Pathlike, data: bytes | bytearray) -> None:
    """Write a file so that, whatever happens, either the old or the new content is there.

    The data go to a temporary file in the same folder, are forced to the disk, and take the place
    of the old file in one step. The temporary file has a fixed name, so that one that a killed
    process left behind is written over and not left for ever.

    Raises
    ------
    CheckpointError
        If the file cannot be written. The old one, if any, is as it was, and nothing else is left.
    """
    target = Path(path)
    if not target.name:
        raise CheckpointError(f"'{os.fspath(path)}' does not name a file to write")
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise CheckpointError(f"cannot write '{target}': it is a device, not a file")
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            _write_and_sync(temporary, data)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell about
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        kept = "; the file that was there is unchanged" if target.is_file() else ""
        raise CheckpointError(
            f"cannot write '{target}': {describe_os_error(error)}{kept}"
        ) from error


def _write_and_sync(path: Path, data: bytes | bytearray) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Force the new name itself to the disk, where folders can be opened (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would translate line ends otherwise


def describe_os_error(error: OSError) -> str:
    """Return the reason of an operating system's error in plain words."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def write_json(path: Pathlike, values: Any) -> None:
    """Write plain values as indented JSON, atomically."""
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())


def read_json(path: Pathlike) -> Any:
    """Read plain values from a JSON file.

    Raises
    ------
    CheckpointError
        If it cannot be read or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"cannot read '{path}': {describe_os_error(error)}") from error
    except ValueError as error:  # also undecodable text
        raise CheckpointError(f"'{path}' is damaged or not JSON: {error}") from error
