"""The end of a recorded loss, run again with one term changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import unbroadcast
from pellucid.inspect.checking.graph import Graph, Node
from pellucid.inspect.checking.loss_heads import Output

__all__ = ["gradient_with_term"]


def gradient_with_term(
    graph: Graph, output: Output, changed: list[Node], i: int, factor: float
) -> Array | None:
    """Return the gradient by `output` of the loss in which an operand counts `factor` times.

    Parameters
    ----------
    graph : Graph
    output : Output
        From here on the loss is computed again.
    changed : list of Node
        A sum or difference behind it, in all rounds of a loop.
    i : int
        Which of its operands.
    factor : float

    Returns
    -------
    ndarray or None
        None where the loss is no number then.
    """
    fixed = {node.position for node in output.nodes}
    again = [n for n in graph.nodes[: max(fixed)] if n.position not in fixed and n.primitive]
    values: dict[int, Array] = {}
    operands: dict[int, tuple[Any, ...]] = {}
    with np.errstate(all="ignore"):
        for node in reversed(again):
            used = tuple(
                operand if x is None else values.get(x.position, x.data)
                for operand, x in zip(node.operands, node.inputs, strict=True)
            )
            if node in changed:
                used = (*used[:i], factor * np.asarray(used[i]), *used[i + 1 :])
            operands[node.position] = used
            values[node.position] = np.asarray(node.primitive.forward(*used, **node.attributes))
        if not np.all(np.isfinite(values.get(0, np.asarray(np.nan)))):
            return None
        totals: dict[int, Array] = {0: np.ones_like(graph.loss.data)}
        for node in again:
            if node.position not in totals:
                continue
            g, used = totals[node.position], operands[node.position]
            for k, x in node.edges:
                part = node.primitive.vjps[k](g, values[node.position], *used, **node.attributes)
                part = unbroadcast(np.asarray(part), np.shape(used[k]))
                part = factor * part if node in changed and k == i else part
                before = totals.get(x.position)
                totals[x.position] = part if before is None else before + part
    if not output.in_rounds:
        return totals.get(output.nodes[0].position)
    zero = np.zeros(1)
    return np.array([float(np.ravel(totals.get(n.position, zero))[0]) for n in output.nodes])
