"""The updates after the first: gradients that were never set back to zero, or never made anew."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.inspect.checking.checking import check_gradients
from pellucid.inspect.checking.report import Cause, GradientReport
from pellucid.inspect.checking.script.bench import Bench, Loss, Parameters
from pellucid.inspect.checking.script.expressions import last_name, references, text_of

__all__ = ["report_on_later_updates"]


def report_on_later_updates(
    bench: Bench, loss: Loss, options: dict[str, Any]
) -> GradientReport | None:
    """Check the second and third update of a program whose first one is right.

    Parameters
    ----------
    bench : Bench
    loss : int or ListedLoss
        The one that the first update descends.
    options : dict
        What :func:`~pellucid.check_gradients` takes.

    Returns
    -------
    GradientReport or None
        The verdict on the first later update that an experiment shows to be wrong: its gradients
        less those of the update before are the true ones (they were added up), or they are those of
        the first update though the parameters have changed. None if neither is so.
    """
    for find in (_added_up, _not_made_anew):
        try:
            report = find(bench, loss, options)
        except Exception:
            continue  # later steps may fail where the first does not
        if report is not None:
            return report
    return None


def _added_up(bench: Bench, loss: Loss, options: dict[str, Any]) -> GradientReport | None:
    """Tell whether the gradients of the updates before are in those of the second and third."""
    first = bench.step.before
    place = bench.moved()
    try:
        given = [_of_update(bench, place, first + later) for later in range(3)]
        if any(one is None for one in given):
            given = given[:2]
        one, two, *third = given
        if one is None or two is None:
            return None
        kept = [n for n in place if not _equal(one[n], two[n]) and np.any(one[n])]
        true = _true(bench, loss, place, first + 1)
        if true is None:
            return None
        added = [n for n in kept if _equal(two[n] - one[n], true[n])]
        if third and third[0] is not None:
            true = _true(bench, loss, place, first + 2)
            added = [n for n in added if true and _equal(third[0][n] - two[n], true[n])]
        if not added:
            return None
        bench.step.before = first + 1
        report = check_gradients(
            bench.loss(loss), bench.start, bench.gradients, causes=False, **options
        )
    finally:
        bench.step.before = first
    if report.right:
        return None
    arrays = {
        name: lines
        for n in added
        for name, lines in _made(bench, n).items()
    }  # fmt: skip
    held = dict.fromkeys(text_of(bench.readings[n].gradient) for n in added)
    made = ", ".join(f"{name} (line {line})" for name, line in arrays.items())
    detail = (
        f"the gradient arrays {made + ' ' if made else ''}are never set back to zero: the first "
        "update is right, and from the second on the gradients of the updates before are added up"
    )
    cause = Cause(
        "added-up-over-updates", "Gradients of earlier updates added up",
        f"from the second update on ({', '.join(added)})", detail,
        ("set them to zero at the beginning of each round: "
         + "; ".join(f"{name}[...] = 0" for name in list(arrays)[:3] or held),),
    )  # fmt: skip
    return replace(report, explanations=((cause,),), notes=(), untested=())


def _not_made_anew(bench: Bench, loss: Loss, options: dict[str, Any]) -> GradientReport | None:
    """Tell whether the second update repeats the gradients of the first, at other parameters."""
    first = bench.step.before
    if any(p.event.partial for p in bench.analysis.parameters.values()):
        return None  # entries are updated one by one
    place = bench.moved()
    second = bench.second_step(place)
    if second is None:
        return None
    now, given = second
    try:
        bench.step.before = 0
        before, anew = bench.gradients(place), bench.gradients(now)
        old = [
            n for n in place
            if np.any(given[n]) and _equal(given[n], before[n], 1e-13)
            and not _equal(anew[n], given[n], 1e-10)
        ]  # fmt: skip
        if not old:
            return None
        claimed: Callable[[Any], Parameters] = lambda parameters: given  # noqa: E731
        report = check_gradients(bench.loss(loss), now, claimed, causes=False, **options)
    finally:
        bench.step.before = first
    if report.right:
        return None
    cause = Cause(
        "not-computed-anew", "Gradient of old parameters",
        f"from the second update on ({', '.join(old)})",
        "the second update repeats the gradient of the first, though the parameters have changed: "
        "the forward or the backward pass stands outside of the loop, or uses a copy of the "
        "weights that is not renewed",
        ("do the forward and the backward pass in each round of the loop, with the parameters as "
         "they are then",),
    )  # fmt: skip
    return replace(report, explanations=((cause,),), notes=(), untested=())


def _of_update(bench: Bench, place: Parameters, before: int) -> Parameters | None:
    bench.step.before = before
    result = bench.gradients(place)
    return result if set(bench.step.found) == set(bench.start) else None


def _true(bench: Bench, loss: Loss, place: Parameters, before: int) -> Parameters | None:
    bench.step.before = before
    return bench.true_gradients(loss, place)


def _equal(one: Any, other: Any, relative: float = 1e-7) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    largest = float(np.max(np.abs(other), initial=0.0))
    return bool(np.allclose(one, other, rtol=relative, atol=relative * largest))


def _made(bench: Bench, name: str) -> dict[str, int]:
    """Return the arrays that hold a gradient, with the lines that make them."""
    tree = bench.analysis.tree
    wanted = {text_of(bench.readings[name].gradient), *references(bench.readings[name].gradient)}
    wanted |= _zipped(tree, wanted)
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            single = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            for one in single:
                if text_of(one) in wanted or (
                    isinstance(one, ast.Attribute) and one.attr in {_last_name(w) for w in wanted}
                ):
                    found.setdefault(text_of(one), node.lineno)
    return found


def _last_name(text: str) -> str:
    try:
        return last_name(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return text


def _zipped(tree: ast.AST, wanted: set[str]) -> set[str]:
    """Return what a loop variable stands for in ``for p, d in zip([W, b], [dW, db])``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.For) or not isinstance(node.iter, ast.Call):
            continue
        if not isinstance(node.target, ast.Tuple):
            continue
        for variable, listed in zip(node.target.elts, node.iter.args, strict=False):
            if text_of(variable) in wanted:
                if isinstance(listed, (ast.List, ast.Tuple)):
                    found |= {text_of(e) for e in listed.elts}
                else:
                    found.add(text_of(listed))
    return found
