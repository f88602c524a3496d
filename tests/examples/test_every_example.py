"""Every program in examples/ has a test module of its own here, and a docstring that says how."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))


def test_there_are_examples() -> None:
    assert len(PROGRAMS) >= 9


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_every_example_is_tested_and_says_how_to_run_it(program: Path) -> None:
    assert (HERE / f"test_{program.name}").exists(), f"no test drives {program.name}"
    docstring = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8")))
    assert docstring is not None
    assert f"python examples/{program.name}" in docstring
