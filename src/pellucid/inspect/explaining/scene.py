"""What an explainer of a layer works with: names, formulas, the chosen entry, and ready blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.explaining.building import Builder
from pellucid.inspect.explaining.expressions import (
    Call,
    Constant,
    Expression,
    Index,
    Indicator,
    Negative,
    Power,
    Product,
    Quantity,
    Quotient,
    Rest,
    Root,
    Sum,
    evaluate,
    quantities_in,
)
from pellucid.inspect.explaining.focus import Focus
from pellucid.inspect.explaining.fractions import counts_in, share_in, what_is_counted
from pellucid.inspect.explaining.movement import is_moving
from pellucid.inspect.explaining.names import Names
from pellucid.inspect.explaining.nodes import (
    Block,
    Cell,
    Equation,
    Matrix,
    Named,
    Summary,
    Table,
    Working,
)
from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.inspect.explaining.titles import shape_text
from pellucid.program import Instruction, Variable

__all__ = ["Scene", "compact"]

MOST_SHOWN = 32
"""An array of up to so many numbers is shown whole."""

MOST_WORKED = 12
"""So many entries of a small array are all worked out."""

_MOST_TERMS = 6  # a longer sum becomes a table of its largest terms
_LARGEST = 6  # that many of them
_WHOLE = 40  # an array is worked out whole if it has so many terms in all
_COLUMNS = 10


class Scene:
    """A layer, or a phase, that is being explained.

    Parameters
    ----------
    reading : Reading
    focus : Focus
    call : LayerCall, optional
    """

    def __init__(self, reading: Reading, focus: Focus, call: LayerCall | None = None) -> None:
        self.reading = reading
        self.focus = focus
        self.call = call
        self.class_names: Any = None
        self.names = Names(reading, call)
        self.builder = Builder(reading, self.names)

    # --- blocks -----------------------------------------------------------------------------------

    def step(self, variable: Variable) -> list[Block]:
        """Return formula, working and result of a variable."""
        made = variable.made_by
        if made is not None and variable.dtype.kind in "iu" and is_moving(made):
            return []
        if made is not None and self.reading.movement(made) is not None:
            counted = self._counted(variable, self.builder.formula(variable))
            note = "; ".join(filter(None, (_moves(made), counted)))
            equation = self.equation(variable, note)
            if equation.left == equation.right:
                return []
            return [equation, *(self.result(variable) if variable.symbol else [])]
        places = self.places(variable)
        blocks: list[Block] = [self.equation(variable)]
        blocks += self.workings(variable, places)
        grid = self.grid(variable)
        if grid is not None and variable.value.size > 1:
            blocks.append(grid)
        elif variable.value.size > len(places):
            blocks.append(self.summary(variable))
        return blocks

    def equation(self, variable: Variable, note: str = "") -> Equation:
        """Return the formula of a variable."""
        formula = self.builder.formula(variable)
        return Equation(self.whole(variable), formula, note or self._counted(variable, formula))

    def _counted(self, variable: Variable, formula: Expression) -> str:
        """Return what the n of a mean counts, "" if there is none in the formula."""
        made = variable.made_by
        counts = list(counts_in(formula))
        if made is None or not counts:
            return ""
        found = share_in(self.reading, made)
        if made.phase != "backward" and found is not None:
            return what_is_counted(*found, self.reading.batch)
        told = dict.fromkeys(
            f"{leaf.symbol.name} = {written(leaf.value, 6)}"
            for leaf in counts
            if leaf.symbol is not None and leaf.value is not None
        )
        return ", ".join(told) + (", as in the loss" if made.phase == "backward" else "")

    def whole(self, variable: Variable) -> Quantity:
        """Return the symbol of a variable."""
        return Quantity(self.names.symbol(variable))

    def workings(self, variable: Variable, at: Sequence[Index] | None = None) -> list[Block]:
        """Return entries with the numbers put in: all of a small array, else the chosen one."""
        places = list(at) if at is not None else self.places(variable)
        blocks: list[Block] = []
        for number, index in enumerate(places):
            expression = self.builder.entry(variable, index)
            if expression is None or _is_copy(expression):
                continue
            blocks += self.working(variable, index, expression, symbols=number == 0)
        return blocks

    def places(self, variable: Variable) -> list[Index]:
        """Return the entries that are worked out."""
        if variable.value.size == 0:
            return []
        if variable.value.size <= MOST_WORKED:
            everywhere = list(np.ndindex(*variable.shape))
            first = self.builder.entry(variable, everywhere[0])
            terms = 0 if first is None else _terms(first)
            if first is not None and terms <= _MOST_TERMS and terms * len(everywhere) <= _WHOLE:
                return everywhere
        return [self.focus.of(variable)]

    def working(
        self, variable: Variable, index: Index, expression: Expression, *, symbols: bool = False
    ) -> list[Block]:
        """Return one entry with the numbers put in; a long sum as a table of its terms."""
        result = self.names.leaf(variable, index)
        left = Quantity(result.symbol, None, variable, index, result.shown)
        terms = expression.terms if isinstance(expression, Sum) else ()
        if len(terms) > _MOST_TERMS and all(map(_is_short, terms)):
            return [self.terms(left, Sum(terms), result)]
        short = compact(expression)
        leaves = list(quantities_in(short))
        return [Working(left, short, result, symbols and len(leaves) <= 8)]

    def terms(self, left: Quantity, whole: Sum, result: Quantity) -> Table:
        """Return a long sum as a table: its largest terms, what the others come to, the total."""
        products: list[Expression] = [t for t in whole.terms if _pair(t) is not None]
        singles: list[Expression] = [t for t in whole.terms if _pair(t) is None]
        if len(singles) > 2:
            products, singles = list(whole.terms), []
        values = [evaluate(term) for term in products]
        order = sorted(range(len(values)), key=lambda k: -abs(values[k]))
        count = _LARGEST if len(order) > _LARGEST + 1 else len(order)
        shown = [products[k] for k in sorted(order[:count])]
        rest = [values[k] for k in order[count:]]
        pairs = all(_pair(term) is not None for term in shown)
        rows: list[tuple[Cell, ...]] = []
        for term in shown:
            factors = (_pair(term) or ()) if pairs else ()
            rows.append((Named(term), *factors, Quantity(value=evaluate(term))))
        blanks: tuple[Cell, ...] = ("", "") if pairs else ()
        if rest:
            total = Quantity(value=sum(rest))
            rows.append((f"{len(rest):,} smaller terms", *blanks, total))
        rows += [(Named(term), *blanks, Quantity(value=evaluate(term))) for term in singles]
        rows.append((Named(left), *blanks, result))
        headers: tuple[str | Named, ...] = ("term", "value")
        if pairs:
            headers = ("term", *self._factors(shown), "product")
        caption = f"the largest of {len(whole.terms):,} terms" if rest else ""
        return Table(headers, tuple(rows), caption, total=True)

    def _factors(self, products: Sequence[Expression]) -> list[str | Named]:
        """Return what the two factors of products are called."""
        names: list[str | Named] = []
        for side in range(2):
            symbols = {pair[side].symbol for p in products if (pair := _pair(p)) is not None}
            symbol = symbols.pop() if len(symbols) == 1 else None
            names.append("factor" if symbol is None else Named(Quantity(symbol)))
        return names

    def result(self, variable: Variable) -> list[Block]:
        """Return the numbers of a variable, or what they are like if they are many."""
        if variable.value.size == 1:
            return []
        grid = self.grid(variable)
        return [self.summary(variable) if grid is None else grid]

    def grid(self, variable: Variable) -> Matrix | None:
        """Return the numbers of a small array in rows and columns, None if it is large."""
        shape = variable.shape
        lead = [n for n in shape[:-2] if n > 1]
        if variable.value.size > MOST_SHOWN or lead or not shape or shape[-1] > _COLUMNS:
            return None
        return self.plane(variable, (0,) * (len(shape) - 2))

    def plane(
        self,
        variable: Variable,
        lead: Index,
        *,
        shaded: bool = False,
        label: Quantity | None = None,
    ) -> Matrix:
        """Return the last two axes of a variable in rows and columns."""
        shape = variable.shape
        heights = range(shape[-2]) if len(shape) > 1 else [None]
        rows = tuple(
            tuple(
                self.names.leaf(variable, (*lead, *([] if y is None else [y]), x))
                for x in range(shape[-1])
            )
            for y in heights
        )
        label = self.whole(variable) if label is None else label
        return Matrix(label, rows, shaded=shaded)

    def summary(self, variable: Variable) -> Summary:
        """Return what a large array is like."""
        value = variable.value.astype(np.float64)
        with np.errstate(all="ignore"):  # a network that has run away has infinite entries
            return self._summary(variable, value)

    def _summary(self, variable: Variable, value: Array) -> Summary:
        finite = value[np.isfinite(value)]
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
        counts = np.histogram(finite, bins=24, range=(low, high if high > low else low + 1))[0]
        figures: dict[str, Callable[..., Any]] = {
            "min": np.min,
            "mean": np.mean,
            "max": np.max,
            "std": np.std,
        }
        statistics = tuple(
            (name, Quantity(value=float(f(value)), variable=variable, statistic=name))
            for name, f in figures.items()
            if value.size
        )
        order = np.argsort(-np.abs(value), axis=None, kind="stable")[:5]
        largest = tuple(
            self.names.leaf(variable, tuple(int(i) for i in np.unravel_index(n, value.shape)))
            for n in order
        )
        label = self.whole(variable)
        return Summary(label, variable, statistics, tuple(map(int, counts)), largest)


def _moves(made: Instruction) -> str:
    """Return what an operation does that computes nothing."""
    before, after = made.inputs[0].shape, made.output.shape
    names = {
        "getitem": "picked out",
        "array.getitem": "picked out",
        "take_rows": "picked out",
        "scatter": "zero elsewhere",
    }
    how = names.get(made.operation.name, made.operation.formula or made.operation.name)
    if made.operation.name == "broadcast_to":
        how = "the same for each"
    where = _slices(made.keywords.get("index"))
    if made.operation.name == "scatter" and where:
        how = f"placed at{where}, {how}"
    elif where:
        how += where
    return f"{how}: {shape_text(before)} → {shape_text(after)}"


def _slices(index: Any) -> str:
    """Return ``" [:, :2]"`` of an index of slices and whole numbers; "" of another."""
    parts = index if isinstance(index, tuple) else (index,)
    texts = []
    for part in parts:
        if isinstance(part, slice) and part.step in (None, 1):
            ends = ("" if end is None else str(end) for end in (part.start, part.stop))
            texts.append(":".join(ends))
        elif isinstance(part, (int, np.integer)):
            texts.append(str(part))
        else:
            return ""
    return f" [{', '.join(texts)}]"


def _is_copy(expression: Expression) -> bool:
    return isinstance(expression, Quantity)


def _is_short(term: Expression) -> bool:
    """Tell whether a term fits in a row of a table: a number, or a product of two."""
    return isinstance(term, (Quantity, Constant)) or _pair(term) is not None


def _pair(term: Expression) -> tuple[Quantity, Quantity] | None:
    """Return the two factors of a product of two numbers, None if it is something else."""
    if isinstance(term, Product) and len(term.factors) == 2:
        a, b = term.factors
        if isinstance(a, Quantity) and isinstance(b, Quantity):
            return a, b
    return None


def _terms(expression: Expression) -> int:
    """Return how many terms or factors an expression has."""
    return max(1, sum(1 for _ in quantities_in(expression)) // 2)


def compact(expression: Expression) -> Expression:
    """Shorten sums inside an expression that have too many terms to be read."""
    if isinstance(expression, Sum) and len(expression.terms) > _MOST_TERMS:
        values = [evaluate(term) for term in expression.terms]
        largest = sorted(sorted(range(len(values)), key=lambda k: -abs(values[k]))[:3])
        kept = [compact(expression.terms[k]) for k in largest]
        rest = [value for k, value in enumerate(values) if k not in largest]
        return Sum((*kept, Rest(len(rest), sum(rest))))
    return _rebuilt(expression)


def _rebuilt(expression: Expression) -> Expression:
    """Return an expression with the sums inside it shortened."""
    match expression:
        case Sum(terms):
            return Sum(tuple(map(compact, terms)))
        case Product(factors):
            return Product(tuple(map(compact, factors)))
        case Negative(body):
            return Negative(compact(body))
        case Root(body):
            return Root(compact(body))
        case Quotient(above, below):
            return Quotient(compact(above), compact(below))
        case Power(base, exponent):
            return Power(compact(base), compact(exponent))
        case Indicator(left, sign, right):
            return Indicator(compact(left), sign, compact(right))
        case Call(name, arguments, function):
            return Call(name, tuple(map(compact, arguments)), function)
    return expression
