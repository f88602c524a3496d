"""The end of a recorded loss, run again with one term changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import unbroadcast
from pellucid.inspect.checking.graph import Graph, Node

__all__ = ["gradient_with_term"]


def gradient_with_term(
    graph: Graph, output: Node, changed: Node, i: int, factor: float
) -> Array | None:
    """Return the gradient by `output` of the loss in which an operand counts `factor` times.

    Parameters
    ----------
    graph : Graph
    output : Node
        From here on the loss is computed again.
    changed : Node
        A sum or difference behind it.
    i : int
        Which of its operands.
    factor : float

    Returns
    -------
    ndarray or None
        None where the loss is no number then.
    """
    values: dict[int, Array] = {}
    operands: dict[int, tuple[Any, ...]] = {}
    with np.errstate(all="ignore"):
        for node in reversed(graph.nodes[: output.position]):
            used = tuple(
                operand if x is None else values.get(x.position, x.data)
                for operand, x in zip(node.operands, node.inputs, strict=True)
            )
            if node is changed:
                used = (*used[:i], factor * np.asarray(used[i]), *used[i + 1 :])
            operands[node.position] = used
            values[node.position] = np.asarray(node.primitive.forward(*used, **node.attributes))
        if not np.all(np.isfinite(values.get(0, np.asarray(np.nan)))):
            return None
        totals: dict[int, Array] = {0: np.ones_like(graph.loss.data)}
        for node in graph.nodes[: output.position]:
            if node.position not in totals:
                continue
            g, used = totals[node.position], operands[node.position]
            for k, x in node.edges:
                if x.position > output.position:
                    continue
                part = node.primitive.vjps[k](g, values[node.position], *used, **node.attributes)
                part = unbroadcast(np.asarray(part), np.shape(used[k]))
                part = factor * part if node is changed and k == i else part
                before = totals.get(x.position)
                totals[x.position] = part if before is None else before + part
    return totals.get(output.position)
