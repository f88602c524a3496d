"""What a loss is differentiated by: the targets of every part, and no weight without a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf

from pellucid import losses
from pellucid.errors import GradientError

RATES = np.array([0.3, 1.6, 2.2])
COUNTS = np.array([0.35, 2.6, 3.4])


@pytest.mark.parametrize("log_input", [True, False])
@pytest.mark.parametrize("full", [True, False])
def test_poisson_by_predictions_and_targets(log_input: bool, full: bool) -> None:
    check_gradients(
        lambda x, y: losses.poisson_nll(x, y, log_input=log_input, full=full), [RATES, COUNTS]
    )


@pytest.mark.parity
def test_poisson_by_its_targets_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    y = leaf(COUNTS)
    losses.poisson_nll(RATES, y, full=True).backward()
    theirs = torch.tensor(COUNTS, requires_grad=True)
    torch.nn.functional.poisson_nll_loss(torch.tensor(RATES), theirs, full=True).backward()
    np.testing.assert_allclose(y.grad, theirs.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda w: losses.mean_squared_error(RATES, COUNTS, sample_weight=w), "sample_weight"),
        (lambda w: losses.huber(RATES, COUNTS, sample_weight=w), "sample_weight"),
        (lambda w: losses.cross_entropy(np.eye(3), [0, 1, 2], class_weight=w), "class_weight"),
        (
            lambda w: losses.binary_cross_entropy_with_logits(
                np.ones((2, 3)), np.ones((2, 3)), pos_weight=w
            ),
            "pos_weight",
        ),
    ],
)
def test_weights_have_no_gradient_and_say_so(call: Any, says: str) -> None:
    weights = leaf(np.array([0.5, 1.0, 2.0]))
    with pytest.raises(GradientError, match=f"{says} is a constant"):
        call(weights)
    assert np.isfinite(call(weights.data).data)
    assert np.isfinite(call(weights.detach()).data)
