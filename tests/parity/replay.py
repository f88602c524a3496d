"""Replay of a PyTorch sample: values, gradients and second derivatives of both libraries.

A sample is what PyTorch's own tests give an operator: its input, further arguments and options.
Both libraries compute from the same numbers. The outputs are projected on random vectors, so that
one gradient stands for a whole Jacobian; the gradients are projected again for the second order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import primitives as p
from pellucid.tensor import Tensor

Function = Callable[..., Any]

REFUSED, VALUE, GRADIENT, SECOND = "refused", "value", "gradient", "second derivative"
KINDS = (REFUSED, VALUE, GRADIENT, SECOND)
TOLERANCE = {VALUE: 1e-10, GRADIENT: 1e-9, SECOND: 1e-7}
NOT_RECORDED = "is not recorded for differentiation"


class NotCompared(Exception):  # noqa: N818 - it is no mistake
    """An argument of PyTorch's that has no counterpart, or a result that is random."""


@dataclass(frozen=True)
class Outcome:
    """What became of one sample.

    Attributes
    ----------
    order : int
        How many orders were compared and found equal: 0 none, 1 values, 2 gradients, 3 second
        derivatives.
    kind : str
        Where the libraries part: one of `KINDS`, or "" if nowhere.
    message : str
        What was seen there.
    """

    order: int
    kind: str = ""
    message: str = ""


def ours(tree: Any, leaves: list[Tensor], dtype: Any = None) -> Any:
    """Turn PyTorch's arguments into NumPy's: those that want a gradient become Tensors.

    Parameters
    ----------
    tree : tensor, number, option, or a list, tuple or dict of them
    leaves : list
        Takes in the Tensors that want a gradient.
    dtype : numpy dtype, optional
        The type of floating-point numbers; by default their own.
    """
    import torch

    if isinstance(tree, torch.Tensor):
        array = np.array(tree.detach().numpy())
        if array.dtype.kind == "f" and dtype is not None:
            array = array.astype(dtype)
        if not tree.requires_grad:
            return array
        leaves.append(Tensor(array, requires_grad=True))
        return leaves[-1]
    if isinstance(tree, torch.dtype):
        return np.dtype(str(tree).removeprefix("torch."))
    if isinstance(tree, dict):
        return {name: ours(part, leaves, dtype) for name, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [ours(part, leaves, dtype) for part in tree]
        return parts if isinstance(tree, list) else tuple(parts)
    return tree


def theirs(tree: Any, leaves: list[Any]) -> Any:
    """Copy PyTorch's arguments, so that each sample has leaves of its own."""
    import torch

    if isinstance(tree, torch.Tensor):
        copy = tree.detach().clone()
        if tree.requires_grad:
            leaves.append(copy.requires_grad_())
        return copy
    if isinstance(tree, dict):
        return {name: theirs(part, leaves) for name, part in tree.items()}
    if isinstance(tree, (list, tuple)) and not isinstance(tree, torch.Size):
        parts = [theirs(part, leaves) for part in tree]
        return parts if isinstance(tree, list) else tuple(parts)
    return tree


def flat(outputs: Any) -> list[Any]:
    """Arrays, Tensors and numbers of a result in a row."""
    if isinstance(outputs, (list, tuple)):
        return [x for part in outputs for x in flat(part)]
    if hasattr(outputs, "is_complex") and outputs.is_complex():
        return [outputs.real, outputs.imag]
    return [outputs]


def numbers(x: Any) -> np.ndarray:
    """Plain numbers of one result of either library."""
    if isinstance(x, Tensor):
        return np.asarray(x.data)
    return np.asarray(x.numpy(force=True) if hasattr(x, "numpy") else x)


def difference(found: Sequence[Any], expected: Sequence[Any], tolerance: float) -> str:
    """Say how two rows of arrays differ; "" if they do not."""
    if len(found) != len(expected):
        return f"{len(found)} results instead of {len(expected)}"
    for a, b in zip(map(numbers, found), map(numbers, expected), strict=True):
        if a.shape != b.shape:
            return f"shape {a.shape} instead of {b.shape}"
        if (a.dtype.kind == "f" or b.dtype.kind == "f") and a.dtype != b.dtype:
            return f"type {a.dtype} instead of {b.dtype}"
        with np.errstate(all="ignore"):
            a, b = a.astype(np.float64), b.astype(np.float64)
            finite = np.abs(b[np.isfinite(b)])
            limit = tolerance * max(1.0, finite.max(initial=0.0))
            wrong = ~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= limit))
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            return f"{a[place]:.12g} instead of {b[place]:.12g} at {place}"
    return ""


def _weights(shape: Sequence[int], *seed: int) -> np.ndarray:
    return np.random.default_rng([23, *seed]).normal(size=tuple(shape))


def _our_projection(values: Sequence[Any], seed: int) -> Any:
    total: Any = 0.0
    for i, y in enumerate(values):
        if isinstance(y, Tensor) and y.requires_grad:
            total = total + p.sum(p.multiply(y, _weights(y.shape, seed, i)))
    return total


def _our_slopes(total: Any, leaves: Sequence[Tensor], **options: Any) -> list[Any]:
    if not isinstance(total, Tensor):
        return [np.zeros_like(x.data) for x in leaves]
    return pl.gradients(total, leaves, **options)


def _their_projection(values: Sequence[Any], seed: int) -> Any:
    import torch

    total: Any = 0.0
    for i, y in enumerate(values):
        if isinstance(y, torch.Tensor) and y.requires_grad:
            total = total + (y * torch.from_numpy(_weights(y.shape, seed, i))).sum()
    return total


def _their_slopes(total: Any, leaves: Sequence[Any], **options: Any) -> list[Any]:
    import torch

    if not isinstance(total, torch.Tensor):
        return [torch.zeros_like(x) for x in leaves]
    return list(
        torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True, **options)
    )


def replay(function: Function, reference: Function, tree: Any) -> Outcome:
    """Compare one call of both libraries.

    Parameters
    ----------
    function, reference : callable
        Pellucid's and PyTorch's function of the same arguments.
    tree : tuple
        Positional arguments, and a dict of named ones.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        our_leaves: list[Tensor] = []
        their_leaves: list[Any] = []
        args, options = theirs(tree, their_leaves)
        right = flat(reference(*args, **options))
        args, options = ours(tree, our_leaves)
        try:
            found = flat(function(*args, **options))
        except Exception as error:  # every refusal is counted, and has to be accounted for
            return Outcome(0, REFUSED, f"{type(error).__name__}: {error}")
        wrong = difference(found, right, TOLERANCE[VALUE]) or _narrow(function, tree, found)
        if wrong:
            return Outcome(0, VALUE, wrong)
        if not our_leaves or not any(getattr(y, "requires_grad", False) for y in right):
            return Outcome(1)

        try:
            expected = _their_slopes(_their_projection(right, 1), their_leaves, create_graph=True)
        except (RuntimeError, NotImplementedError):  # PyTorch has no derivative here
            return Outcome(1)
        try:
            slopes = _our_slopes(_our_projection(found, 1), our_leaves, create_graph=True)
        except Exception as error:
            return Outcome(1, GRADIENT, f"{type(error).__name__}: {error}")
        wrong = difference(slopes, expected, TOLERANCE[GRADIENT])
        if wrong:
            return Outcome(1, GRADIENT, wrong)

        try:
            expected = _their_slopes(_their_projection(expected, 2), their_leaves)
        except (RuntimeError, NotImplementedError):  # PyTorch has no second derivative here
            return Outcome(2)
        try:
            bent = _our_slopes(_our_projection(slopes, 2), our_leaves)
        except Exception as error:
            return Outcome(2, SECOND, f"{type(error).__name__}: {error}")
        wrong = difference(bent, expected, TOLERANCE[SECOND])
        return Outcome(2, SECOND, wrong) if wrong else Outcome(3)


def _narrow(function: Function, tree: Any, wide: Sequence[Any]) -> str:
    """Say where float32 numbers come back as float64; "" if nowhere, or where a type was asked."""
    import torch

    if any(isinstance(x, torch.dtype) for x in (*tree[0], *tree[1].values())):
        return ""
    leaves: list[Tensor] = []
    args, options = ours(tree, leaves, np.float32)
    found = flat(function(*args, **options))
    for y, wider in zip(found, wide, strict=True):
        if leaves and numbers(wider).dtype == np.float64 and numbers(y).dtype != np.float32:
            return f"type {numbers(y).dtype} from float32"
    return ""
