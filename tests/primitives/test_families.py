"""The primitives of the larger families against PyTorch: values, and gradients twice over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import leaf, numbers
from primitives.cases import Case
from primitives.families import FAMILY_CASES, MANY, ORACLES, WITHOUT, torch_functions
from primitives.reference import weights

import pellucid as pl
from pellucid import primitives as p
from pellucid.tensor import Tensor

COMPARED = [
    (name, i)
    for name, i in MANY
    if name in FAMILY_CASES
    and name not in WITHOUT
    and name not in ORACLES
    and FAMILY_CASES[name][i].variables
]


def test_every_primitive_of_a_family_is_compared_or_excused() -> None:
    assert set(torch_functions()) | set(WITHOUT) | set(ORACLES) == set(FAMILY_CASES)
    assert not set(torch_functions()) & set(WITHOUT)


def by_pellucid(name: str, case: Case) -> list[np.ndarray]:
    """Value, gradients, and gradients of gradients."""
    leaves = [leaf(case.inputs[k]) for k in case.variables]
    y = getattr(p, name)(*case.with_arrays(leaves), **case.attributes)
    slopes = pl.gradients(p.sum(y * weights(y.shape, 0)), leaves, create_graph=True)
    found = [numbers(y), *map(numbers, slopes)]
    if case.smooth:
        again = sum(p.sum(s * weights(s.shape, 50 + k)) for k, s in enumerate(slopes))
        recorded = isinstance(again, Tensor) and again.requires_grad
        found += map(
            numbers,
            pl.gradients(again, leaves) if recorded else [np.zeros(x.shape) for x in leaves],
        )
    return found


def by_torch(torch: Any, name: str, case: Case) -> list[np.ndarray]:
    """The same by PyTorch."""
    leaves = [torch.tensor(case.inputs[k], requires_grad=True) for k in case.variables]

    def gradients(total: Any) -> list[Any]:
        if not (isinstance(total, torch.Tensor) and total.requires_grad):
            return [torch.zeros_like(x) for x in leaves]
        slopes = torch.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
        return [
            torch.zeros_like(x) if s is None else s for x, s in zip(leaves, slopes, strict=True)
        ]

    y = torch_functions()[name](*case.with_arrays(leaves), **case.attributes)
    slopes = gradients((y * torch.tensor(weights(y.shape, 0))).sum())
    found = [y, *slopes]
    if case.smooth:
        found += gradients(
            sum((s * torch.tensor(weights(s.shape, 50 + k))).sum() for k, s in enumerate(slopes))
        )
    return [x.numpy(force=True) for x in found]


@pytest.mark.parity
@pytest.mark.parametrize(("name", "i"), COMPARED)
def test_values_and_gradients_are_those_of_pytorch(name: str, i: int) -> None:
    torch = pytest.importorskip("torch")
    case = FAMILY_CASES[name][i]
    for ours, theirs in zip(by_pellucid(name, case), by_torch(torch, name, case), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)
