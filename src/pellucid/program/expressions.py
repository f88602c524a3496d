"""How an instruction is written in Python: with operators where there are some, else as a call."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.program.instruction import Instruction, Variable, variables_in
from pellucid.program.named_number import NamedNumber
from pellucid.program.traced_array import TracedGenerator

__all__ = ["Expression", "Names", "data_text", "write"]

ATOM, POWER, UNARY, PRODUCT, SUM, COMPARISON, LOWEST = 7, 6, 5, 4, 3, 2, 0
"""How tightly an expression holds together beside others."""

_OPERATORS: dict[str, tuple[str, int]] = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "matmul": ("@", PRODUCT),
    "equal": ("==", COMPARISON),
    "not_equal": ("!=", COMPARISON),
    "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON),
    "greater": (">", COMPARISON),
    "greater_equal": (">=", COMPARISON),
}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BINARY = re.compile(r"\{0\} (\S) \{1\}")
_DEFAULTS = re.compile(
    r", (axis=None|keepdims=False|constant_values=0|constant_values=0\.0)(?=[,)])"
)


@dataclass(frozen=True)
class Expression:
    """A piece of Python, and how tightly it holds together."""

    text: str
    binding: int = ATOM

    def beside(self, binding: int, *, right: bool = False) -> str:
        """Return it as an operand of an operator, in parentheses where it needs them."""
        holds = self.binding > binding or (self.binding == binding and not right)
        return self.text if holds else f"({self.text})"


Names = Callable[[Variable], Expression]
"""How a variable is written where it is used: its name, or the expression that computes it."""


def write(instruction: Instruction, names: Names) -> Expression:
    """Return the right-hand side of an instruction."""
    operation = instruction.operation
    primitive = operation.primitive
    if operation.draws:
        return _draw(instruction, names)
    if primitive is not None and not _collected(instruction):
        return _by_template(instruction, primitive.source, names)
    return _by_name(instruction, names)


# --- primitives -----------------------------------------------------------------------------------


def _by_template(instruction: Instruction, template: str, names: Names) -> Expression:
    inputs = instruction.arguments
    simple = _product(instruction, names)
    if simple is not None:
        return simple
    binary = _BINARY.fullmatch(template)
    if binary:
        symbol = binary.group(1)
        binding = next(b for s, b in _OPERATORS.values() if s == symbol)
        return _operator(symbol, binding, inputs, names)
    if template == "-{0}":
        return Expression(f"-{leaf(inputs[0], names).beside(UNARY)}", UNARY)
    if template == "{0}":
        return leaf(inputs[0], names)
    options = _defaults(instruction) | dict(instruction.keywords)

    def fill(match: re.Match[str]) -> str:
        key, whole = match.group(1), match.string
        before, after = (
            whole[match.start() - 1 : match.start()],
            whole[match.end() : match.end() + 1],
        )
        if key == "inputs":
            return ", ".join(leaf(x, names).text for x in inputs)
        value = inputs[int(key)] if key.isdigit() else options[key]
        if before == "[" and after == "]" and key == "index":
            return index_text(value, names)
        written = argument(value, names, key)
        alone = before in ("(", " ", "=", "[") and after in (")", ",", "]")
        return written.text if alone and not _after_operator(match) else written.beside(ATOM - 1)

    text = _DEFAULTS.sub("", _PLACEHOLDER.sub(fill, template))
    return Expression(text, ATOM if _is_call(text) else LOWEST)


def _after_operator(match: re.Match[str]) -> bool:
    return match.string[max(0, match.start() - 2) : match.start()] in ("* ", "- ", "+ ", "/ ")


def _product(instruction: Instruction, names: Names) -> Expression | None:
    """Write products of matrices with ``@``, and the transpose of a matrix as ``.T``."""
    name, inputs = instruction.operation.name, instruction.arguments
    arrays = [x.value if isinstance(x, Variable) else np.asarray(x) for x in inputs]
    if name == "transpose" and arrays[0].ndim == 2 and instruction.keywords.get("axes") == (1, 0):
        return Expression(f"{leaf(inputs[0], names).beside(ATOM - 1)}.T")
    if name not in ("linear", "matmul") or any(0 in a.strides and a.size > 1 for a in arrays):
        return None
    if arrays[1].ndim == 2 and arrays[0].ndim != 2:
        return None  # computed as one tall product
    if name == "matmul":
        return _operator("@", PRODUCT, inputs, names)
    if np.result_type(arrays[0], arrays[1]) != np.result_type(*arrays):
        return None
    product = _operator("@", PRODUCT, inputs[:2], names)
    return Expression(f"{product.text} + {leaf(inputs[2], names).beside(SUM, right=True)}", SUM)


def _defaults(instruction: Instruction) -> dict[str, Any]:
    try:
        parameters = inspect.signature(instruction.operation.function).parameters.values()
    except ValueError:  # NumPy's own functions do not always tell
        return {"axis": None, "keepdims": False}
    known = {
        p.name: p.default
        for p in parameters
        if p.default is not p.empty and p.default is not np._NoValue
    }
    return {"axis": None, "keepdims": False} | known


def _collected(instruction: Instruction) -> bool:
    return any(value == [] for value in instruction.keywords.values())


# --- NumPy's functions, kernels and draws ---------------------------------------------------------


def _by_name(instruction: Instruction, names: Names) -> Expression:
    name, inputs = instruction.operation.name, instruction.arguments
    if name == "array.getitem":
        target = leaf(inputs[0], names).beside(ATOM - 1)
        return Expression(f"{target}[{index_text(inputs[1], names)}]")
    if name == "array.astype":
        target = leaf(inputs[0], names).beside(ATOM - 1)
        return Expression(f"{target}.astype({argument(inputs[1], names).text})")
    if not instruction.keywords:
        short = name.removeprefix("np.")
        if short in _OPERATORS and len(inputs) == 2:
            return _operator(*_OPERATORS[short], inputs, names)
        if short == "negative" and len(inputs) == 1:
            return Expression(f"-{leaf(inputs[0], names).beside(UNARY)}", UNARY)
        if short == "transpose" and inputs[1:] in ((), (None,)):
            return Expression(f"{leaf(inputs[0], names).beside(ATOM - 1)}.T")
    return Expression(f"{name}({_arguments(inputs, instruction.keywords, names)})")


def _draw(instruction: Instruction, names: Names) -> Expression:
    generator, *inputs = instruction.arguments
    method = instruction.operation.name.rpartition(".")[2]
    given = _arguments(tuple(inputs), instruction.keywords, names)
    return Expression(f"{argument(generator, names).text}.{method}({given})")


def _arguments(inputs: tuple[Any, ...], keywords: Any, names: Names) -> str:
    written = [argument(x, names).text for x in inputs]
    written += [f"{key}={argument(value, names, key).text}" for key, value in keywords.items()]
    return ", ".join(written)


def _operator(symbol: str, binding: int, inputs: tuple[Any, ...], names: Names) -> Expression:
    left, right = (leaf(x, names) for x in inputs)
    if binding == COMPARISON:  # a chain of comparisons means something else in Python
        text = f"{left.beside(COMPARISON, right=True)} {symbol} {right.beside(binding, right=True)}"
        return Expression(text, binding)
    return Expression(
        f"{left.beside(binding)} {symbol} {right.beside(binding, right=True)}", binding
    )


def _is_call(text: str) -> bool:
    """Tell whether the text is one call, subscript or name from its first to its last letter."""
    if not re.match(r"[\w.]+[(\[]", text):
        return text.isidentifier()
    depth = 0
    for i, letter in enumerate(text):
        depth += letter in "(["
        depth -= letter in ")]"
        if depth == 0 and letter in ")]" and i < len(text) - 1:
            rest = text[i + 1 :]
            return bool(re.match(r"\.\w+\(", rest)) and rest.endswith(")")
    return True


# --- leaves ---------------------------------------------------------------------------------------


def leaf(value: Any, names: Names) -> Expression:
    """Return an operand: a variable, a number with a name, or a number."""
    if isinstance(value, Variable):
        return names(value)
    if isinstance(value, NamedNumber):
        return Expression(value.text, value.binding)
    if isinstance(value, (float, int)) and not isinstance(value, (bool, np.generic)):
        text = _number(value)
        return Expression(text, UNARY if text.startswith("-") else ATOM)
    return argument(value, names)


def argument(value: Any, names: Names, keyword: str = "") -> Expression:
    """Return an argument of a call."""
    if isinstance(value, (Variable, NamedNumber)):
        return leaf(value, names)
    if isinstance(value, TracedGenerator):
        return Expression(names(value).text)  # type: ignore[arg-type]
    if isinstance(value, (np.dtype, type)):
        return Expression(_dtype(np.dtype(value)))
    if isinstance(value, np.generic):
        return Expression(f"{_dtype(value.dtype)}({_number(value.item())})")
    if isinstance(value, (slice, type(Ellipsis))):
        return Expression(f"np.s_[{index_text(value, names)}]")
    if isinstance(value, tuple):
        if any(isinstance(part, (slice, type(Ellipsis))) for part in value):
            return Expression(f"np.s_[{index_text(value, names)}]")
        inner = ", ".join(argument(part, names).text for part in value)
        if len(value) == 1 and keyword == "axis":
            return Expression(inner)
        return Expression(f"({inner},)" if len(value) == 1 else f"({inner})")
    if isinstance(value, list):
        return Expression(f"[{', '.join(argument(part, names).text for part in value)}]")
    if isinstance(value, (float, int)) and not isinstance(value, bool):
        return Expression(_number(value))
    return Expression(repr(value))


def index_text(index: Any, names: Names) -> str:
    """Return what stands between the brackets of a subscript."""
    parts = index if isinstance(index, tuple) else (index,)
    written = [_index_part(part, names) for part in parts]
    return ", ".join(written) + ("," if isinstance(index, tuple) and len(parts) == 1 else "")


def _index_part(part: Any, names: Names) -> str:
    if isinstance(part, slice):
        ends = ["" if x is None else argument(x, names).text for x in (part.start, part.stop)]
        step = "" if part.step is None else f":{argument(part.step, names).text}"
        return f"{ends[0]}:{ends[1]}{step}"
    return "..." if part is Ellipsis else argument(part, names).text


def _number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else ("np.inf" if value > 0 else "-np.inf")
    return repr(value)


def _dtype(dtype: np.dtype[Any]) -> str:
    return "bool" if dtype == np.bool_ else f"np.{dtype.name}"


def data_text(array: Any, indent: int = 0) -> str:
    """Return an array as an expression that gives the same bits.

    The rows after the first are indented to stand below it, if the first begins at `indent`.
    """
    if array.size and not array.any() and not np.signbit(array).any():
        return f"np.zeros({array.shape}, {_dtype(array.dtype)})"
    if array.ndim == 0:
        return f"np.array({_number(array.item())}, {_dtype(array.dtype)})"
    with np.printoptions(threshold=array.size + 1, linewidth=88, floatmode="unique"):
        text = np.array2string(array, separator=", ")
    text = re.sub(r"\binf\b", "np.inf", re.sub(r"\bnan\b", "np.nan", text))
    if not array.size:
        return f"np.zeros({array.shape}, {_dtype(array.dtype)})"
    lines = text.split("\n")
    joined = "\n".join([lines[0], *(" " * (indent + 9) + line for line in lines[1:])])
    return f"np.array({joined}, {_dtype(array.dtype)})"


def inputs_used(instruction: Instruction) -> dict[int, int]:
    """Return how often the instruction, as it is written, mentions each of its variables."""
    counts: dict[int, int] = {}
    primitive = instruction.operation.primitive
    for position, value in enumerate(instruction.arguments):
        times = 1
        if primitive is not None:
            times = max(1, primitive.source.count(f"{{{position}}}"))
        for variable in variables_in(value):
            counts[id(variable)] = counts.get(id(variable), 0) + times
    for variable in variables_in(dict(instruction.keywords)):
        counts[id(variable)] = counts.get(id(variable), 0) + 1
    return counts
