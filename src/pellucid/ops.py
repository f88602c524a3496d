"""Composites: functions made of primitives, which need no gradient of their own.

Like primitives, they compute on plain arrays when given plain arrays, and record when given a
Tensor. Argument names follow NumPy's.
"""

from __future__ import annotations

import builtins
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, cast, overload

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.primitives.declaration import ArrayLike, Axis, Operand, Recorded, Value
from pellucid.primitives.linalg import explicit_subscripts
from pellucid.primitives.reductions import normal_axes, normal_axis

if TYPE_CHECKING:
    from pellucid.tensor import Tensor

__all__ = [
    "arctanh",
    "average",
    "clip",
    "concatenate",
    "cosh",
    "cumsum",
    "dot",
    "einsum",
    "expand_dims",
    "flatten",
    "inner",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "moveaxis",
    "norm",
    "outer",
    "pad",
    "repeat",
    "reshape",
    "roll",
    "scatter_add",
    "sinh",
    "softmax",
    "sort",
    "split",
    "squeeze",
    "stack",
    "std",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "var",
    "vdot",
    "where",
]

P = ParamSpec("P")


class Composite(Protocol[P]):
    """A function whose result is a Tensor exactly when its first argument is one."""

    __name__: str

    @overload
    def __call__(self, x: Tensor, /, *args: P.args, **kwargs: P.kwargs) -> Tensor: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **kwargs: P.kwargs) -> Array: ...
    @overload
    def __call__(self, x: Operand, /, *args: P.args, **kwargs: P.kwargs) -> Tensor | Array: ...


def composite(function: Callable[Concatenate[Any, P], Value]) -> Composite[P]:
    """Give `function` its type: Tensor in, Tensor out; array in, array out."""
    return cast("Composite[P]", function)


def _shape(x: Value) -> tuple[int, ...]:
    return x.shape if hasattr(x, "shape") else np.shape(x)


def _meet(x: Value, y: Value) -> tuple[Value, Value]:
    """Turn a list that meets a Tensor or an array into an array of the other's type."""
    if isinstance(x, (list, tuple)) and hasattr(y, "dtype"):
        x = np.asarray(x, dtype=y.dtype if y.dtype.kind == "f" else None)
    if isinstance(y, (list, tuple)) and hasattr(x, "dtype"):
        y = np.asarray(y, dtype=x.dtype if x.dtype.kind == "f" else None)
    return x, y


def _lengths(shape: Any) -> tuple[int, ...]:
    """Return a shape, given as one length or as several, as a tuple of Python ints."""
    if isinstance(shape, (tuple, list, np.ndarray)):
        return tuple(operator.index(n) for n in shape)
    return (operator.index(shape),)


def _is_constant(x: Value) -> bool:
    return not (isinstance(x, Recorded) and x.requires_grad)


# --- elementwise ----------------------------------------------------------------------------------


def _tie_share(x: Value, y: Value) -> float:
    return 0.0 if _is_constant(x) or _is_constant(y) else 0.5


def maximum(x: Operand, y: Operand) -> Any:
    """Elementwise maximum of `x` and `y`, broadcast against each other.

    max(x, y)

    Where two differentiated tensors tie, each receives half of the gradient. A tie with a constant
    belongs to the constant: ``maximum(0, z)`` is the ReLU, with slope 0 at 0.
    """
    return p.maximum(x, y, tie_share=_tie_share(x, y))


def minimum(x: Operand, y: Operand) -> Any:
    """Elementwise minimum of `x` and `y`, broadcast against each other.

    min(x, y)

    Ties are handled as in :func:`maximum`.
    """
    return p.minimum(x, y, tie_share=_tie_share(x, y))


def where(condition: Operand, x: Operand, y: Operand) -> Any:
    """Entries of `x` where `condition` holds, entries of `y` elsewhere, broadcast together."""
    return p.where(condition, x, y)


@composite
def clip(x: Operand, low: ArrayLike | None = None, high: ArrayLike | None = None) -> Value:
    """Limit the entries of `x` to the range from `low` to `high`, which are constants.

    min(max(x, low), high); the gradient passes where low ≤ x ≤ high, the limits included.
    """
    if isinstance(low, Recorded) or isinstance(high, Recorded):
        raise UnsupportedError(
            "the limits of clip are constants without a gradient; for limits that are Tensors use "
            "maximum(low, minimum(x, high)), or pass their numbers low.data"
        )
    return p.clip(x, low=low, high=high)


@composite
def tan(x: Operand) -> Value:
    """Tangent, sin x / cos x."""
    return p.divide(p.sin(x), p.cos(x))


@composite
def sinh(x: Operand) -> Value:
    """Hyperbolic sine, (eˣ − e⁻ˣ) / 2, accurate near 0."""
    return p.multiply(p.subtract(p.expm1(x), p.expm1(p.negative(x))), 0.5)


@composite
def cosh(x: Operand) -> Value:
    """Hyperbolic cosine, (eˣ + e⁻ˣ) / 2."""
    return p.multiply(p.add(p.exp(x), p.exp(p.negative(x))), 0.5)


@composite
def arctanh(x: Operand) -> Value:
    """Inverse hyperbolic tangent, (ln(1 + x) − ln(1 − x)) / 2."""
    return p.multiply(p.subtract(p.log1p(x), p.log1p(p.negative(x))), 0.5)


# --- reductions -----------------------------------------------------------------------------------


def _count(x: Value, axis: Axis) -> int:
    shape = _shape(x)
    return math.prod(shape[a] for a in normal_axes(axis, len(shape)))


@composite
def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Value:
    """Arithmetic mean over `axis` (all axes by default).

    (1/n) Σ x

    Raises
    ------
    ShapeError
        If there is nothing to average.
    """
    n = _count(x, axis)
    if n == 0:
        raise ShapeError(f"mean of no values: the shape is {_shape(x)}, the axis {axis}")
    return p.multiply(p.sum(x, axis=axis, keepdims=keepdims), 1.0 / n)


@composite
def var(x: Operand, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Value:
    """Variance over `axis`: (1/(n − ddof)) Σ (x − x̄)²."""
    n = _count(x, axis) - ddof
    if n <= 0:
        raise ShapeError(
            f"variance of {n + ddof} values with ddof={ddof} is undefined: the shape is {_shape(x)}"
        )
    deviation = p.subtract(x, mean(x, axis, True))
    return p.multiply(p.sum(p.square(deviation), axis=axis, keepdims=keepdims), 1.0 / n)


def _safe_root(squares: Value) -> Value:
    """√x with slope 0 at 0: the root never sees the zero, so the slope +∞ never arises."""
    zero = p.equal(squares, 0)
    return p.where(zero, 0.0, p.sqrt(p.where(zero, 1.0, squares)))


@composite
def std(x: Operand, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Value:
    """Standard deviation over `axis`, √var; its gradient is 0 where all values are equal."""
    return _safe_root(var(x, axis, ddof, keepdims))


@composite
def average(x: Operand, axis: Axis = None, weights: Operand | None = None) -> Value:
    """Weighted mean, Σ w x / Σ w; a vector of weights runs along `axis`."""
    if weights is None:
        return mean(x, axis)
    shape, given = _shape(x), _shape(weights)
    if given != shape:
        if len(given) != 1 or not isinstance(axis, int):
            raise ShapeError(
                f"average of shape {shape} with weights of shape {given}: give weights of the same "
                "shape, or a vector of them and the axis along which they run"
            )
        axis = normal_axis(axis, len(shape))
        if given[0] != shape[axis]:
            raise ShapeError(
                f"average along axis {axis} of length {shape[axis]} with {given[0]} weights"
            )
        weights = p.reshape(weights, shape=(-1,) + (1,) * (len(shape) - axis - 1))
    weighted = p.sum(p.multiply(x, weights), axis=axis)
    total = p.sum(p.add(p.multiply(x, 0.0), weights), axis=axis)
    return p.divide(weighted, total)


@composite
def norm(
    x: Operand,
    ord: float | Literal["fro"] | None = None,
    axis: Axis = None,
    keepdims: bool = False,
) -> Value:
    """Norm of the entries along `axis`: (Σ |x|ᵖ)^(1/p), with p = `ord`, by default 2.

    At the zero vector the gradient is 0, one of the subgradients there.

    Parameters
    ----------
    x : array or Tensor
    ord : float, ``"fro"`` or None
        2, None or "fro": √Σ x²; 1: Σ |x|; ∞ and −∞: largest and smallest |x|; 0: number of entries
        that are not zero; any other p > 0: (Σ |x|ᵖ)^(1/p). Unlike NumPy, the entries of a matrix
        are always taken as one long vector: for the spectral norm use its singular values.
    axis : int, tuple or None
    keepdims : bool
    """
    if ord is None or ord == "fro" or ord == 2:
        return _safe_root(p.sum(p.square(x), axis=axis, keepdims=keepdims))
    size = p.absolute(x)
    if ord == 1:
        return p.sum(size, axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return p.max(size, axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return p.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return p.sum(p.absolute(p.sign(x)), axis=axis, keepdims=keepdims)
    if not isinstance(ord, (int, float)) or ord < 0:
        raise ShapeError(f"norm of order {ord!r} is not supported; use 0, 1, 2, p > 0, ±inf")
    zero = p.equal(size, 0)
    powers = p.where(zero, 0.0, p.power(p.where(zero, 1.0, size), ord))
    total = p.sum(powers, axis=axis, keepdims=keepdims)
    empty = p.equal(total, 0)
    return p.where(empty, 0.0, p.power(p.where(empty, 1.0, total), 1.0 / ord))


@composite
def cumsum(x: Operand, axis: int | None = None) -> Value:
    """Running sum along `axis`; None runs over all entries in order."""
    if axis is None:
        return p.cumsum(p.reshape(x, shape=(-1,)), axis=0)
    return p.cumsum(x, axis=axis)


@composite
def softmax(x: Operand, axis: int = -1) -> Value:
    """Softmax over one axis, e^xᵢ / Σⱼ e^xⱼ, shifted by the largest entry against overflow.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return p.exp(p.log_softmax(x, axis=axis))


@composite
def sort(x: Operand, axis: int | None = -1) -> Value:
    """Entries in rising order along `axis` (None flattens); each keeps its own gradient."""
    if axis is None:
        x, axis = flatten(x), 0
    return take_along_axis(x, p.argsort(x, axis=axis), axis)


# --- products -------------------------------------------------------------------------------------


def matmul(x: Operand, y: Operand) -> Any:
    """Matrix product of vectors, matrices, or batches of matrices, as NumPy's ``@``.

    Raises
    ------
    ShapeError
        If the inner sizes differ, or one side is a plain number.
    """
    x, y = _meet(x, y)
    x_shape, y_shape = _shape(x), _shape(y)
    if not x_shape or not y_shape:
        raise ShapeError("the matrix product @ needs vectors or matrices; use * with a number")
    if x_shape[-1] != y_shape[-2 if len(y_shape) > 1 else 0]:
        raise ShapeError(
            f"cannot multiply {x_shape} @ {y_shape}: the inner sizes {x_shape[-1]} and "
            f"{y_shape[-2 if len(y_shape) > 1 else 0]} differ"
        )
    if len(x_shape) > 1 and len(y_shape) > 1:
        return p.matmul(x, y)
    left = x if len(x_shape) > 1 else p.reshape(x, shape=(1, *x_shape))
    right = y if len(y_shape) > 1 else p.reshape(y, shape=(*y_shape, 1))
    product = p.matmul(left, right)
    shape = _shape(product)
    if len(x_shape) == 1:
        shape = (*shape[:-2], shape[-1])
    if len(y_shape) == 1:
        shape = shape[:-1]
    return p.reshape(product, shape=shape)


def dot(x: Operand, y: Operand) -> Any:
    """NumPy's dot: the matrix product for vectors and matrices, the plain product for numbers.

    With more than two axes, the last axis of `x` meets the second to last of `y`.
    """
    x_rank, y_rank = len(_shape(x)), len(_shape(y))
    if x_rank == 0 or y_rank == 0:
        return p.multiply(x, y)
    if x_rank <= 2 and y_rank <= 2:
        return matmul(x, y)
    return tensordot(x, y, axes=([x_rank - 1], [builtins.max(y_rank - 2, 0)]))


def inner(x: Operand, y: Operand) -> Any:
    """Sum of products over the last axis of both."""
    x_rank, y_rank = len(_shape(x)), len(_shape(y))
    if x_rank == 0 or y_rank == 0:
        return p.multiply(x, y)
    return tensordot(x, y, axes=([x_rank - 1], [y_rank - 1]))


def vdot(x: Operand, y: Operand) -> Any:
    """Sum of the products of all entries."""
    return matmul(flatten(x), flatten(y))


def outer(x: Operand, y: Operand) -> Any:
    """Outer product of all entries of `x` with all entries of `y`, xᵢ yⱼ: a matrix."""
    return p.multiply(p.reshape(x, shape=(-1, 1)), p.reshape(y, shape=(1, -1)))


def tensordot(x: Operand, y: Operand, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
    """Sum of products over the given axes of `x` and of `y`, as NumPy's."""
    x, y = _meet(x, y)
    x_rank, y_rank = len(_shape(x)), len(_shape(y))
    if isinstance(axes, int):
        x_axes = list(range(x_rank - axes, x_rank))
        y_axes = list(range(axes))
    else:
        x_axes, y_axes = (list(np.atleast_1d(a)) for a in axes)
    x_axes, y_axes = (
        list(normal_axes(tuple(x_axes), x_rank)),
        list(normal_axes(tuple(y_axes), y_rank)),
    )
    x_free = [a for a in range(x_rank) if a not in x_axes]
    y_free = [a for a in range(y_rank) if a not in y_axes]
    x_shape, y_shape = _shape(x), _shape(y)
    if [x_shape[a] for a in x_axes] != [y_shape[a] for a in y_axes]:
        raise ShapeError(
            f"tensordot of {x_shape} and {y_shape}: the axes {x_axes} of the first and {y_axes} of "
            "the second differ in length"
        )
    folded = math.prod(x_shape[a] for a in x_axes)
    left = p.reshape(
        p.transpose(x, axes=tuple(x_free + x_axes)),
        shape=(math.prod(x_shape[a] for a in x_free), folded),
    )
    right = p.reshape(
        p.transpose(y, axes=tuple(y_axes + y_free)),
        shape=(folded, math.prod(y_shape[a] for a in y_free)),
    )
    shape = tuple(x_shape[a] for a in x_free) + tuple(y_shape[a] for a in y_free)
    return p.reshape(p.matmul(left, right), shape=shape)


def einsum(subscripts: str, *operands: Operand) -> Any:
    """Einstein summation, as NumPy's, with ellipses and repeated letters.

    Examples
    --------
    >>> einsum("ij,jk->ik", np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [3., 4.]])
    """
    ranks = tuple(len(_shape(x)) for x in operands)
    return p.einsum(*operands, subscripts=explicit_subscripts(subscripts, ranks))


@composite
def trace(x: Operand) -> Value:
    """Sum of the diagonal of a matrix: the entries whose first two indices are equal."""
    shape = _shape(x)
    if len(shape) < 2:
        raise ShapeError(f"the trace needs a matrix, got shape {shape}")
    places = np.arange(builtins.min(shape[:2]))
    return p.sum(p.getitem(x, index=(places, places)), axis=0)


# --- shape ----------------------------------------------------------------------------------------


@composite
def reshape(x: Operand, shape: int | tuple[int, ...]) -> Value:
    """Return the same entries in another shape; one length may be −1, which is then worked out."""
    return p.reshape(x, shape=_lengths(shape))


@composite
def transpose(x: Operand, axes: Sequence[int] | None = None) -> Value:
    """Axes in another order; without `axes`, in reverse order."""
    rank = len(_shape(x))
    order = tuple(range(rank)[::-1]) if axes is None else normal_axes(tuple(axes), rank)
    if len(order) != rank:
        raise ShapeError(f"transpose of {rank} axes needs them all in some order, got {axes}")
    return p.transpose(x, axes=order)


@composite
def swapaxes(x: Operand, axis1: int, axis2: int) -> Value:
    """Two axes exchanged."""
    order = list(range(len(_shape(x))))
    first, second = normal_axis(axis1, len(order)), normal_axis(axis2, len(order))
    order[first], order[second] = order[second], order[first]
    return p.transpose(x, axes=tuple(order))


@composite
def moveaxis(x: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Value:
    """Axes moved to other places, the remaining ones in their order."""
    rank = len(_shape(x))
    sources = normal_axes(tuple(np.atleast_1d(source).tolist()), rank)
    places = normal_axes(tuple(np.atleast_1d(destination).tolist()), rank)
    if len(sources) != len(places):
        raise ShapeError(f"moveaxis from {source} to {destination}: as many places as axes needed")
    order = [a for a in range(rank) if a not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return p.transpose(x, axes=tuple(order))


@composite
def squeeze(x: Operand, axis: Axis = None) -> Value:
    """Axes of length 1 left out: all of them, or the given ones."""
    shape = _shape(x)
    axes = normal_axes(axis, len(shape))
    long = [a for a in axes if shape[a] != 1]
    if axis is not None and long:
        raise ShapeError(f"cannot squeeze axis {long[0]} of shape {shape}: its length is not 1")
    kept = tuple(n for a, n in enumerate(shape) if n != 1 or a not in axes)
    return p.reshape(x, shape=kept)


@composite
def expand_dims(x: Operand, axis: int | tuple[int, ...]) -> Value:
    """New axes of length 1, at the given places of the result."""
    shape = list(_shape(x))
    places = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    for place in sorted(normal_axes(places, len(shape) + len(places))):
        shape.insert(place, 1)
    return p.reshape(x, shape=tuple(shape))


@composite
def flatten(x: Operand) -> Value:
    """All entries in one axis."""
    return p.reshape(x, shape=(-1,))


def concatenate(arrays: Sequence[Operand], axis: int | None = 0) -> Any:
    """Join arrays along an axis that they have; None flattens them first."""
    if isinstance(arrays, Recorded):
        arrays = list(arrays)
    if axis is None:
        return p.concatenate(*(flatten(x) for x in arrays), axis=0)
    return p.concatenate(*arrays, axis=axis)


def stack(arrays: Sequence[Operand], axis: int = 0) -> Any:
    """Join arrays of one shape along a new axis."""
    shapes = {_shape(x) for x in arrays}
    if len(shapes) != 1:
        raise ShapeError(f"stack needs arrays of one shape, got {sorted(shapes)}")
    return p.concatenate(*(expand_dims(x, axis) for x in arrays), axis=axis)


def split(x: Operand, sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Cut an array into equal parts, or at the given places along `axis`."""
    shape = _shape(x)
    axis = normal_axis(axis, len(shape))
    length = shape[axis]
    if isinstance(sections, (int, np.integer)):
        if sections < 1 or length % sections:
            raise ShapeError(
                f"an axis of length {length} cannot be cut into {sections} equal parts"
            )
        places = [length // int(sections) * i for i in range(1, sections)]
    else:
        places = list(sections)
    edges = [0, *places, length]
    before = (slice(None),) * axis
    return [
        p.getitem(x, index=(*before, slice(start, stop)))
        for start, stop in itertools.pairwise(edges)
    ]


PadMode = Literal["constant", "edge", "reflect", "symmetric", "wrap"]


def _pairs(width: Any, rank: int) -> tuple[tuple[int, int], ...]:
    pairs = np.broadcast_to(np.asarray(width), (rank, 2))
    if pairs.dtype.kind not in "iu" or (pairs < 0).any():
        raise ShapeError(f"padding widths are whole numbers ≥ 0, got {width!r}")
    return tuple((int(a), int(b)) for a, b in pairs)


@composite
def pad(
    x: Operand,
    pad_width: Any,
    mode: PadMode = "constant",
    constant_values: float = 0.0,
) -> Value:
    """Put a border around an array.

    Parameters
    ----------
    x : array or Tensor
    pad_width : int, (before, after), or one such pair per axis
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}
        The value `constant_values`, or entries of `x` chosen as NumPy's ``pad`` does.
    constant_values : float
    """
    shape = _shape(x)
    widths = _pairs(pad_width, len(shape))
    if mode == "constant":
        return p.pad(x, widths=widths, value=float(constant_values))
    for axis, pair in enumerate(widths):
        if pair != (0, 0):
            x = take(x, np.pad(np.arange(shape[axis]), pair, mode=mode), axis)
    return x


@composite
def repeat(x: Operand, repeats: int | Sequence[int] | Array, axis: int | None = None) -> Value:
    """Each entry `repeats` times in a row along `axis`; None flattens first."""
    if axis is None:
        x, axis = flatten(x), 0
    axis = normal_axis(axis, len(_shape(x)))
    return take(x, np.repeat(np.arange(_shape(x)[axis]), repeats), axis)


@composite
def tile(x: Operand, reps: int | Sequence[int]) -> Value:
    """The whole array `reps` times along each axis."""
    counts = _lengths(reps)
    shape = _shape(x)
    rank = builtins.max(len(counts), len(shape))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - len(shape)) + shape
    # (n₁, n₂) -> (1, n₁, 1, n₂) -> (r₁, n₁, r₂, n₂) -> (r₁·n₁, r₂·n₂)
    spaced = p.reshape(x, shape=tuple(k for n in shape for k in (1, n)))
    wide = tuple(k for r, n in zip(counts, shape, strict=True) for k in (r, n))
    final = tuple(r * n for r, n in zip(counts, shape, strict=True))
    return p.reshape(p.broadcast_to(spaced, shape=wide), shape=final)


@composite
def roll(x: Operand, shift: int | Sequence[int], axis: Axis = None) -> Value:
    """Entries moved along by `shift` places, those that fall off the end coming in at the front."""
    if axis is None:
        return p.reshape(roll(flatten(x), shift, 0), shape=_shape(x))
    shape = _shape(x)
    axes = normal_axes(axis, len(shape))
    for a, places in zip(axes, np.broadcast_to(shift, len(axes)), strict=True):
        x = take(x, np.roll(np.arange(shape[a]), places), a)
    return x


# --- indexing -------------------------------------------------------------------------------------


@composite
def take(x: Operand, indices: Any, axis: int | None = None) -> Value:
    """Entries at `indices` along `axis`; None takes from the flattened array."""
    if axis is None:
        x, axis = flatten(x), 0
    before = (slice(None),) * normal_axis(axis, len(_shape(x)))
    return p.getitem(x, index=(*before, np.asarray(indices)))


@composite
def take_along_axis(x: Operand, indices: Array, axis: int | None = -1) -> Value:
    """Entries picked along `axis` by an array of indices with as many axes as `x`.

    ``result[i, j] = x[i, indices[i, j]]`` for the last axis of a matrix; None flattens `x` first.
    """
    if axis is None:
        x, axis = flatten(x), 0
    shape = _shape(x)
    if len(shape) != np.ndim(indices):
        raise ShapeError(
            f"take_along_axis needs indices with as many axes as x, got {np.shape(indices)} for "
            f"{shape}"
        )
    axis = normal_axis(axis, len(shape))
    grids = list(np.ogrid[tuple(slice(n) for n in shape)])
    grids[axis] = np.asarray(indices)
    return p.getitem(x, index=tuple(grids))


@composite
def scatter_add(x: Operand, index: Any, values: Operand) -> Value:
    """A copy of `x` with `values` added at `index`; entries that are hit twice add up.

    Examples
    --------
    >>> scatter_add(np.zeros(3), np.array([0, 2, 2]), np.ones(3))
    array([1., 0., 2.])
    """
    shape = _shape(x)
    picked = np.broadcast_to(0, shape)[index].shape
    if not isinstance(values, Recorded) and hasattr(x, "dtype"):
        values = np.asarray(values, dtype=x.dtype)
    full = p.broadcast_to(values, shape=picked)
    return p.add(x, p.scatter(full, index=index, shape=shape))
