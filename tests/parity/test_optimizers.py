"""PyTorch's own settings of each optimizer: the same parameters after every step."""

from __future__ import annotations

import numpy as np
import pytest
from parity.optimizers import NAMES, NOT_SHARED, TOLERANCE, by_pellucid, by_torch, database

from pellucid.optim import OPTIMIZERS

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting(name: str) -> None:
    pytest.importorskip("torch")
    tolerance = TOLERANCE.get(NAMES[name], 1e-12)
    assert database()[name]
    for options in database()[name]:
        np.testing.assert_allclose(
            by_pellucid(name, options),
            by_torch(name, options),
            rtol=tolerance,
            atol=tolerance,
            err_msg=f"{name} {options}",
        )


def test_every_optimizer_of_pytorch_is_compared_or_excused() -> None:
    pytest.importorskip("torch")
    assert set(database()) == set(NAMES) | set(NOT_SHARED)
    assert not set(NAMES) & set(NOT_SHARED)
    assert set(NAMES.values()) <= set(OPTIMIZERS)
    assert not {name.lower() for name in NOT_SHARED} & set(OPTIMIZERS)
