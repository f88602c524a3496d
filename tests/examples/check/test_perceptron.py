"""The checker finds the tutorial's backward pass right."""

from __future__ import annotations

import pellucid as pl


def test_the_backward_pass_is_right(load_example) -> None:
    program = load_example("check/perceptron")
    report = pl.check_gradients(program.loss, program.parameters, program.gradients)
    assert report.right
    assert report.tape == ""
    assert not report.explanations
    assert set(report.parameters) == set(program.parameters)
