"""Every loss against stored values of PyTorch, or against its paper's formula."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pellucid.derivatives import gradients
from pellucid.losses import LOSSES, get_loss
from pellucid.tensor import Tensor

TOLERANCE = {"float32": {"rtol": 3e-5, "atol": 3e-6}, "float64": {"rtol": 1e-10, "atol": 1e-12}}


def ours(case: Any, dtype: str, reduction: str, seed: Any = None) -> tuple[Tensor, list[Any]]:
    tensors = {
        name: Tensor(x, requires_grad=True) if name in case.differentiate else x
        for name, x in case.typed(dtype).items()
    }
    value = get_loss(case.loss)(*tensors.values(), reduction=reduction, **case.settings)
    found = gradients(
        value,
        [tensors[name] for name in case.differentiate],
        gradient=None if seed is None else seed(value.shape),
    )
    return value, found


@pytest.fixture(scope="module")
def stored(cases: ModuleType) -> dict[str, np.ndarray]:
    with np.load(cases.STORED) as file:
        return dict(file)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_agrees_with_the_stored_values(
    case: Any, dtype: str, stored: dict[str, np.ndarray], cases: ModuleType
) -> None:
    expected = stored[f"{case.id}|{dtype}"]
    assert expected.dtype == dtype
    at = 0
    for reduction in case.reductions:
        value, found = ours(case, dtype, reduction, cases.cotangent)
        for name, piece in (
            ("value", value.data),
            *zip(case.differentiate, found, strict=True),
        ):
            assert piece.dtype == dtype, (reduction, name)
            np.testing.assert_allclose(
                piece.ravel(),
                expected[at : at + piece.size],
                **TOLERANCE[dtype],
                err_msg=f"{reduction}: {name}",
            )
            at += piece.size
    assert at == expected.size


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_agrees_with_the_formula(
    formula: Any, dtype: str, weighted: bool, cases: ModuleType
) -> None:
    inputs = formula.typed(dtype)
    losses = formula.values(*formula.inputs.values())
    weights = np.ones(losses.shape[:1])
    if weighted:
        weights = np.linspace(0.0, 2.0, losses.shape[0])
    spread = np.broadcast_to(weights.reshape(-1, *(1,) * (losses.ndim - 1)), losses.shape)
    cotangents = {
        "none": spread * cases.cotangent(losses.shape),
        "mean": spread / spread.sum(),
        "sum": spread,
    }
    settings = {**formula.settings, **({"sample_weight": weights} if weighted else {})}
    for reduction, c in cotangents.items():
        tensors = {
            k: Tensor(x, requires_grad=True) if k in formula.differentiate else x
            for k, x in inputs.items()
        }
        value = get_loss(formula.loss)(*tensors.values(), reduction=reduction, **settings)
        expected = spread * losses if reduction == "none" else (c * losses).sum()
        assert value.dtype == dtype
        np.testing.assert_allclose(value.data, expected, **TOLERANCE[dtype], err_msg=reduction)
        found = gradients(
            value,
            [tensors[k] for k in formula.differentiate],
            gradient=cases.cotangent(value.shape),
        )
        for mine, slope in zip(found, formula.slopes(c, *formula.inputs.values()), strict=True):
            assert mine.dtype == dtype
            np.testing.assert_allclose(mine, slope, **TOLERANCE[dtype], err_msg=reduction)


def test_every_loss_has_a_reference(cases: ModuleType, formulas: ModuleType) -> None:
    covered = {c.loss for c in cases.CASES} | {f.loss for f in formulas.FORMULAS}
    assert covered == set(LOSSES), "a loss without a reference case, or a case without a loss"


def test_nothing_stored_is_left_over(stored: dict[str, np.ndarray], cases: ModuleType) -> None:
    assert set(stored) == {f"{c.id}|{d}" for c in cases.CASES for d in cases.DTYPES}
