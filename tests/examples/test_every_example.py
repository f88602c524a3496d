"""Every program in examples/ has a test module of its own here, and a docstring that says how."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
SHARED = {EXAMPLES / "why" / "comparison.py"}
"""Modules that programs share."""

PROGRAMS = sorted(set(EXAMPLES.rglob("*.py")) - SHARED)


def place_of(program: Path) -> str:
    """Where a program lies in examples/."""
    return program.relative_to(EXAMPLES).as_posix()


def test_there_are_examples() -> None:
    assert len(PROGRAMS) >= 9


@pytest.mark.parametrize(
    "program", PROGRAMS, ids=lambda p: p.relative_to(EXAMPLES).with_suffix("").as_posix()
)
def test_every_example_is_tested_and_says_how_to_run_it(program: Path) -> None:
    test = (HERE / place_of(program)).with_name(f"test_{program.name}")
    assert test.exists(), f"no test drives {place_of(program)}"
    docstring = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8")))
    assert docstring is not None
    assert f"python examples/{place_of(program)}" in docstring
