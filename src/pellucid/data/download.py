"""Download a file once: resumed where it stopped, checked, and put in place whole."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pellucid.data.progress import Progress, Report, reporting
from pellucid.errors import DataError

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["cache_dir", "checksum", "fetch"]

_CHUNK = 1 << 16


def cache_dir() -> Path:
    """Return the folder for downloads: ``$PELLUCID_CACHE``, or the user's cache folder."""
    if chosen := os.environ.get("PELLUCID_CACHE"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "pellucid"


def fetch(
    urls: Sequence[str],
    path: Path,
    *,
    md5: str = "",
    sha256: str = "",
    progress: Progress = "auto",
    timeout: float = 30.0,
) -> Path:
    """Download a file unless it is there, from the first mirror that works.

    What arrives goes to ``path`` + ".part". A download that broke off is continued from there
    (HTTP Range), from whichever mirror answers; the file takes its name only after its checksum
    was found right.

    Parameters
    ----------
    urls : sequence of str
        Where the file is to be had, tried in this order.
    path : Path
        Where it goes.
    md5, sha256 : str
        The published checksum in hexadecimal digits, one of the two.
    progress : "auto", bool or callable
        How to show the progress; a function is called with the bytes there are and those in all.
    timeout : float
        Seconds to wait for an answer.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    DataError
        If no mirror works (each with its reason: not found, wrong checksum, interrupted, not
        reachable), or the file cannot be written.
    """
    if path.exists():
        return path
    expected = ("sha256", sha256) if sha256 else ("md5", md5)
    part = path.with_name(path.name + ".part")
    failures = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for url in urls:
            with reporting(path.name, progress) as report:
                failure = _try(url, part, expected, report, timeout)
            if failure is None:
                part.replace(path)
                return path
            failures.append(f"{url}: {failure}")
    except OSError as error:
        raise _not_written(path, error) from error
    kept = ""
    if part.exists() and part.stat().st_size:
        kept = f"\nThe {part.stat().st_size:,} bytes that came are kept; try again to go on."
    raise DataError(
        f"'{path.name}' could not be downloaded:\n  "
        + "\n  ".join(failures)
        + f"{kept}\nOr put the file into {path.parent} yourself."
    )


def _try(
    url: str, part: Path, expected: tuple[str, str], report: Report, timeout: float
) -> str | None:
    """Download from one mirror; return why it failed, or None.

    A wrong checksum after a continued download is tried once more from the start: what was there
    before may have been the damaged half.
    """
    while True:
        start = part.stat().st_size if part.exists() else 0
        failure, continued = _transfer(url, part, start, report, timeout)
        if failure is not None:
            return failure
        kind, published = expected
        found = checksum(part, kind)
        if found == published:
            return None
        part.unlink()
        if not continued:
            return f"wrong checksum: the file has {kind} {found}, published is {published}"


def _transfer(
    url: str, part: Path, start: int, report: Report, timeout: float
) -> tuple[str | None, bool]:
    """Append to `part` what is missing; return why that failed, and whether it was continued."""
    import http.client
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "pellucid"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and start:  # nothing follows: it is whole, or another file
                return None, True
            meaning = "not found" if error.code == 404 else error.reason
            return f"{meaning} (HTTP {error.code})", False
    except (http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return f"not reachable ({reason}); is this machine online?", False
    with response:
        continued = start > 0 and _continues(response, start)
        with part.open("ab" if continued else "wb") as file:
            return _copy(response, file, start if continued else 0, report), continued


def _copy(response: HTTPResponse, file: BinaryIO, done: int, report: Report) -> str | None:
    """Copy the answer's body; return why it ended early, or None."""
    import http.client

    length = response.headers.get("Content-Length")
    total = done + int(length) if length is not None else None
    report(done, total)
    while True:
        # Only reading is guarded: a full disk is no fault of the mirror, and ends it all.
        try:
            chunk = response.read(_CHUNK)
        except (http.client.HTTPException, OSError) as error:
            return f"interrupted after {done:,} bytes ({error})"
        if not chunk:
            break
        file.write(chunk)
        done += len(chunk)
        report(done, total)
    if total is not None and done < total:
        return f"interrupted after {done:,} of {total:,} bytes"
    return None


def _continues(response: HTTPResponse, start: int) -> bool:
    """Tell whether the answer starts where the file so far ends (not all servers know ranges)."""
    content = response.headers.get("Content-Range") or ""
    return response.status == 206 and content.startswith(f"bytes {start}-")


def checksum(path: Path, kind: str = "sha256") -> str:
    """Return the checksum of a file, "md5" or "sha256", in hexadecimal digits."""
    import hashlib

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False))
        return digest.hexdigest()


def _not_written(path: Path, error: OSError) -> DataError:
    reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
    return DataError(f"'{path}' cannot be written: {reason}; PELLUCID_CACHE chooses another folder")
