"""PyTorch's own samples of its modules: outputs, and derivatives by inputs and parameters."""

from __future__ import annotations

import pytest
from parity import deviations
from parity.modules import MODULES, database, replayed

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def _torch() -> None:
    pytest.importorskip("torch")


@pytest.mark.parametrize("name", MODULES)
def test_every_sample(name: str) -> None:
    found = replayed(name)
    assert found.outcomes
    wrong = deviations.unexplained(name, found, deviations.MODULES)
    assert not wrong, "\n".join(wrong)


def test_every_module_of_pytorch_is_compared_or_excused() -> None:
    excused = {n for names in deviations.MODULES_NOT_SHARED.values() for n in names.split()}
    assert not set(MODULES) & excused
    assert set(MODULES) | excused == set(database()), "a new PyTorch has other modules"
    assert {name for entry in deviations.MODULES for name in entry.samples} <= set(MODULES)
