"""Products of matrices and of tensors."""

from __future__ import annotations

import math
import string
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import ShapeError
from pellucid.kernels import reference
from pellucid.primitives.declaration import (
    BinaryPrimitive,
    PerArgument,
    Primitive,
    Value,
    VariadicPrimitive,
)
from pellucid.primitives.reductions import sum
from pellucid.primitives.shape import broadcast_to, reshape, transpose

if TYPE_CHECKING:
    from pellucid.primitives.declaration import Operand
    from pellucid.tensor import Tensor

__all__ = ["einsum", "linear", "matmul"]


def _swap_last(x: Value) -> Value:
    """Transpose the last two axes."""
    n = len(x.shape)
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _rows(x: Value) -> Value:
    """Flatten all axes but the last: (..., k) -> (n, k)."""
    if len(x.shape) == 2:
        return x
    return reshape(x, shape=(math.prod(x.shape[:-1]), x.shape[-1]))


def _matmul_left_vjp(g: Value, z: Value, x: Value, y: Value) -> Value:
    return matmul(g, _swap_last(y))


def _matmul_right_vjp(g: Value, z: Value, x: Value, y: Value) -> Value:
    if len(y.shape) == 2:
        return matmul(transpose(_rows(x), axes=(1, 0)), _rows(g))
    return matmul(_swap_last(x), g)


matmul: BinaryPrimitive = BinaryPrimitive(
    "matmul",
    "X Y",
    reference.matmul,
    source="matmul({0}, {1})",
    vjps=[_matmul_left_vjp, _matmul_right_vjp],
    about="Both inputs have at least two axes; leading axes are broadcast as batches.",
    broadcasts=True,
)


def _linear_bias_vjp(g: Value, z: Value, x: Value, weight: Value, bias: Value) -> Value:
    return sum(g, axis=tuple(range(len(g.shape) - 1)))


if TYPE_CHECKING:

    class LinearPrimitive(Primitive):
        """Typed face of `linear`."""

        def __call__(self, x: Operand, weight: Tensor, bias: Tensor, /) -> Tensor: ...
else:
    LinearPrimitive = Primitive

linear: LinearPrimitive = LinearPrimitive(
    "linear",
    "x W + b",
    reference.linear,
    source="linear({0}, {1}, {2})",
    vjps=[
        lambda g, z, x, weight, bias: matmul(g, transpose(weight, axes=(1, 0))),
        lambda g, z, x, weight, bias: matmul(transpose(_rows(x), axes=(1, 0)), _rows(g)),
        _linear_bias_vjp,
    ],
    about="Fused, because every dense layer takes it: the bias is added into the product.",
)


# --- einsum ---------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def explicit_subscripts(subscripts: str, ranks: tuple[int, ...]) -> str:
    """Rewrite einsum subscripts with every axis named: no blanks, no ellipsis, with an arrow.

    Raises
    ------
    ShapeError
        If the subscripts do not fit the number of operands or of their axes.
    """
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ShapeError(f"einsum '{subscripts}' describes {len(terms)} operands, got {len(ranks)}")
    free = [c for c in string.ascii_letters if c not in text]
    wide = [rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)]
    for term, rank, extra in zip(terms, ranks, wide, strict=True):
        if extra < 0 or (extra > 0 and "..." not in term):
            raise ShapeError(
                f"einsum '{subscripts}': '{term}' names {len(term.replace('...', ''))} axes, "
                f"its operand has {rank}"
            )
    batch = "".join(free[: max([w for w, t in zip(wide, terms, strict=True) if "..." in t] or [0])])
    terms = [
        term.replace("...", batch[len(batch) - extra :])
        for term, extra in zip(terms, wide, strict=True)
    ]
    if arrow:
        right = right.replace("...", batch)
    else:
        letters = "".join(terms)
        right = batch + "".join(
            sorted(c for c in set(letters) if letters.count(c) == 1 and c not in batch)
        )
    return f"{','.join(terms)}->{right}"


def _einsum_vjp(i: int, g: Value, y: Value, *inputs: Value, subscripts: str) -> Value:
    left, _, right = subscripts.partition("->")
    terms = left.split(",")
    mine, x = terms[i], inputs[i]
    others = [(t, v) for j, (t, v) in enumerate(zip(terms, inputs, strict=True)) if j != i]
    unique = "".join(dict.fromkeys(mine))
    known = set(right).union(*(t for t, _ in others))
    # The gradient for the letters that some other term knows; the rest was summed over by this
    # operand alone, so each of its entries receives the same. An axis of length 1 was broadcast.
    size = dict(zip(mine, x.shape, strict=True))
    reached = "".join(c for c in unique if c in known and size[c] != 1)
    spec = f"{','.join([right, *(t for t, _ in others)])}->{reached}"
    part = einsum(g, *(v for _, v in others), subscripts=spec)
    # A letter that came out of length 1 was broadcast by the others.
    lengths = dict(zip(reached, part.shape, strict=True))
    part = reshape(part, shape=tuple(lengths.get(c, 1) for c in unique))
    part = broadcast_to(part, shape=tuple(size[c] for c in unique))
    if unique == mine:
        return part
    # A repeated letter picks a diagonal: put the gradient back onto it.
    free = iter(c for c in string.ascii_letters if c not in subscripts)
    names: list[str] = []
    eyes: list[tuple[str, Any]] = []
    for c in mine:
        if c in names:
            fresh = next(free)
            eyes.append((c + fresh, np.eye(size[c], dtype=x.dtype)))
            names.append(fresh)
        else:
            names.append(c)
    spec = f"{','.join([unique, *(t for t, _ in eyes)])}->{''.join(names)}"
    return einsum(part, *(v for _, v in eyes), subscripts=spec)


einsum: VariadicPrimitive = VariadicPrimitive(
    "einsum",
    "Einstein summation",
    lambda *inputs, subscripts: np.einsum(subscripts, *inputs, optimize=True),
    source="np.einsum({subscripts}, {inputs}, optimize=True)",
    vjps=PerArgument(_einsum_vjp),
    about="`subscripts` names every axis: 'ij,jk->ik'.",
)
