"""``pellucid datasets``."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from pellucid.cli.options import command_of
from pellucid.cli.screen import Screen

if TYPE_CHECKING:
    from pellucid.data import Source

__all__ = ["datasets"]

_TASKS = {"regression": " (regression)", "language": " (running text)"}
_WIDE = 150  # from this width on there is room for where the data come from


@command_of(examples="pellucid datasets\npellucid datasets --json\npellucid train iris")
def datasets(json: bool) -> None:
    """List the data sets that have a name, and whether they are at hand."""
    from pellucid.data import DATASETS

    screen = Screen(json=json)
    here = {name: _available(source) for name, source in DATASETS.items()}
    if json:
        screen.result(
            [
                {
                    "name": source.name,
                    "task": source.task,
                    "size": source.size,
                    "description": source.description,
                    "origin": source.origin,
                    "licence": source.licence,
                    "available": not here[source.name],
                    "needs": here[source.name] or None,
                }
                for source in DATASETS.values()
            ]
        )
        return
    wide = screen.width >= _WIDE
    screen.table(
        ("name", "what it is", "rows × features", "here", *(("from", "licence") if wide else ())),
        (
            (
                source.name,
                f"{source.description}{_TASKS.get(source.task, '')}",
                source.size,
                here[source.name] or "yes",
                *((source.origin, source.licence) if wide else ()),
            )
            for source in DATASETS.values()
        ),
    )
    screen.say()
    screen.say("Besides these: your own .csv, .tsv, .txt, .npz or .npy file (a table, texts with")
    screen.say("classes, a series in time, running text), or a folder of images with one")
    screen.say("sub-folder for each class.")
    screen.say()
    screen.say("  pellucid train digits")
    screen.say("  pellucid train FILE.csv --target COLUMN")
    screen.say("  pellucid train FILE.txt --model gpt")


def _available(source: Source) -> str:
    """Return what is needed before a data set can be loaded; nothing if it is at hand."""
    if source.extra == "sklearn" and importlib.util.find_spec("sklearn") is None:
        return "pip install 'pellucid[sklearn]'"
    if not source.download:
        return ""
    from pellucid.data import cache_dir
    from pellucid.data.mnist import IdxSource

    loader = source.loader
    if isinstance(loader, IdxSource):
        found = (loader.find(file) or cache_dir() / source.name / file for file in loader.files)
        if all(path.is_file() for path in found):
            return ""
    from pellucid.data.named import FILES

    file = FILES.get(source.name)
    return "" if file is not None and file.found() is not None else "downloads"
