"""Weight decay that is in the updates, and not in the loss."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.inspect.checking.script.analysis import Analysis
from pellucid.inspect.checking.script.bench import Bench, Loss
from pellucid.inspect.checking.script.expressions import is_reference, last_name, text_of

__all__ = ["decay_of", "has_penalty", "without"]


def decay_of(bench: Bench, loss: Loss) -> dict[str, float] | None:
    """Return c by parameter, where the updates are the gradient of a loss plus c times the weights.

    None if some gradient differs by something else, if none differs, or if c is no number that the
    program says. It is tried at two places.
    """
    numbers = _numbers(bench.analysis.tree)
    found: list[dict[str, float]] = []
    for seed in (1, 2):
        place = bench.moved(seed)
        claimed, true = bench.gradients(place), bench.true_gradients(loss, place)
        if true is None:
            return None
        shares: dict[str, float] = {}
        for name, weights in place.items():
            given, expected = np.asarray(claimed[name]), np.asarray(true[name])
            if given.shape != expected.shape or given.shape != np.shape(weights):
                return None
            rest = given - expected
            size = float(np.max(np.abs(given), initial=0.0))
            if np.max(np.abs(rest), initial=0.0) <= 1e-9 * size + 1e-13:
                continue
            share = float(np.vdot(weights, rest) / np.vdot(weights, weights))
            if not np.allclose(rest, share * weights, rtol=1e-6, atol=1e-9 * size + 1e-13):
                return None
            shares[name] = share
        found.append(shares)
    first, second = found
    if not first or set(first) != set(second):
        return None
    result = {}
    for name, share in first.items():
        said = next((n for n in numbers if np.isclose(share, n, rtol=1e-5)), None)
        if said is None or not np.isclose(share, second[name], rtol=1e-5):
            return None
        result[name] = said
    return result


def without(bench: Bench, shares: dict[str, float]) -> Bench:
    """Return the program's step with the gradients less the decay."""
    readings = dict(bench.readings)
    for name, share in shares.items():
        target = bench.analysis.parameters[name].update.target
        taken = ast.BinOp(ast.Constant(share), ast.Mult(), target)
        readings[name] = replace(
            readings[name], gradient=ast.BinOp(readings[name].gradient, ast.Sub(), taken)
        )
    other = Bench(bench.analysis, readings)
    other.step.before = bench.step.before
    return other


def has_penalty(analysis: Analysis) -> bool:
    """Tell whether the program computes squares or norms of what it trains, as a penalty does."""
    names = {last_name(p.update.target) for p in analysis.parameters.values()} | {
        name.partition("[")[0] for name in analysis.parameters
    }
    names |= {
        n.id
        for node in ast.walk(analysis.tree)
        if isinstance(node, (ast.For, ast.comprehension))
        and any(isinstance(i, (ast.Name, ast.Attribute)) and _last(i) in names
                for i in ast.walk(node.iter))
        for n in ast.walk(node.target)
        if isinstance(n, ast.Name)
    }  # fmt: skip
    return any(_squared(node, names) for node in ast.walk(analysis.tree))


def _last(node: ast.AST) -> str:
    return last_name(node) if is_reference(node) else ""


def _squared(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _last(node.left) in names
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return text_of(node.left) == text_of(node.right) and _last(node.left) in names
    if isinstance(node, ast.Call) and node.args:
        called = last_name(node.func)
        if called in ("square", "norm", "abs", "vdot"):
            return any(_last(n) in names for n in ast.walk(node.args[0]))
    return False


def _numbers(tree: ast.AST) -> list[float]:
    """Return the numbers that a program says; 2 c and c / 2 of a penalty are not among them."""
    found: list[Any] = [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) is float
    ]
    return sorted({float(n) for n in found if 0 < n < 1})
