"""From instructions to expressions: formulas of variables, and of entries with their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.inspect.explaining.elementwise import (
    constant,
    elementwise,
    is_elementwise,
    number,
    times,
)
from pellucid.inspect.explaining.expressions import (
    Call,
    Expression,
    Index,
    MatrixProduct,
    Negative,
    Product,
    Quantity,
    Sigma,
    Sum,
    Transposed,
    Words,
)
from pellucid.inspect.explaining.fractions import fraction_of, root_scale, share_of
from pellucid.inspect.explaining.names import Names
from pellucid.inspect.explaining.reading import Reading
from pellucid.inspect.explaining.taps import (
    convolution_taps,
    kernel_taps,
    placed_taps,
    row_taps,
    spread_taps,
    transposed_taps,
    window_taps,
)
from pellucid.primitives.reductions import normal_axes
from pellucid.program import Instruction, Variable
from pellucid.program.named_number import NamedNumber, Share

__all__ = ["Builder"]

_TRANSPOSING = ("transpose", "np.transpose")

_DRAWN = {
    "Generator.random": "drawn at random between 0 and 1",
    "Generator.standard_normal": "drawn at random from N(0, 1)",
}
"""What a random generator gave."""

_CALLED = {"concatenate": "joined", "array.getitem": "part of"}
"""What operations are called whose formula is words, or for which there is none."""


class Builder:
    """Writes variables as expressions of the quantities that they are computed from.

    Parameters
    ----------
    reading : Reading
    names : Names
    """

    def __init__(self, reading: Reading, names: Names) -> None:
        self.reading = reading
        self.names = names

    # --- whole arrays -----------------------------------------------------------------------------

    def formula(self, variable: Variable) -> Expression:
        """Return the formula of a whole variable, with symbols only."""
        made = variable.made_by
        if made is None:
            return Quantity(self.names.symbol(variable))
        operands = [self._whole(argument, made) for argument in made.arguments]
        if is_elementwise(made):
            return elementwise(made, operands)
        name = made.operation.name
        if name == "weighted_sum":
            return _weighted_formula(self, made, operands)
        if name in _WHOLE and len(made.outputs) == 1:
            return _WHOLE[name](operands)
        movement = self.reading.movement(made)
        if movement is not None and len(movement.sources) == 1:
            place = (
                movement.source((0,) * variable.value.ndim) if variable.value.size == 1 else None
            )
            if place is not None and place[0].value.size > 1:
                return self.operand(*place)  # one entry, which has a name of its own
            return self._moved(made, movement.sources[0])
        if made.operation.draws:
            return Words(_DRAWN.get(name, "drawn at random"))
        if name in _CALLED or not made.operation.formula:
            known = [self._whole(v) for v in made.inputs]
            return Call(_CALLED.get(name, name.rpartition(".")[2]), tuple(known), _no)
        return Words(made.operation.formula)

    def _moved(self, made: Instruction, source: Variable) -> Expression:
        inside = self._whole(source)
        name = made.operation.name
        if name in _TRANSPOSING and _turns(made):
            return Transposed(inside)
        if name == "take_rows" and source.role != "parameter":
            return Call("rows of", (inside,), _no)
        if name == "take_rows":
            picked = Call("one_hot", (self._whole(made.keywords["rows"]),), _no)
            return MatrixProduct(picked, inside)
        return inside

    def _whole(self, argument: Any, made: Instruction | None = None) -> Expression:
        """Return an operand in a formula: a number, a symbol, or what it is computed by."""
        if not isinstance(argument, Variable):
            if isinstance(argument, (NamedNumber, int, float, np.generic)):
                return fraction_of(made, argument) or constant(argument)
            return Words("")
        if self.reading.is_inlined(argument):
            return self.formula(argument)
        if argument.role == "constant" and argument.value.size == 1:
            return number(float(argument.value.reshape(())))
        return Quantity(self.names.symbol(argument))

    # --- one entry --------------------------------------------------------------------------------

    def entry(self, variable: Variable, index: Index) -> Expression | None:
        """Return one entry as an expression of the entries that it is computed from.

        None where the operation is one whose entries are told in another way.
        """
        made = variable.made_by
        if made is None or len(made.outputs) != 1:
            return None
        if is_elementwise(made):
            return elementwise(made, [self._at(a, index, made) for a in made.arguments])
        movement = self.reading.movement(made)
        if movement is not None:
            source = movement.source(index)
            return number(0.0) if source is None else self.operand(*source)
        rule = _ENTRIES.get(made.operation.name)
        return None if rule is None else rule(self, made, index)

    def operand(self, variable: Variable, index: Index) -> Expression:
        """Return an entry as a part of an expression: by its name, or as what it is computed by."""
        if self.reading.is_inlined(variable):
            inside = self.entry(variable, index)
            if inside is not None:
                return inside
        return self.names.leaf(variable, index)

    def _at(self, argument: Any, index: Index, made: Instruction | None = None) -> Expression:
        """Return the entry of an operand that meets `index` in broadcasting."""
        if not isinstance(argument, Variable):
            if not _is_number(argument):
                return Words("")
            return fraction_of(made, argument) or constant(argument)
        inner = index[len(index) - len(argument.shape) :] if argument.shape else ()
        place = tuple(0 if n == 1 else i for i, n in zip(inner, argument.shape, strict=True))
        return self.operand(argument, place)

    def terms_of_product(self, made: Instruction, index: Index) -> Expression:
        """Return an entry of a product of matrices, with its bias if it has one."""
        x, w, *bias = made.arguments
        if not isinstance(x, Variable) or not isinstance(w, Variable):
            return self.names.leaf(made.output, index)
        row, column = _product_places(x.shape, w.shape, index)
        length = x.shape[-1]
        terms: list[Expression] = [
            Product((self._factor(x, (*row, k)), self._factor(w, _at_row(column, k))))
            for k in range(length)
        ]
        if bias:
            terms.append(self._at(bias[0], index))
        return Sum(tuple(terms)) if len(terms) > 1 else terms[0]

    def _factor(self, variable: Variable, index: Index) -> Expression:
        """Return an entry of a factor, seen through a transposition."""
        made = variable.made_by
        if made is not None:
            movement = self.reading.movement(made)
            if movement is not None and self.reading.is_inlined(variable):
                source = movement.source(index)
                return number(0.0) if source is None else self._factor(*source)
        return self.names.leaf(variable, index)

    def folded(self, made: Instruction, index: Index) -> list[Expression]:
        """Return the entries that a reduction over axes folds into one."""
        x = made.arguments[0]
        assert isinstance(x, Variable)
        given = made.keywords.get("axis", made.arguments[1] if len(made.arguments) > 1 else None)
        axes = normal_axes(given, x.value.ndim)
        kept = bool(made.keywords.get("keepdims", False))
        rest = iter(index)
        ranges = []
        for axis, n in enumerate(x.shape):
            if axis in axes:
                ranges.append(range(n))
                if kept:
                    next(rest)
            else:
                i = next(rest)
                ranges.append(range(i, i + 1))
        places = np.stack(np.meshgrid(*ranges, indexing="ij"), -1).reshape(-1, len(ranges))
        return [self.operand(x, tuple(int(i) for i in place)) for place in places]


def _turns(made: Instruction) -> bool:
    """Tell whether a transposition swaps the last two axes and no others."""
    count = made.output.value.ndim
    given = made.keywords.get("axes", made.arguments[1] if len(made.arguments) > 1 else None)
    axes = tuple(reversed(range(count))) if given is None else tuple(a % count for a in given)
    return count > 1 and axes == (*range(count - 2), count - 1, count - 2)


def _no(*_: Any) -> Any:
    raise TypeError("a look-up of whole rows has no one number")


def _is_number(value: Any) -> bool:
    return isinstance(value, (NamedNumber, int, float, np.generic)) and not isinstance(
        value, np.dtype
    )


def _product_places(
    x: tuple[int, ...], w: tuple[int, ...], index: Index
) -> tuple[Index, tuple[Index, Index]]:
    """Return the place of the row of x, and that of the column of w: before and after the sum."""
    if len(w) == 1:
        return index, ((), ())
    column = index[-1:]
    before = index[:-1]
    row = before[len(before) - (len(x) - 1) :] if len(x) > 1 else ()
    row = tuple(0 if n == 1 else i for i, n in zip(row, x[:-1], strict=True))
    stack = before[: len(before) - (1 if len(x) > 1 else 0)]
    outer = stack[len(stack) - (len(w) - 2) :] if len(w) > 2 else ()
    outer = tuple(0 if n == 1 else i for i, n in zip(outer, w[:-2], strict=True))
    return row, (outer, column)


def _at_row(column: tuple[Index, Index], k: int) -> Index:
    return (*column[0], k, *column[1])


def _sum_entry(builder: Builder, made: Instruction, index: Index) -> Expression:
    return Sum(tuple(builder.folded(made, index)))


def _weighted_entry(builder: Builder, made: Instruction, index: Index) -> Expression:
    x, w = made.arguments
    places = list(np.ndindex(*x.shape)) if isinstance(x, Variable) else []
    if not isinstance(w, Variable):
        inside = Sum(tuple(builder.operand(x, place) for place in places))
        whole: Expression = inside if len(inside.terms) > 1 else inside.terms[0]
        return times(fraction_of(made, w) or constant(w), whole)
    found = _shared(builder, w)
    if found is not None:  # (1/Σw)·(w·a + w·b + …)
        share, w = found
        terms = tuple(times(builder._at(w, p), builder.operand(x, p)) for p in places)
        return times(share, Sum(terms) if len(terms) > 1 else terms[0])
    return Sum(tuple(Product((builder._at(w, p), builder.operand(x, p))) for p in places))


def _shared(builder: Builder, w: Variable) -> tuple[Expression, Variable] | None:
    """Return 1/Σw and w, where weights have been divided by their sum; else None."""
    made = w.made_by
    if (
        made is None
        or not builder.reading.is_inlined(w)
        or not isinstance(made.arguments[0], Variable)
    ):
        return None
    shares = [a for a in made.arguments[1:] if isinstance(a, Share)]
    return (share_of(shares[0]), made.arguments[0]) if shares else None


def _extreme(name: str, function: Callable[..., Any]) -> Callable[..., Expression]:
    return lambda builder, made, index: Call(name, tuple(builder.folded(made, index)), function)


def _taps_entry(find: Callable[..., Any]) -> Callable[..., Expression]:
    def entry(builder: Builder, made: Instruction, index: Index) -> Expression:
        taps = find(made, index)
        terms: list[Expression] = [
            Product(tuple(builder.names.leaf(v, i) for v, i in tap))
            if len(tap) > 1
            else builder.names.leaf(*tap[0])
            for tap in taps
        ]
        return Sum(tuple(terms)) if terms else number(0.0)

    return entry


def _window_maximum(builder: Builder, made: Instruction, index: Index) -> Expression:
    taps = [builder.names.leaf(*tap[0]) for tap in window_taps(made, index)]
    return Call("max", tuple(taps), lambda *values: max(values))


def _weighted_formula(
    builder: Builder, made: Instruction, operands: list[Expression]
) -> Expression:
    x, w = operands
    weights = made.arguments[1]
    if not isinstance(weights, Variable):
        return times(w, Sigma(x))
    found = _shared(builder, weights)
    if found is None:
        return Sigma(times(w, x))
    return times(found[0], Sigma(times(builder._whole(found[1]), x)))


def _e_to(x: Expression) -> Expression:
    return Call("exp", (x,), np.exp)


def _ln_sum(total: Expression) -> Expression:
    return Call("ln", (total,), np.log)


def _logsumexp_entry(builder: Builder, made: Instruction, index: Index) -> Expression:
    return _ln_sum(Sum(tuple(_e_to(x) for x in builder.folded(made, index))))


def _log_softmax_entry(builder: Builder, made: Instruction, index: Index) -> Expression:
    x = made.arguments[0]
    axis = made.keywords.get("axis", -1) % x.value.ndim
    row = [builder.operand(x, (*index[:axis], k, *index[axis + 1 :])) for k in range(x.shape[axis])]
    return Sum((builder.operand(x, index), Negative(_ln_sum(Sum(tuple(_e_to(x) for x in row))))))


def _softmax_slope_entry(builder: Builder, made: Instruction, index: Index) -> Expression:
    """Return scale · y · (g − Σ g y)."""
    g, y = made.arguments
    rows = [(*index[:-1], k) for k in range(g.shape[-1])]
    total = Sum(tuple(Product((builder.names.leaf(g, k), builder.names.leaf(y, k))) for k in rows))
    scale = made.keywords.get("scale", 1.0)
    inside = Sum((builder.names.leaf(g, index), Negative(total)))
    factors = (builder.names.leaf(y, index), inside)
    return Product(factors if scale == 1.0 else (root_scale(scale), *factors))


_ENTRIES: dict[str, Callable[[Builder, Instruction, Index], Expression]] = {
    "linear": Builder.terms_of_product,
    "matmul": Builder.terms_of_product,
    "np.matmul": Builder.terms_of_product,
    "sum": _sum_entry,
    "np.sum": _sum_entry,
    "np.add.reduce": _sum_entry,
    "max": _extreme("max", lambda *values: max(values)),
    "min": _extreme("min", lambda *values: min(values)),
    "weighted_sum": _weighted_entry,
    "convolution": _taps_entry(convolution_taps),
    "convolution_bias": _taps_entry(convolution_taps),
    "convolution_weights": _taps_entry(kernel_taps),
    "convolution_transpose": _taps_entry(transposed_taps),
    "sum_windows": _taps_entry(window_taps),
    "spread_windows": _taps_entry(spread_taps),
    "place_taps": _taps_entry(placed_taps),
    "add_rows": _taps_entry(row_taps),
    "max_windows": _window_maximum,
    "logsumexp": _logsumexp_entry,
    "log_softmax": _log_softmax_entry,
    "masked_softmax_gradient": _softmax_slope_entry,
}

_WHOLE: dict[str, Callable[[list[Expression]], Expression]] = {
    "linear": lambda o: Sum((MatrixProduct(o[0], o[1]), *o[2:])),
    "matmul": lambda o: MatrixProduct(o[0], o[1]),
    "np.matmul": lambda o: MatrixProduct(o[0], o[1]),
    "sum": lambda o: Sigma(o[0]),
    "np.sum": lambda o: Sigma(o[0]),
    "max": lambda o: Call("max", (o[0],), max),
    "min": lambda o: Call("min", (o[0],), min),
    "convolution": lambda o: MatrixProduct(o[0], o[1], "∗"),
    "convolution_bias": lambda o: Sum((MatrixProduct(o[0], o[1], "∗"), o[2])),
    "convolution_transpose": lambda o: MatrixProduct(o[0], o[1], "∗ᵀ"),
    "convolution_weights": lambda o: MatrixProduct(o[0], o[1], "∗"),
    "max_windows": lambda o: Call("max of each window of", (o[0],), _no),
    "sum_windows": lambda o: Call("sum of each window of", (o[0],), _no),
    "spread_windows": lambda o: Call("every entry of its window gets", (o[0],), _no),
    "place_taps": lambda o: Call("where the maximum was", (o[0],), _no),
    "add_rows": lambda o: Call("added into the rows looked up", (o[0],), _no),
    "log_softmax": lambda o: Sum((o[0], Negative(_ln_sum(Sigma(_e_to(o[0])))))),
    "logsumexp": lambda o: _ln_sum(Sigma(_e_to(o[0]))),
}
