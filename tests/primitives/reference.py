"""Values, gradients and gradients of gradients of every case, by Pellucid and by PyTorch.

Both sides do the same: the results are weighted with fixed random numbers and summed, the gradient
of that sum is taken; it is weighted and summed again, and the gradient is taken once more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from helpers.gradients import leaf, numbers
from primitives import composite_cases, structure_cases
from primitives.torch_functions import (
    COMPOSITES_WITHOUT,
    PRIMITIVES_WITHOUT,
    SKIPPED_CASES,
    composite_functions,
    primitive_functions,
)

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p
from pellucid.tensor import Tensor

FILE = Path(__file__).with_name("reference.npz")

KEYS = [
    *(
        ("primitives", name, i)
        for name, i in structure_cases.MANY
        if name not in PRIMITIVES_WITHOUT
        and structure_cases.CASES[name][i].variables
        and (name, i) not in SKIPPED_CASES
    ),
    *(
        ("ops", name, i)
        for name, i in composite_cases.MANY
        if name not in COMPOSITES_WITHOUT and (name, i) not in SKIPPED_CASES
    ),
]
"""Family, name and number of every call that is compared."""


def arrays_of(key: tuple[str, str, int]) -> list[Any]:
    """Differentiated inputs of a call, in float64."""
    family, name, i = key
    if family == "ops":
        return list(composite_cases.CASES[name][i].arrays)
    case = structure_cases.CASES[name][i]
    return [case.inputs[k] for k in case.variables]


def is_smooth(key: tuple[str, str, int]) -> bool:
    """Whether second derivatives exist there."""
    family, name, i = key
    return (composite_cases if family == "ops" else structure_cases).CASES[name][i].smooth


def call(key: tuple[str, str, int], function: Callable[..., Any], arrays: list[Any]) -> list[Any]:
    """Results of a call with these arrays in place of the differentiated inputs."""
    family, name, i = key
    if family == "ops":
        return composite_cases.outputs(composite_cases.CASES[name][i].write(function, *arrays))
    case = structure_cases.CASES[name][i]
    return [function(*case.with_arrays(arrays), **case.attributes)]


def weights(shape: Any, seed: int) -> np.ndarray:
    """Fixed random weights."""
    return np.asarray(np.random.default_rng([seed, 17]).normal(size=tuple(shape)))


def by_pellucid(key: tuple[str, str, int]) -> list[np.ndarray]:
    """Values, gradients, and gradients of gradients."""
    family, name, _ = key
    leaves = [leaf(x) for x in arrays_of(key)]
    results = call(key, getattr(ops if family == "ops" else p, name), leaves)
    found = [numbers(y) for y in results]
    total: Any = 0.0
    for k, y in enumerate(results):
        total = total + p.sum(p.cast(y, dtype=np.dtype(np.float64)) * weights(y.shape, k))
    slopes = pl.gradients(total, leaves, create_graph=True)
    found += [numbers(s) for s in slopes]
    if is_smooth(key):
        again: Any = sum(p.sum(s * weights(s.shape, 50 + k)) for k, s in enumerate(slopes))
        recorded = isinstance(again, Tensor) and again.requires_grad
        second = pl.gradients(again, leaves) if recorded else [np.zeros(x.shape) for x in leaves]
        found += [numbers(s) for s in second]
    return found


def by_torch(key: tuple[str, str, int]) -> list[np.ndarray]:
    """The same by PyTorch."""
    import torch

    family, name, _ = key
    functions = composite_functions() if family == "ops" else primitive_functions()
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in arrays_of(key)]
    results = call(key, functions[name], leaves)
    found = [y.numpy(force=True) for y in results]

    def gradients(total: Any) -> list[Any]:
        if not total.requires_grad:
            return [torch.zeros_like(x) for x in leaves]
        slopes = torch.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
        return [
            torch.zeros_like(x) if s is None else s for x, s in zip(leaves, slopes, strict=True)
        ]

    slopes = gradients(
        sum((y.double() * torch.tensor(weights(y.shape, k))).sum() for k, y in enumerate(results))
    )
    found += [s.numpy(force=True) for s in slopes]
    if is_smooth(key):
        again = sum(
            (s * torch.tensor(weights(s.shape, 50 + k))).sum() for k, s in enumerate(slopes)
        )
        found += [s.numpy(force=True) for s in gradients(again)]
    return found


def flat(arrays: list[Any]) -> np.ndarray:
    """All numbers in a row."""
    parts = [np.ravel(np.asarray(x, dtype=np.float64)) for x in arrays]
    return np.concatenate(parts) if parts else np.zeros(0)
