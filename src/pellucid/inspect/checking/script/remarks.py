"""What is said beside the verdict: parameters never updated, samples shuffled alone."""

from __future__ import annotations

import ast
import re

from pellucid.inspect.checking.script.analysis import Analysis
from pellucid.inspect.checking.script.expressions import call_name, is_reference, last_name, text_of
from pellucid.inspect.checking.script.report import Remark

__all__ = ["remarks_on"]

_PARAMETER = re.compile(
    r"^(w|b|u|v|bias|weights?|theta|gamma|beta|kernel|k)(_?\w{0,3}\d*|_\w+)$", re.IGNORECASE
)


def remarks_on(tree: ast.Module, analysis: Analysis) -> list[Remark]:
    """Return what is odd in a program whatever its gradients are."""
    return [*_never_updated(tree, analysis), *_shuffled_apart(tree)]


def _never_updated(tree: ast.Module, analysis: Analysis) -> list[Remark]:
    """Name what looks like a parameter, has a gradient, and is never changed."""
    stored: dict[str, list[int]] = {}
    read: dict[str, int] = {}
    for node in ast.walk(tree):
        if is_reference(node) and isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            name = last_name(node)
            if isinstance(node.ctx, ast.Store):
                stored.setdefault(name, []).append(node.lineno)
            else:
                read.setdefault(name, node.lineno)
    trained = {last_name(u.target) for u in analysis.updates} | set(analysis.parameters)
    stems = {_stem(name) for name in trained}
    found = []
    for name, lines in stored.items():
        if len(lines) != 1 or name in trained or name not in read or not _PARAMETER.match(name):
            continue
        gradient = next((g for g in _gradient_names(name) if g in stored), None)
        siblings = [g for t in trained for g in _gradient_names(t) if g in stored]
        if gradient is None or not siblings or _stem(name) not in stems | {"b", "w", "bias"}:
            continue
        found.append(
            Remark(
                f"`{name}` (made in line {lines[0]}) is never updated, though its gradient "
                f"`{gradient}` is computed. Update it as the others are.",
                stored[gradient][0],
            )
        )
    return found


def _gradient_names(name: str) -> tuple[str, ...]:
    return (f"d{name}", f"d_{name}", f"grad_{name}", f"{name}_grad", f"g{name}", f"d{name}s")


def _stem(name: str) -> str:
    return re.sub(r"[\d_\[\]]", "", name).lower()


def _shuffled_apart(tree: ast.Module) -> list[Remark]:
    """Name an array that is shuffled alone, though another one is cut into the same batches."""
    orders = {
        text_of(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and call_name(node.value) == "permutation"
    }
    shuffled: dict[str, int] = {}
    indexed: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _order_of(node, orders):
            indexed.add(text_of(node.value))
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.value, ast.Subscript)
            and _order_of(node.value, orders)
            and text_of(node.targets[0]) == text_of(node.value.value)
        ):
            shuffled[text_of(node.targets[0])] = node.lineno
        if isinstance(node, ast.Call) and call_name(node) == "shuffle" and len(node.args) == 1:
            if is_reference(node.args[0]):
                shuffled[text_of(node.args[0])] = node.lineno
            indexed.add(text_of(node.args[0]))
    cut: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            cut.setdefault(text_of(node.slice), []).append(text_of(node.value))
    found = []
    for name, line in shuffled.items():
        beside = {
            other for names in cut.values() if name in names for other in names
            if other not in indexed and other != name
        }  # fmt: skip
        if beside:
            other = min(beside)
            found.append(
                Remark(
                    f"`{name}` is shuffled and `{other}` is not: from then on, row i of "
                    f"`{name}` does not belong to row i of `{other}`. Shuffle both by one order.",
                    line,
                )
            )
    return found


def _order_of(node: ast.Subscript, orders: set[str]) -> bool:
    return isinstance(node.slice, ast.Name) and node.slice.id in orders
