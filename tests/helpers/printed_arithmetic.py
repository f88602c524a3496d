"""Reading a formula as it is printed, and computing it: independent of how it was made."""

from __future__ import annotations

import ast
import math
import re

from pellucid.inspect.explaining.expressions import Quantity, quantities_in
from pellucid.inspect.explaining.nodes import Section, Table, Working
from pellucid.inspect.explaining.writing.plain import PlainFormulas

__all__ = ["arithmetic_of", "check_tables", "check_workings", "magnitude", "workings"]

_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def _sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


_FUNCTIONS = {
    "sigma": _sigmoid,
    "ln": math.log,
    "exp": math.exp,
    "tanh": math.tanh,
    "sqrt": math.sqrt,
    "erf": math.erf,
    "max": max,
    "min": min,
    "abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "cdf": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
    "pdf": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    "where": lambda c, a, b: a if c else b,
    "round": round,
    "infinity": math.inf,
    "cosh": math.cosh,
    "huber": lambda x, d: x * x / 2 if abs(x) <= d else d * (abs(x) - d / 2),
}


def _python(text: str) -> str:
    """Return a printed formula of numbers as Python."""
    text = re.sub(r"\(\d[\d,]* more: ([^()]*)\)", r"(\1)", text)
    text = text.replace("−", "-").replace("·", "*").replace("σ", "sigma")
    text = text.replace("Φ", "cdf").replace("φ", "pdf")
    text = re.sub(r"√(\d[\d.e+-]*)", r"sqrt(\1)", text).replace("√(", "sqrt(")
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(_POWERS), text)
    text = text.replace("^", "**").replace("∞", "infinity")
    for sign, python in (("≥", ">="), ("≤", "<="), ("≠", "!="), (" = ", " == ")):
        text = text.replace(sign, python)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    return text.replace("[", "(").replace("]", ")")


def arithmetic_of(text: str) -> float:
    """Compute a formula of numbers from its print."""
    return float(eval(_python(text), {"__builtins__": {}}, _FUNCTIONS))


class _Magnitudes(ast.NodeTransformer):
    """Makes every number positive and every difference a sum."""

    def visit_UnaryOp(self, node):
        return self.visit(node.operand)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Sub):
            node.op = ast.Add()
        return node


def magnitude(text: str) -> float:
    """Return how large the terms of a formula are, before they cancel."""
    tree = _Magnitudes().visit(ast.parse(_python(text), mode="eval"))
    code = compile(ast.fix_missing_locations(tree), "formula", "eval")
    try:
        return abs(float(eval(code, {"__builtins__": {}}, _FUNCTIONS)))
    except (ValueError, OverflowError):
        return 1.0


def workings(section):
    """Yield the formulas with numbers put in, of a section and those inside it."""
    for block in section.blocks:
        if isinstance(block, Section):
            yield from workings(block)
        elif isinstance(block, Working):
            yield block


def check_workings(explanation) -> int:
    """Check that what is put in gives the result, from what is printed; return of how many."""
    plain = PlainFormulas(digits=10)
    count = 0
    for working in workings(explanation.root):
        if any(q.value is None for q in quantities_in(working.right)):
            continue
        text = plain.write(working.right, numbers=True)
        computed, shown = arithmetic_of(text), working.result.value
        scale = max(magnitude(text), abs(shown))
        close = abs(computed - shown) <= 2e-5 * scale + 1e-12
        assert close or (math.isnan(computed) and math.isnan(shown)), (text, shown)
        count += 1
    return count


def tables(section):
    """Yield the tables of a section and of those inside it."""
    for block in section.blocks:
        if isinstance(block, Section):
            yield from tables(block)
        elif isinstance(block, Table):
            yield block


def check_tables(explanation) -> int:
    """Check that the rows of tables add up, and their factors multiply; return how many rows."""
    count = 0
    for table in tables(explanation.root):
        if not table.total:
            continue
        *rows, last = table.rows
        values = [row[-1].value for row in rows]
        scale = sum(map(abs, values))
        assert abs(sum(values) - last[-1].value) <= 2e-5 * scale + 1e-12, table
        for row in rows:
            factors = [cell.value for cell in row[1:-1] if isinstance(cell, Quantity)]
            if len(factors) == 2 and len(row) == 4:
                assert math.isclose(factors[0] * factors[1], row[-1].value, rel_tol=1e-9)
            count += 1
    return count
