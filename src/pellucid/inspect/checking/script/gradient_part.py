"""Taking an update apart: which part is the gradient, and which the learning rate.

``W -= learning_rate * dW / m`` takes dW / m. Momentum and its relatives feed a state of their own,
``v = beta * v + (1 - beta) * dW``; there the gradient is what feeds the state. What is found here
are proposals; the first that gives the step when the program runs is taken.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from pellucid.inspect.checking.script.expressions import (
    RATE,
    additive_terms,
    call_name,
    factors,
    is_reference,
    last_name,
    references,
    replaced,
    simplified,
    text_of,
)
from pellucid.inspect.checking.script.updates import Scope, Term, Update

__all__ = ["Proposal", "proposals"]

_ONE = ast.Constant(1.0)
_DEPTH = 4  # assignments that are followed back


@dataclass
class Proposal:
    """A reading of an update.

    Attributes
    ----------
    gradient : expression
        With the sign that a gradient has: the update goes against it.
    rate : expression or None
    kind : str
        "plain"; "state" if a state of momentum's kind is fed by it; "adaptive" if its entries are
        scaled, as RMSProp does; "decay" if a multiple of the parameter was left out.
    named : bool
        Whether the rate has a name that says so.
    state : str
        The text of the state, if there is one.
    """

    gradient: ast.expr
    rate: ast.expr | None
    kind: str = "plain"
    named: bool = False
    state: str = ""
    cores: list[str] = field(default_factory=list)


def proposals(update: Update) -> list[Proposal]:
    """Return readings of an update, the most likely first."""
    found = [*_from_states(update), *_direct(update.terms, update)]
    found = [one for one in found if references(one.gradient)]
    result: list[Proposal] = []
    for one in found:
        one.gradient = simplified(one.gradient)
        one.cores = _cores(one.gradient)
        seen = {(text_of(o.gradient), o.kind) for o in result}
        if (text_of(one.gradient), one.kind) not in seen:
            result.append(one)
        without = _without_decay(one, update)
        if without is not None:
            result.append(without)
    # Readings without a multiple of the parameter only where those with it are wrong
    return sorted(result, key=lambda p: p.kind == "decay")


# --- the update itself ----------------------------------------------------------------------------


def _direct(terms: list[Term], update: Update, depth: int = 0) -> list[Proposal]:
    found: list[Proposal] = []
    for rate, named in _rates(terms):
        fixed = [(sign, _product_without(term, rate)) for sign, term in terms]
        rest = [(sign, _without_schedule(term)) for sign, term in fixed]
        stripped = [(sign, _without_root(term)) for sign, term in rest]
        if any(a is not b for (_, a), (_, b) in zip(rest, stripped, strict=True)):
            found.append(Proposal(_minus(stripped), rate, "adaptive", named))
        slows = any(a is not b for (_, a), (_, b) in zip(fixed, rest, strict=True))
        found.append(Proposal(_minus(rest), rate, "adaptive" if slows else "plain", named))
    if not any(p.named for p in found) and depth < _DEPTH:
        for opened in _opened(terms, update):
            found = [p for p in _direct(opened, update, depth + 1) if p.rate is not None] + found
    if depth == 0:
        found.append(Proposal(_minus(terms), None))
    return found


def _rates(terms: list[Term]) -> list[tuple[ast.expr, bool]]:
    """Return what may be the learning rate: a factor that is in every term."""
    common: list[tuple[ast.expr, bool, int]] = []
    for factor, exponent in factors(terms[0][1])[1]:
        if exponent != 1:
            continue
        text = text_of(factor)
        if not all(
            any(e == 1 and text_of(f) == text for f, e in factors(term)[1]) for _, term in terms[1:]
        ):
            continue
        if is_reference(factor) and RATE.match(last_name(factor)):
            common.append((factor, True, 0))
        elif isinstance(factor, ast.Constant) and isinstance(factor.value, float):
            common.append((factor, False, 1 if not factor.value.is_integer() else 3))
        elif call_name(factor) in ("float32", "float64", "float"):
            common.append((factor, False, 1))
        elif is_reference(factor):
            common.append((factor, False, 2))  # counts only if it turns out to be a fixed number
    if any(rank == 0 for _, _, rank in common):
        common = [c for c in common if c[2] == 0]
    return [(factor, named) for factor, named, _ in sorted(common, key=lambda c: c[2])]


def _product_without(term: ast.expr, rate: ast.expr) -> ast.expr:
    wanted = text_of(rate)
    old: list[ast.AST] = [f for f, e in factors(term)[1] if e == 1 and text_of(f) == wanted]
    return replaced(term, old[:1], _ONE)


def _without_schedule(term: ast.expr) -> ast.expr:
    """Leave out what makes the rate smaller from round to round, as ``1 + decay * epoch`` does."""
    found: list[ast.AST] = [
        f for f, _ in factors(term)[1]
        if isinstance(f, ast.BinOp)
        and any(_COUNTER.match(text) for text in references(f))
        and not any(isinstance(n, (ast.Call, ast.Subscript, ast.MatMult)) for n in ast.walk(f))
    ]  # fmt: skip
    return replaced(term, found, _ONE) if found else term


_COUNTER = re.compile(r"^(self\.)?(\w*epochs?|it|iter|iteration|\w*_step)$")


def _without_root(term: ast.expr) -> ast.expr:
    """Leave out a division by ``np.sqrt(...) + epsilon``, which scales entry by entry."""
    roots: list[ast.AST] = [
        f for f, e in factors(term)[1]
        if e == -1 and any(call_name(n) == "sqrt" for n in ast.walk(f))
    ]  # fmt: skip
    return replaced(term, roots, _ONE) if roots else term


def _minus(terms: list[Term]) -> ast.expr:
    """Return minus the sum of terms."""
    result: ast.expr | None = None
    for sign, term in terms:
        if result is None:
            result = term if sign == -1 else _negative(term)
        else:
            result = ast.BinOp(result, ast.Add() if sign == -1 else ast.Sub(), term)
    assert result is not None
    return result


def _negative(term: ast.expr) -> ast.expr:
    if isinstance(term, ast.UnaryOp) and isinstance(term.op, ast.USub):
        return term.operand
    return ast.UnaryOp(ast.USub(), term)


def _opened(terms: list[Term], update: Update) -> list[list[Term]]:
    """Return the terms with a reference replaced by what it was assigned."""
    if len(terms) != 1:
        return []
    sign, term = terms[0]
    for factor, exponent in factors(term)[1]:
        if exponent != 1 or not is_reference(factor):
            continue
        definitions = update.scope.before(text_of(factor), update.line)
        if definitions and definitions[0].operator is None:
            value = definitions[0].value
            if text_of(factor) in references(value):
                continue
            opened = replaced(term, [factor], value)
            return [additive_terms(opened, sign)]
    return []


def _cores(gradient: ast.expr) -> list[str]:
    """Return the terms of a gradient that are a reference, but for factors that are numbers."""
    found = []
    for _, term in additive_terms(gradient):
        parts = [f for f, e in factors(term)[1] if e == 1 and not isinstance(f, ast.Constant)]
        found += [text_of(f) for f in parts if is_reference(f)]
    return found


def _without_decay(one: Proposal, update: Update) -> Proposal | None:
    """Return the gradient without a term that is a multiple of the parameter itself."""
    terms = additive_terms(one.gradient)
    rest = [
        (sign, term) for sign, term in terms
        if not any(e == 1 and text_of(f) == update.text for f, e in factors(term)[1])
    ]  # fmt: skip
    if not rest or len(rest) == len(terms):
        return None
    turned = [(-sign, term) for sign, term in rest]
    return Proposal(_minus(turned), one.rate, "decay", one.named, one.state, _cores(_minus(turned)))


# --- states ---------------------------------------------------------------------------------------


def _from_states(update: Update) -> list[Proposal]:
    """Return what feeds the states that an update was made from."""
    found: list[Proposal] = []
    squares: list[Proposal] = []
    signs = {text: sign for sign, text in _signed_references(update.terms)}
    todo = [(text, signs.get(text, 1), 0) for text in _all_references(update.terms)]
    seen: set[str] = set()
    while todo:
        text, sign, depth = todo.pop(0)
        if text in seen or text == update.text:
            continue
        seen.add(text)
        fed = _feeding(text, update.scope, update.line)
        if fed is not None:
            terms, shrinking = fed
            rates = _rates(terms)
            named = [rate for rate, is_named in rates if is_named]
            rate = named[0] if named else None
            if rate is not None:
                terms = [(s, _product_without(t, rate)) for s, t in terms]
            terms = [(s * sign, _without_share(t, shrinking)) for s, t in terms]
            squared = [_square_root(t) for _, t in terms]
            if len(squared) == 1 and squared[0] is not None:
                squares.append(Proposal(squared[0], None, "adaptive", state=text))
            else:
                found.append(Proposal(_minus(terms), rate, "state", bool(named), text))
            continue
        if depth < _DEPTH:
            for definition in update.scope.before(text, update.line)[:1]:
                todo += [(r, sign, depth + 1) for r in references(definition.value)]
    return found + squares


def _all_references(terms: list[Term]) -> list[str]:
    return [text for _, term in terms for text in references(term)]


def _signed_references(terms: list[Term]) -> list[tuple[int, str]]:
    """Return the references in the terms with the sign that the update has in them."""
    return [
        (sign * factors(term)[0], text)
        for sign, term in reversed(terms)
        for text in references(term)
    ]


def _feeding(text: str, scope: Scope, line: int) -> tuple[list[Term], str] | None:
    """Return the terms that feed a state, and by what its old value is multiplied; None if none."""
    definitions = scope.before(text, line)
    for position, definition in enumerate(definitions):
        if definition.operator is None:
            terms = additive_terms(definition.value)
            kept = [
                (sign, term) for sign, term in terms
                if any(text_of(f) == text for f, _ in factors(term)[1])
                or any(text in references(f) and call_name(f) in ("get", "") for f, _ in
                       factors(term)[1] if isinstance(f, ast.Call))
            ]  # fmt: skip
            if len(kept) != 1 or len(terms) < 2:
                return None
            multiplied = [text_of(f) for f, _ in factors(kept[0][1])[1] if text_of(f) != text]
            if not multiplied:
                return None
            return [t for t in terms if t[1] is not kept[0][1]], multiplied[0]
        if isinstance(definition.operator, (ast.Add, ast.Sub)):
            shrinking = next(
                (d for d in definitions[position + 1 :] if isinstance(d.operator, ast.Mult)), None
            )
            if shrinking is None:
                return None
            sign = 1 if isinstance(definition.operator, ast.Add) else -1
            return additive_terms(definition.value, sign), text_of(shrinking.value)
    return None


def _without_share(term: ast.expr, shrinking: str) -> ast.expr:
    """Leave out the factor 1 - beta of what feeds ``v = beta * v + (1 - beta) * dW``."""
    for factor, exponent in factors(term)[1]:
        if exponent != 1 or is_reference(factor):
            continue
        text = text_of(factor)
        if (
            text == f"1 - {shrinking}"
            or text == f"1.0 - {shrinking}"
            or _add_to_one(text, shrinking)
        ):
            return replaced(term, [factor], _ONE)
    return term


def _add_to_one(text: str, other: str) -> bool:
    try:
        return abs(float(text) + float(other) - 1) < 1e-9
    except ValueError:
        return False


def _square_root(term: ast.expr) -> ast.expr | None:
    """Return x of ``x ** 2``, ``x * x`` and ``np.square(x)``, with its other factors left out."""
    _, parts = factors(term)
    parts = [(f, e) for f, e in parts if not (isinstance(f, ast.Constant) and f.value == 1.0)]
    for factor, _ in parts:
        if isinstance(factor, ast.BinOp) and isinstance(factor.op, ast.Pow):
            if text_of(factor.right) in ("2", "2.0"):
                return factor.left
        elif call_name(factor) in ("square", "power") and isinstance(factor, ast.Call):
            return factor.args[0]
    texts = [text_of(f) for f, _ in parts]
    for factor, _ in parts:
        if texts.count(text_of(factor)) == 2:
            return factor
    return None
