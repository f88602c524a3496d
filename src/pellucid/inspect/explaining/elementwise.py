"""Operations that work entry by entry, as expressions of their operands."""

from __future__ import annotations

import ast
import math
import typing
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from pellucid.inspect.explaining.expressions import (
    Call,
    Constant,
    Expression,
    Indicator,
    Negative,
    Power,
    Product,
    Quantity,
    Quotient,
    Root,
    Sum,
    Symbol,
)
from pellucid.program import Instruction
from pellucid.program.named_number import NamedNumber

__all__ = [
    "constant",
    "elementwise",
    "is_elementwise",
    "is_share",
    "number",
    "rectified",
    "sigmoid",
    "times",
]

Rule = Callable[..., Expression]


def number(value: float) -> Quantity:
    """Return a plain number."""
    return Quantity(value=float(value))


_EXPRESSIONS = typing.get_args(Expression)
_ONE = Quantity(value=1.0)


# --- settings with a name -------------------------------------------------------------------------

_SETTINGS = {
    "lr": Symbol("η"),
    "step": Symbol("t"),
    "eps": Symbol("ε"),
    "alpha": Symbol("α"),
    "rho": Symbol("ρ"),
    "momentum": Symbol("μ"),
    "weight_decay": Symbol("λ"),
    "beta1": Symbol("β", "1"),
    "beta2": Symbol("β", "2"),
}


def constant(value: Any) -> Expression:
    """Return a number, with its formula if it is one that an optimizer is set to."""
    if isinstance(value, NamedNumber):
        plain = float(cast("float", value))
        if plain == 1.0 and not value.is_name:
            return _ONE  # such as 1 − dampening without dampening
        formula = _parsed(ast.parse(value.text, mode="eval").body)
        settings = tuple(
            Quantity(setting(name), float(number)) for name, number in value.names.items()
        )
        return Constant(formula, plain, settings)
    return number(value)


def setting(name: str) -> Symbol:
    """Return the symbol of a setting of an optimizer."""
    return _SETTINGS.get(name, Symbol(name.replace("_", " ")))


def _parsed(node: ast.expr) -> Expression:
    match node:
        case ast.Name(name):
            return Quantity(setting(name))
        case ast.Constant(value):
            return number(value)  # type: ignore[arg-type]
        case ast.UnaryOp(ast.USub(), operand):
            return Negative(_parsed(operand))
        case ast.BinOp(left, op, right):
            a, b = _parsed(left), _parsed(right)
            match op:
                case ast.Add():
                    return _sum(a, b)
                case ast.Sub():
                    return _sum(a, Negative(b))
                case ast.Mult():
                    return times(a, b)
                case ast.Div():
                    return Quotient(a, b)
                case ast.Pow():
                    if isinstance(b, Quantity) and b.value == 0.5:
                        return Root(a)
                    return Power(a, b)
    raise TypeError(f"no formula for {ast.unparse(node)}")


# --- operations -----------------------------------------------------------------------------------


def _sum(*terms: Expression) -> Sum:
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Sum) else (term,))
    return Sum(tuple(flat))


def times(*factors: Expression) -> Expression:
    """Return a product, without factors of 1; of two that are the same, the square."""
    if len(factors) == 2 and factors[0] == factors[1] != _ONE:
        return Power(factors[0], number(2))
    flat: list[Expression] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else (factor,))
    kept = _doubled([factor for factor in flat if factor != _ONE])
    if len(kept) < 2:
        return kept[0] if kept else _ONE
    return Product(tuple(kept))


def _doubled(factors: list[Expression]) -> list[Expression]:
    """Put a number that follows 1/n above the line: the derivative of a mean square has 2/n."""
    kept: list[Expression] = []
    for factor in factors:
        plain = isinstance(factor, Quantity) and factor.symbol is None
        shares = [k for k, other in enumerate(kept) if is_share(other)]
        if plain and shares:
            share = kept[shares[-1]]
            assert isinstance(share, Quotient)  # that is what a share is
            kept[shares[-1]] = Quotient(factor, share.below)
        else:
            kept.append(factor)
    return kept


def is_share(expression: Expression) -> bool:
    """Tell whether an expression is the factor 1/n of a mean."""
    return isinstance(expression, Quotient) and expression.above == _ONE


def _difference(a: Expression, b: Expression) -> Expression:
    return _sum(a, Negative(b))


def _called(name: str, function: Callable[..., Any]) -> Rule:
    return lambda *operands: Call(name, operands, function)


def _compared(sign: str) -> Rule:
    return lambda a, b: Indicator(a, sign, b)


def rectified(zero: float, x: float) -> float:
    """Return the larger of 0 and x."""
    return max(zero, x)


def sigmoid(x: float) -> float:
    """Return σ(x)."""
    return 0.5 * math.tanh(0.5 * x) + 0.5


def _e_to(x: Expression) -> Expression:
    return Call("exp", (x,), np.exp)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return a if condition else b


def _cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _pdf(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _logistic(z: Expression, y: Expression) -> Expression:
    """Return max(z, 0) − z·y + ln(1 + e^(−|z|))."""
    size = Call("| |", (z,), abs)
    return _sum(
        Call("max", (z, number(0)), max),
        Negative(times(z, y)),
        Call("ln", (_sum(number(1), _e_to(Negative(size))),), np.log),
    )


def _bernoulli(q: Expression, y: Expression) -> Expression:
    """Return −y·ln q − (1 − y)·ln(1 − q)."""
    other = _sum(number(1), Negative(q))
    return _sum(
        Negative(times(y, Call("ln", (q,), np.log))),
        Negative(times(_sum(number(1), Negative(y)), Call("ln", (other,), np.log))),
    )


def _ones(_: Expression) -> Expression:
    """Return ∂L/∂L, which the way back starts with."""
    return _ONE


_RULES: dict[str, Rule] = {
    "ones_like": _ones,
    "zeros_like": lambda _: number(0.0),
    "add": _sum,
    "subtract": _difference,
    "multiply": times,
    "divide": Quotient,
    "true_divide": Quotient,
    "negative": Negative,
    "square": lambda x: Power(x, number(2)),
    "sqrt": Root,
    "reciprocal": lambda x: Quotient(number(1), x),
    "power": Power,
    "absolute": _called("| |", abs),
    "identity": lambda x: x,
    "cast": lambda x: x,
    "astype": lambda x, *_: x,
    "array.astype": lambda x, *_: x,
    "exp": _e_to,
    "exp2": lambda x: Power(number(2), x),
    "expm1": lambda x: _sum(_e_to(x), number(-1)),
    "log": _called("ln", np.log),
    "log2": _called("log₂", np.log2),
    "log10": _called("log₁₀", np.log10),
    "log1p": lambda x: Call("ln", (_sum(number(1), x),), np.log),
    "logaddexp": lambda a, b: Call("ln", (_sum(_e_to(a), _e_to(b)),), np.log),
    "tanh": _called("tanh", np.tanh),
    "sigmoid": _called("σ", sigmoid),
    "relu": lambda x: Call("max", (number(0), x), rectified),
    "softplus": lambda x: Call("ln", (_sum(number(1), _e_to(x)),), np.log),
    "sin": _called("sin", np.sin),
    "cos": _called("cos", np.cos),
    "arcsin": _called("arcsin", np.arcsin),
    "arccos": _called("arccos", np.arccos),
    "arctan": _called("arctan", np.arctan),
    "arctan2": _called("arctan2", np.arctan2),
    "arcsinh": _called("arcsinh", np.arcsinh),
    "arccosh": _called("arccosh", np.arccosh),
    "hypot": lambda x, y: Root(_sum(Power(x, number(2)), Power(y, number(2)))),
    "cbrt": _called("∛", np.cbrt),
    "trunc": _called("trunc", np.trunc),
    "sign": _called("sign", np.sign),
    "floor": _called("floor", np.floor),
    "ceil": _called("ceil", np.ceil),
    "rint": _called("round", np.rint),
    "erf": _called("erf", math.erf),
    "normal_cdf": _called("Φ", _cdf),
    "normal_pdf": _called("φ", _pdf),
    "maximum": _called("max", max),
    "minimum": _called("min", min),
    "clip": lambda x, *_: x,
    "huber": lambda x, delta: Call("huber", (x, delta), _huber),
    "step": lambda x: Indicator(x, "≥", number(0)),
    "where": _called("where", _where),
    "equal": _compared("="),
    "not_equal": _compared("≠"),
    "less": _compared("<"),
    "less_equal": _compared("≤"),
    "greater": _compared(">"),
    "greater_equal": _compared("≥"),
    "logistic_loss": _logistic,
    "bernoulli_loss": _bernoulli,
    "log_cosh": lambda x: Call("ln", (Call("cosh", (x,), np.cosh),), np.log),
}


_SETTINGS_OF = {"clip": ("low", "high"), "huber": ("delta",)}
"""Numbers that an operation takes by keyword."""


def _clipped(x: Expression, low: Any, high: Any) -> Expression:
    """Return min(max(x, low), high), each only where there is a limit."""
    for limit, name, function in ((low, "max", max), (high, "min", min)):
        if limit is not None:
            end = limit if isinstance(limit, _EXPRESSIONS) else number(float(limit))
            x = Call(name, (x, end), function)
    return x


def _huber(x: float, delta: float) -> float:
    size = abs(x)
    return 0.5 * x * x if size <= delta else delta * (size - 0.5 * delta)


def _name(instruction: Instruction) -> str:
    name = instruction.operation.name
    return name if name == "array.astype" else name.removeprefix("np.")


def is_elementwise(instruction: Instruction) -> bool:
    """Tell whether each entry of the result comes from one entry of each operand."""
    return _name(instruction) in _RULES and len(instruction.outputs) == 1


def elementwise(instruction: Instruction, operands: list[Expression]) -> Expression:
    """Return the operation as an expression of its operands."""
    name = _name(instruction)
    given = [instruction.keywords.get(setting) for setting in _SETTINGS_OF.get(name, ())]
    if name == "clip":
        return _clipped(operands[0], *(given if len(operands) == 1 else operands[1:]))
    if name == "multiply" and is_share(operands[1]):
        operands = [operands[1], operands[0]]  # 1/n comes first
    return _RULES[name](*operands, *(number(value) for value in given if value is not None))
