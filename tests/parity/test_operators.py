"""PyTorch's own samples of its operators: values, gradients, second derivatives, types.

The type of float32 numbers is checked along the way.
"""

from __future__ import annotations

import numpy as np
import pytest
from parity import deviations
from parity.not_shared import NOT_SHARED, not_shared
from parity.operators import ROWS, all_names, database, replayed
from parity.replay import GRADIENT, REFUSED, SECOND, VALUE, replay

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def _torch() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("expecttest")


@pytest.mark.parametrize("name", ROWS)
def test_every_sample(name: str) -> None:
    found = replayed(name)
    assert found.outcomes
    if not deviations.is_recorded(found):
        pytest.skip(f"not recorded: {found.outcomes[0].message.split(': ')[1]}")
    wrong = deviations.unexplained(name, found, deviations.OPERATORS)
    assert not wrong, "\n".join(wrong)


def test_every_operator_of_pytorch_is_compared_or_excused() -> None:
    excused = not_shared()
    assert len(excused) == sum(len(names.split()) for names in NOT_SHARED.values())
    assert not set(ROWS) & set(excused)
    assert set(ROWS) | set(excused) == all_names(), "a new PyTorch has other operators"
    assert set(ROWS) <= set(database())


def test_deviations_name_operators_that_are_compared() -> None:
    assert {name for entry in deviations.OPERATORS for name in entry.samples} <= set(ROWS)


def test_a_wrong_derivative_is_seen() -> None:
    """The replay itself: each kind of deviation is told from the others."""
    import torch

    tree = ((torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True),), {})

    def refusing(x: object) -> object:
        raise ValueError("no")

    kinds = {
        REFUSED: refusing,
        VALUE: lambda x: x**3 + 1e-6,
        GRADIENT: lambda x: x.data**2 * x,
        SECOND: lambda x: np.where(True, x.data**3 - 3 * x.data**3 + 3 * x.data**2 * x, 0),
        "": lambda x: x**3,
    }
    for kind, function in kinds.items():
        outcome = replay(function, lambda x: x**3, tree)
        assert outcome.kind == kind, outcome
    assert replay(lambda x: x**3, lambda x: x**3, tree).order == 3
    widened = replay(lambda x: x * np.ones(2), lambda x: x * 1, tree)
    assert widened.message == "type float64 from float32"
