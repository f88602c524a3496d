"""The table from PyTorch's operators to what is compared with them, and their samples."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from parity.replay import Outcome, replay
from parity.rows import (
    elementwise,
    fourier,
    losses,
    masked,
    movement,
    networks,
    products,
    reductions,
)

ROWS: dict[str, Callable[..., Any]] = {
    **elementwise.ROWS,
    **reductions.ROWS,
    **movement.ROWS,
    **products.ROWS,
    **fourier.ROWS,
    **networks.ROWS,
    **losses.ROWS,
    **masked.ROWS,
}
"""Pellucid's counterpart of each operator, which takes PyTorch's arguments as NumPy's arrays."""

MOST_SAMPLES = 150
"""So many samples of an operator are replayed; of more, a random choice with a fixed seed."""

SEED = 0

SYMMETRIC = (
    "cholesky",
    "linalg.cholesky",
    "linalg.eigh",
    "linalg.eigvalsh",
    "linalg.pinv.hermitian",
)
"""Functions of symmetric matrices: both libraries get x + xᵀ, as in PyTorch's own tests."""


@dataclass(frozen=True)
class Replayed:
    """All samples of one operator.

    Attributes
    ----------
    outcomes : list
        One for each sample that was replayed.
    left_out : int
        Samples beyond `MOST_SAMPLES`.
    """

    outcomes: list[Outcome]
    left_out: int

    def count(self, kind: str) -> int:
        """How many samples deviate in this way."""
        return sum(outcome.kind == kind for outcome in self.outcomes)


@functools.cache
def _database() -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)  # tests run side by side
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    return {".".join(filter(None, (op.name, op.variant_test_name))): op for op in op_db}


def all_names() -> set[str]:
    """All operators of PyTorch, with their variants."""
    return set(_database())


@functools.cache
def database() -> dict[str, Any]:
    """PyTorch's operators by name and variant, those that take float64."""
    import torch

    return {
        name: op for name, op in _database().items() if torch.float64 in op.supported_dtypes("cpu")
    }


def _wanting_gradients(tree: Any) -> Any:
    import torch

    if isinstance(tree, torch.Tensor) and tree.is_floating_point():
        return tree.detach().clone().requires_grad_()
    if isinstance(tree, dict):
        return {name: _wanting_gradients(part) for name, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [_wanting_gradients(part) for part in tree]
        return parts if isinstance(tree, list) else tuple(parts)
    return tree


def chosen(samples: list[Any]) -> tuple[list[Any], int]:
    """All samples, or a random choice of very many; and how many were left out."""
    if len(samples) <= MOST_SAMPLES:
        return samples, 0
    places = np.random.default_rng(SEED).choice(len(samples), MOST_SAMPLES, replace=False)
    return [samples[i] for i in sorted(places)], len(samples) - MOST_SAMPLES


def samples(name: str) -> tuple[list[tuple[Any, Any]], int]:
    """Arguments of each sample, and how many samples were left out."""
    import torch

    op = database()[name]
    torch.manual_seed(SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            ((sample.input, *sample.args), sample.kwargs)
            for sample in op.sample_inputs("cpu", torch.float64, requires_grad=op.supports_autograd)
        ]
    if not op.supports_autograd:
        # Recorded numbers all the same: comparisons and counts take them too.
        found = [_wanting_gradients(tree) for tree in found]
    return chosen(found)


def _squared_vectors(eigh: Callable[..., Any]) -> Callable[..., Any]:
    def found(*args: Any, **options: Any) -> Any:
        values, vectors = eigh(*args, **options)
        return values, vectors * vectors

    return found


def replayed(name: str) -> Replayed:
    """Replay all samples of an operator."""
    trees, left_out = samples(name)
    op = database()[name]
    reference = op.op
    if name in SYMMETRIC:
        reference = functools.partial(op.gradcheck_wrapper, op.op)
    if name == "linalg.eigh":
        reference = _squared_vectors(reference)
    return Replayed([replay(ROWS[name], reference, tree) for tree in trees], left_out)
