"""Files of data sets that have a name: found on disk, else downloaded once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pellucid.data.download import cache_dir, fetch
from pellucid.data.progress import Progress
from pellucid.errors import DataError

__all__ = ["RemoteFile", "find_file"]


def find_file(folders: tuple[str, ...], names: tuple[str, ...]) -> Path | None:
    """Return the first of some files that lies in one of the folders under ``PELLUCID_DATA``."""
    root = os.environ.get("PELLUCID_DATA")
    if not root:
        return None
    places = (Path(root).expanduser() / folder / name for folder in folders for name in names)
    return next((place for place in places if place.is_file()), None)


@dataclass(frozen=True)
class RemoteFile:
    """A file, or an archive, and where it is to be had.

    Parameters
    ----------
    folder : str
        Where it is kept in the cache.
    name : str
        What it is called there.
    urls : tuple of str
        Where it is to be downloaded; none if it has no lasting address.
    sha256 : str
        The checksum of what is downloaded.
    folders, names : tuple of str
        Where it may lie under ``PELLUCID_DATA``, and what it may be called there.
    hint : str
        Where to get it by hand.
    """

    folder: str
    name: str
    urls: tuple[str, ...]
    sha256: str
    folders: tuple[str, ...]
    names: tuple[str, ...]
    hint: str = ""

    def found(self) -> Path | None:
        """Return where the file lies on this machine, or None."""
        kept = cache_dir() / self.folder / self.name
        return find_file(self.folders, self.names) or (kept if kept.is_file() else None)

    def path(self, progress: Progress = "auto") -> Path:
        """Return where the file lies, after downloading it if need be.

        Raises
        ------
        DataError
            If it is neither on disk nor to be downloaded.
        """
        if found := self.found():
            return found
        kept = cache_dir() / self.folder / self.name
        if not self.urls:
            raise DataError(
                f"'{self.names[0]}' is not on this machine and has no lasting address to download "
                f"it from; {self.hint}, and put it into {kept.parent} as {self.name}, or into the "
                f"folder {self.folders[0]} under the one that PELLUCID_DATA names"
            )
        return fetch(self.urls, kept, sha256=self.sha256, progress=progress)
