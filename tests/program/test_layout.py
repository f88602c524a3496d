"""Long statements over several lines mean what they meant in one."""

from __future__ import annotations

import ast
import random

import pytest

from pellucid.program.layout import laid_out

_LEAVES = (
    "alpha", "beta_long_name", "x.T", "1.5", "-2", '"a, (b"', "None", "z[..., None]", "y[0, 1:2]",
    "(4, 8)", "(7,)", "[]",
)  # fmt: skip


def _expression(draw: random.Random, depth: int) -> str:
    def inner() -> str:
        return _expression(draw, depth - 1)

    kind = draw.random()
    if depth == 0 or kind < 0.2:
        return draw.choice(_LEAVES)
    if kind < 0.45:
        arguments = [inner() for _ in range(draw.randint(0, 4))]
        arguments += ["axis=(0, 1)"] * (draw.random() < 0.4)
        return f"{draw.choice(['np.sum', 'f'])}({', '.join(arguments)})"
    if kind < 0.6:
        return draw.choice([f"({inner()})", f"q[{inner()}, 0]", f"g(a)[{inner()}]"])
    return f"({inner()}) {draw.choice('+-*/@')} h({inner()}) {draw.choice('+-*/@')} {inner()}"


@pytest.mark.parametrize("width", [20, 50, 88])
def test_breaking_lines_changes_nothing(width: int) -> None:
    draw = random.Random(width)
    broken = 0
    for _ in range(500):
        line = f"first, second = {_expression(draw, 4)}"
        text = laid_out(line, width)
        assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line)), text
        broken += "\n" in text
    assert broken > 100


def test_a_line_that_fits_and_a_comment_are_left_alone() -> None:
    assert laid_out("a = f(x, y)", 20) == "a = f(x, y)"
    comment = "# " + "long " * 10
    assert laid_out(comment, 20) == comment


def test_a_group_gets_no_comma_that_would_make_it_a_tuple() -> None:
    text = laid_out("a = first / (1 - second_second * third_third * fourth)", 30)
    assert "," not in text
    assert max(map(len, text.splitlines())) <= 50
    assert text.startswith("a = (\n    first\n    / (\n")


def test_arguments_share_a_line_or_have_one_each() -> None:
    assert laid_out("a = function(first, second)", 24) == "a = function(\n    first, second\n)"
    assert laid_out("a = function(first_one, second_one)", 24) == (
        "a = function(\n    first_one,\n    second_one,\n)"
    )
