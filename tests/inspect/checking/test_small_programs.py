"""Small programs in many styles: units, loops, vectors, classes, plain numbers; see its folder.

Each program ends in a table of mistakes, line by line, with the names that are right for each.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = sorted((Path(__file__).parent / "small_programs").glob("*.py"))
SAMPLE = {
    "bias_after": "slope at activation and bias",
    "entry_by_entry": "no slope in the weights",
    "gates": "sums in the bias",
    "kernel_loops": "upside down",
    "one_vector": "no slope in dA, dot in dB",
    "recurrent_columns": "slope of the state before",
    "relu_objects": "mask alone",
    "two_numbers": "two states off",
    "vectors_and_layers": "slope alone",
    "xor_by_units": "output bias lacks the slope",
}


@pytest.fixture(scope="module")
def planting():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import checker_planting

        yield checker_planting
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def test_every_program_has_a_sample() -> None:
    assert sorted(SAMPLE) == [path.stem for path in PROGRAMS]


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_sample(planting, path: Path) -> None:
    program = planting.read(path)
    (mistake,) = (one for one in program.mistakes if one.name == SAMPLE[path.stem])
    answer = planting.examine(program, mistake)
    assert answer.named, answer.said or answer.verdict


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_mistake(planting, path: Path) -> None:
    right, *answers = planting.answers(planting.read(path))
    assert right.verdict == planting.SAID_RIGHT
    assert [(a.mistake.name, a.said) for a in answers if not a.named] == []
