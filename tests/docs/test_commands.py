"""The command lines on the pages: programs and sub-commands exist, and take these options."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LINES = [
    (page, line[2:].partition("#")[0].strip())
    for page in [*sorted((PROJECT / "docs").rglob("*.md")), PROJECT / "README.md"]
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ ")
]
PELLUCID = [(page, line) for page, line in LINES if re.match(r"(\.venv/bin/)?pellucid ", line)]
PROGRAMS = [(page, line) for page, line in LINES if line.startswith("python ")]


def labels(cases: list[tuple[Path, str]]) -> list[str]:
    return [f"{page.stem}: {line}" for page, line in cases]


@pytest.mark.parametrize(("page", "line"), PELLUCID, ids=labels(PELLUCID))
def test_pellucid_has_the_command_and_its_options(page: Path, line: str) -> None:
    pytest.importorskip("click")
    from pellucid.cli.app import COMMANDS, cli

    name, *rest = shlex.split(line)[1:]
    assert name in COMMANDS
    command = cli.get_command(None, name)
    known = {flag for p in command.params for flag in (*p.opts, *p.secondary_opts)}
    used = {word.partition("=")[0] for word in rest if word.startswith("-")} - {"--help"}
    assert {flag for flag in used if not re.fullmatch(r"-\d+", flag)} <= known


@cache
def help_of(program: str) -> str:
    done = subprocess.run(
        [sys.executable, PROJECT / program, "--help"], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(("page", "line"), PROGRAMS, ids=labels(PROGRAMS))
def test_programs_exist_and_take_their_options(page: Path, line: str) -> None:
    program, *rest = shlex.split(line)[1:]
    assert (PROJECT / program).is_file()
    options = [word for word in rest if word.startswith("--")]
    if options:
        assert all(option in help_of(program) for option in options)
