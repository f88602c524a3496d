"""Runs the code of the README and every page in docs/, each page in a namespace of its own.

Blocks marked ``python`` are executed, blocks marked ``pycon`` are doctests whose output must be
what the page shows. Shell commands stand in ``console`` blocks and are not run.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

import pellucid as pl

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
ALL = [*PAGES, DOCS.parent / "README.md"]


def page_id(page: Path) -> str:
    """Folder and name of a page."""
    return page.relative_to(DOCS.parent).with_suffix("").as_posix()


SLOW = ("pictures", "tour")
"""Pages whose code takes many seconds."""

BLOCK = re.compile(r"^```(?P<kind>[\w{}-]*)[^\n]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = {"python", "pycon", "console", "text", "toml", "{toctree}", "{include}"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path) -> list[tuple[str, str, int]]:
    """Return (kind, code, line number of the first line of code) of every block."""
    text = page.read_text(encoding="utf-8")
    return [
        (match["kind"], match["code"], text.count("\n", 0, match.start("code")))
        for match in BLOCK.finditer(text)
    ]


class CloseNumbers(doctest.OutputChecker):
    """Accepts numbers that agree to four digits: the last ones differ between processors."""

    number = re.compile(r"[-+]?\d+\.\d*(?:e[-+]?\d+)?")

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if super().check_output(want, got, optionflags):
            return True
        texts = [" ".join(self.number.sub(" # ", text).split()) for text in (want, got)]
        values = [[float(n) for n in self.number.findall(text)] for text in (want, got)]
        return texts[0] == texts[1] and values[0] == pytest.approx(values[1], rel=1e-4, abs=1e-7)


def run_doctest(code: str, namespace: dict[str, Any], page: Path, line: int) -> None:
    test = doctest.DocTestParser().get_doctest(code, namespace, page.name, str(page), line)
    report: list[str] = []
    runner = doctest.DocTestRunner(CloseNumbers(), optionflags=FLAGS)
    runner.run(test, out=report.append, clear_globs=False)
    namespace.update(test.globs)
    assert not report, "".join(report)


def is_slow(page: Path) -> bool:
    """Tell whether a page runs with the slow tests: long ones, and those of layers and models."""
    return page.stem in SLOW or page.parent.name in ("layers", "models")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page_id(page), marks=[pytest.mark.slow] * is_slow(page))
        for page in ALL
    ],
)
def test_code_runs_as_shown(page: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    pl.seed(0)
    namespace: dict[str, Any] = {"__name__": f"docs_{page.stem.replace('-', '_')}"}
    for kind, code, line in blocks(page):
        if kind == "python":
            # The padding makes a traceback point to the line of the page.
            exec(compile("\n" * line + code, str(page), "exec"), namespace)
        elif kind == "pycon":
            run_doctest(code, namespace, page, line)


@pytest.mark.parametrize("page", ALL, ids=page_id)
def test_every_block_says_what_it_is(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") % 2 == 0, "a block is not closed"
    assert {kind for kind, _, _ in blocks(page)} <= KINDS


@pytest.mark.parametrize("page", ALL, ids=page_id)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_in_the_table_of_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    lines = [line for tree in trees for line in tree.splitlines()]
    names = [line for line in lines if line and not line.startswith(":")]
    assert sorted(names) == sorted(
        page.relative_to(DOCS).with_suffix("").as_posix() for page in PAGES if page.stem != "index"
    )
