"""Mistakes in the programs of benchmarks/checker_programs are named, and the programs are right."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from pellucid.inspect.checking.program_file import load_program

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
_SAMPLE = {
    "columns": "mask of other layer",
    "svm": "no L1",
    "layer_norm": "ln: no variance",
    "embedding": "emb overwritten (no add.at)",
    "im2col": "b1 mean",
    "two_heads": "diagonal",
    "rms_norm_poisson": "scale forgotten",
    "softmax_regression": "tau forgotten",
}


@pytest.fixture(scope="module")
def planting():
    """The module benchmarks/checker_planting.py."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("checker_planting")
    finally:
        sys.path.remove(str(BENCHMARKS))
        sys.modules.pop("checker_planting")


def test_a_mistake_changes_only_the_lines_it_names(planting) -> None:
    programs = [planting.read(path) for path in planting.PROGRAMS]
    assert len(programs) == 26
    assert sum(len(program.mistakes) for program in programs) == 452
    for program in programs:
        assert len({mistake.name for mistake in program.mistakes}) == len(program.mistakes)
        lines = program.text.splitlines()
        for mistake in program.mistakes:
            changed = program.with_mistake(mistake)
            compile(changed, f"{program.name}: {mistake.name}", "exec")
            assert changed != program.text
            left = [line for line in lines if line not in changed.splitlines()]
            assert len(left) <= sum(len(old) for old, _ in mistake.changes)


def test_lines_that_stand_nowhere_are_refused(planting) -> None:
    program = planting.Planted("one line", "x = 1\n", ())
    mistake = planting.Mistake("other", ("sign",), (), ((("x = 2",), ("x = -2",)),))
    with pytest.raises(ValueError, match="stands 0 times"):
        program.with_mistake(mistake)


@pytest.mark.parametrize("name", _SAMPLE)
def test_a_sample_of_the_mistakes(planting, name: str) -> None:
    program = planting.read(BENCHMARKS / "checker_programs" / f"{name}.py")
    (mistake,) = (m for m in program.mistakes if m.name == _SAMPLE[name])
    answer = planting.examine(program, mistake)
    assert answer.named, answer


@pytest.mark.parametrize("name", ["columns", "svm", "logistic_regression", "layer_norm"])
def test_correct_programs_are_right(planting, name: str) -> None:
    program = planting.read(BENCHMARKS / "checker_programs" / f"{name}.py")
    assert planting.examine(program, None).verdict == planting.SAID_RIGHT


@pytest.mark.slow
def test_the_programs_agree_with_differences_of_the_loss(planting) -> None:
    for path in planting.PROGRAMS:
        program = load_program(path, planting.NAMES, shown=False)
        with program.running():
            p = {name: np.array(v, float) for name, v in program["parameters"].items()}
            for name, gradient in program["gradients"](program["parameters"]).items():
                slopes = np.zeros(p[name].shape)
                for index in np.ndindex(slopes.shape):
                    ends = []
                    for step in (1e-5, -1e-5):
                        moved = {n: v.copy() for n, v in p.items()}
                        moved[name][index] += step
                        ends.append(float(program["loss"](moved)))
                    slopes[index] = (ends[0] - ends[1]) / 2e-5
                error = np.max(np.abs(np.asarray(gradient) - slopes))
                assert error < 1e-6 * np.max(np.abs(slopes)) + 1e-9, (path.stem, name)


@pytest.mark.slow
def test_every_program_and_mistake(planting) -> None:
    answers = [a for path in planting.PROGRAMS for a in planting.answers(planting.read(path))]
    correct = [answer for answer in answers if answer.mistake is None]
    planted = [answer for answer in answers if answer.mistake is not None]
    assert [a for a in correct if a.verdict != planting.SAID_RIGHT] == []
    missed = [answer for answer in planted if not answer.named]
    assert len(missed) <= 0.07 * len(planted), missed
