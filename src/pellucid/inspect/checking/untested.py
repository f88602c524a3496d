"""What a verdict "right" leaves open, in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.branches import Branch
from pellucid.inspect.checking.coverage import Coverage
from pellucid.inspect.checking.graph import Graph, Node
from pellucid.inspect.checking.judging import Judgement
from pellucid.inspect.checking.report import Untested

__all__ = ["untested_of"]


def untested_of(
    coverage: Coverage, here: Judgement, tried: int, fixed: str
) -> tuple[Untested, ...]:
    """Return the parts of a backward pass that no place tested.

    Parameters
    ----------
    coverage : Coverage
        What was seen.
    here : Judgement
        The place that the learner gave.
    tried : int
        Places that were looked at.
    fixed : str
        Why the gradients are known at one place only; empty if they are known everywhere.
    """
    found: dict[str, Untested] = {}
    for branch, label in coverage.open:
        one = _of_branch(branch, label, tried, fixed, coverage.was_taken(branch, label))
        found.setdefault(one.what, one)
    if here.graph is not None and _is_one_sample(here.graph):
        one = Untested(
            "there is only one sample",
            "a sum and a mean over the samples are the same; with two or more they are not",
        )
        found[one.what] = one
    for name in sorted(coverage.zero):
        one = _of_zero(name, here, fixed)
        found.setdefault(one.what, one)
    return tuple(found.values())


_WEAKLY = "only where next to no gradient arrives"


def _of_branch(branch: Branch, label: str, tried: int, fixed: str, taken: bool) -> Untested:
    line = branch.frames[0] if branch.frames else None
    never = branch.never[label]
    if taken and never.startswith("is "):
        never = f"has another value {_WEAKLY}"
    elif taken:
        never = f"{never.replace('never ', '', 1)} {_WEAKLY}"
    if fixed:
        consequence = (
            f"the gradients were given {fixed}, so they are known at one place only; a function "
            "gradients(parameters) could be asked at others"
        )
    elif not branch.movable:
        consequence = "it comes from the data, and no other parameters change it; other data would"
    else:
        consequence = (
            f"{tried} places were looked at; what the backward pass does then is not known"
        )
    return Untested(
        f"{branch.called} {never}", consequence,
        Path(line.file).name if line else "", line.line if line else 0,
    )  # fmt: skip


def _is_one_sample(graph: Graph) -> bool:
    """Tell whether a program that is meant for batches was given a single sample.

    The data have one row (or column), and the loss divides by their number, or sums over them.
    """
    data = [node for node in graph.nodes if node.operation == "matmul" and _weighs_data(node)]
    if any(1 not in node.data.shape or max(np.shape(_data(node))) < 2 for node in data):
        return False
    axes = {node.data.shape.index(1) for node in data}
    if len(axes) != 1 or any(node.data.size == 1 for node in data):
        return False
    (axis,) = axes
    return any(_is_divided_by_one(node) or _is_summed_over(node, axis) for node in graph.nodes)


def _is_divided_by_one(node: Node) -> bool:
    return node.operation in ("multiply", "divide") and not node.data.ndim and any(
        x is None and np.ndim(operand) == 0 and operand == 1
        for operand, x in zip(node.operands, node.inputs, strict=True)
    )  # fmt: skip


def _is_summed_over(node: Node, axis: int) -> bool:
    """Tell whether a value is summed over an axis of length 1, and over no other."""
    over = node.attributes.get("axis")
    if node.operation != "sum" or over is None or np.ndim(node.operands[0]) != 2:
        return False
    only = np.size(over) == 1 and int(np.ravel(over)[0]) % 2 == axis
    return only and np.shape(node.operands[0])[axis] == 1


def _weighs_data(node: Node) -> bool:
    """Tell whether a product is one of constant data and a parameter."""
    return node.data.ndim == 2 and sum(x is None for x in node.inputs) == 1 and any(
        x is not None and x.parameter is not None for x in node.inputs
    )  # fmt: skip


def _data(node: Node) -> Array:
    return np.asarray(node.operands[0] if node.inputs[0] is None else node.operands[1])


def _of_zero(name: str, here: Judgement, fixed: str) -> Untested:
    if here.graph is not None and name not in here.graph.parameters:
        return Untested(
            f"the loss does not depend on {name}",
            "its gradient is zero, whatever is written for it",
        )
    where = "here" if fixed else "at every place that was looked at"
    zero = "" if np.any(here.parameters[name]) else f"; {name} itself is zero"
    return Untested(
        f"the true gradient of {name} is zero {where}",
        f"what is multiplied by a zero on the way to it was not tested{zero}",
    )
