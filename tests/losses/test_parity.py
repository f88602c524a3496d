"""Every case against the PyTorch that is installed: values, first and second derivatives."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pellucid.derivatives import gradients
from pellucid.losses import get_loss
from pellucid.primitives import multiply
from pellucid.primitives import sum as total
from pellucid.tensor import Tensor

pytestmark = pytest.mark.parity


@pytest.fixture(autouse=True)
def _quiet_torch() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides")
        yield


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stored_values_are_those_of_torch(case: Any, dtype: str, cases: ModuleType) -> None:
    pytest.importorskip("torch")
    with np.load(cases.STORED) as file:
        np.testing.assert_allclose(
            file[f"{case.id}|{dtype}"], cases.reference(case, dtype), rtol=1e-5, atol=1e-6
        )


def test_second_derivative(case: Any) -> None:
    torch = pytest.importorskip("torch")
    if "weston-watkins" in case.name:
        pytest.skip("PyTorch has no second derivative of multi_margin_loss")
    inputs = case.typed("float64")
    theirs = {name: torch.from_numpy(x.copy()) for name, x in inputs.items()}
    wanted = [theirs[name].requires_grad_() for name in case.differentiate]
    value = case.torch(torch.nn.functional, theirs, "mean")
    slopes = torch.autograd.grad(value, wanted, create_graph=True)
    line = sum(
        (g * torch.cos(torch.arange(g.numel(), dtype=g.dtype)).reshape(g.shape)).sum()
        for g in slopes
    )
    expected = (
        torch.autograd.grad(line, wanted, allow_unused=True, materialize_grads=True)
        if line.requires_grad
        else [torch.zeros_like(x) for x in wanted]
    )

    mine = [Tensor(inputs[name], requires_grad=True) for name in case.differentiate]
    arguments = {**inputs, **dict(zip(case.differentiate, mine, strict=True))}
    found = gradients(
        get_loss(case.loss)(*arguments.values(), reduction="mean", **case.settings),
        mine,
        create_graph=True,
    )
    parts = [total(multiply(g, np.cos(np.arange(g.size)).reshape(g.shape))) for g in found]
    slope = parts[0]
    for part in parts[1:]:
        slope = slope + part
    bent = gradients(slope, mine) if slope.requires_grad else [np.zeros(x.shape) for x in mine]
    for ours, reference in zip(bent, expected, strict=True):
        np.testing.assert_allclose(ours, reference.numpy(force=True), rtol=1e-8, atol=1e-10)
