"""The published backward pass is the gradient of neither loss, and the checker says why."""

from __future__ import annotations

import pellucid as pl


def test_against_half_the_squared_error(load_example) -> None:
    program = load_example("check/softmax_3_4_2")
    report = pl.check_gradients(program.loss, program.parameters, program.gradients)
    assert set(report.wrong) == {"W1", "W2", "b1", "b2"}
    assert [[(c.kind, c.layers) for c in e] for e in report.explanations] == [
        [("diagonal-softmax", (1, 2))]
    ]
    assert report.causes[0].title == "softmax Jacobian treated as diagonal"
    # With two classes the diagonal alone is half the Jacobian's product.
    for name in ("W2", "b2"):
        assert report.parameters[name].note == "exactly half the true gradient"


def test_against_the_cross_entropy(load_example) -> None:
    program = load_example("check/softmax_3_4_2")
    report = pl.check_gradients(program.cross_entropy, program.parameters, program.gradients)
    assert set(report.wrong) == {"W1", "W2", "b1", "b2"}
    assert [(c.kind, c.layers) for c in report.causes] == [
        ("extra-derivative", (2,)),
        ("diagonal-softmax", (1,)),
    ]
