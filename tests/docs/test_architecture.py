"""docs/architecture.md says that each floor imports only from those below it: so it must be."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "src" / "pellucid"
PAGE = PROJECT / "docs" / "architecture.md"


def floors() -> dict[str, int]:
    """Read the table of the page: name of a package or module to its floor."""
    rows = re.findall(r"^\| (\d) \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        name: int(number)
        for number, where in rows
        for name in re.findall(r"`(\w+)(?:/|\.py)`", where)
    }


FLOORS = floors()


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the part of pellucid that each import asks for, imports for types left out."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        names = []
        if isinstance(node, ast.ImportFrom) and node.module == "pellucid":
            names = [f"pellucid.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("pellucid."))


def test_every_part_has_a_floor() -> None:
    parts = {
        path.stem
        for path in SOURCE.iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    }
    assert parts - {"__init__", "__main__"} == set(FLOORS)


def allowed(part: str, other: str) -> bool:
    """Tell whether `part` may import `other`, by the two sentences under the page's table."""
    same = FLOORS[other] == FLOORS[part]
    return (
        FLOORS[other] < FLOORS[part] or (same and FLOORS[part] <= 3) or (same and other == "models")
    )


@pytest.mark.parametrize("part", sorted(FLOORS), ids=str)
def test_imports_come_from_below(part: str) -> None:
    folder = SOURCE / part
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    wrong = {
        f"{file.relative_to(SOURCE)} imports {other}"
        for file in files
        for other in imported(ast.parse(file.read_text(encoding="utf-8")))
        if other in FLOORS and other != part and not allowed(part, other)
    }
    assert not wrong
