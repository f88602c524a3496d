"""What can be told from the network and its loss alone, above all whether they go together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["static_findings"]

_MOST_CLASSES = 20
_ANSWERS = "rows of 0 and 1, a yes or no for each"
_MOST_DROPOUT = 0.8


def static_findings(subject: Subject, graph: Graph) -> Iterator[Finding]:
    """Yield what does not fit between output, loss and targets, and layers without an activation.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    graph : Graph
        One forward pass.
    """
    yield from _output(subject, graph)
    yield from _squared_error_on_classes(subject)
    yield from _linear_stack(graph)
    yield from _dropout(subject)


def _output(subject: Subject, graph: Graph) -> Iterator[Finding]:
    final = graph.final()
    loss = subject.objective.loss
    if final is None or loss is None:
        return
    kind, layer = _output_kind(graph, final), graph.where(final)
    takes_logits = loss.output in ("logits", "scores")
    classes = int(subject.output_shape[-1 if loss.class_axis == -1 else 0])
    if kind == "softmax" and takes_logits:
        best = np.log((np.e + classes - 1) / np.e) if classes > 1 else 0.0
        yield finding(
            "softmax-before-cross-entropy",
            f"the output is a softmax already, and {loss.name} takes logits: with {classes} "
            f"classes the loss cannot fall below {best:.2f}",
            f"leave out the softmax{_at(layer)}; predict_proba applies it when it is wanted",
            layer=layer,
        )
    elif kind == "sigmoid" and takes_logits:
        what = (
            "several classes of which one is true need a softmax, which the loss applies itself"
            if loss.task == "multiclass"
            else "the loss applies the sigmoid itself"
        )
        yield finding(
            "sigmoid-before-cross-entropy",
            f"the output is a sigmoid, and {loss.name} takes logits: {what}",
            f"leave out the sigmoid{_at(layer)}",
            layer=layer,
        )
    elif kind == "relu" and loss.output in ("logits", "scores", "real", "log-probabilities"):
        # Amounts that cannot be negative are the one case in which it may be meant
        meant = loss.output == "real" and bool((subject.y >= 0).all())
        zero = float((final.data == 0).mean())
        yield finding(
            "relu-on-output",
            f"the output is a ReLU: {zero:.0%} of its values are 0 now, and get no gradient",
            f"leave out the ReLU{_at(layer)}"
            + ("; for values that are never negative take softplus" if meant else ""),
            layer=layer,
            measured=zero,
            severity="note" if meant else None,
        )
    elif kind in ("sigmoid", "tanh") and loss.output == "real":
        low = 0.0 if kind == "sigmoid" else -1.0
        outside = float(((subject.y < low) | (subject.y > 1)).mean())
        if outside > 0:
            yield finding(
                "bounded-output",
                f"the output is a {kind}, between {low:g} and 1, but {outside:.1%} of the targets "
                f"lie outside ({subject.y.min():.4g} … {subject.y.max():.4g})",
                f"leave out the {kind}{_at(layer)}, or scale the targets",
                layer=layer,
                measured=outside,
            )


def _output_kind(graph: Graph, final: Call) -> str:
    """Return the nonlinearity that makes the output, or the primitive's name."""
    if final.name == "exp":
        before = graph.maker(final.inputs[0])
        if before is not None and before.name == "log_softmax":
            return "softmax"
    if final.name == "divide":  # e / sum(e), as tutorials write it
        above = graph.maker(final.inputs[0])
        below = graph.maker(final.inputs[1])
        if above and below and above.name == "exp" and below.name == "sum":
            return "softmax"
    if final.name == "maximum":
        other = [x for x in final.inputs if graph.maker(x) is None]
        if len(other) == 1 and not np.any(getattr(other[0], "data", other[0])):
            return "relu"
    return final.name


def _squared_error_on_classes(subject: Subject) -> Iterator[Finding]:
    loss, y = subject.objective.loss, subject.y
    if loss is None or loss.name not in ("mean_squared_error", "half_squared_error"):
        return
    if y.shape == subject.x.shape and np.array_equal(y[:16], subject.x[:16]):
        return  # an autoencoder's targets are its inputs
    classes = _classes_of(y)
    if classes is None:
        return
    count, form = classes
    answers = form in ("0 and 1", _ANSWERS)
    fitting = "binary_cross_entropy_with_logits" if answers else "cross_entropy"
    outputs = "one output" if form == "0 and 1" else f"{count} outputs"
    yield finding(
        "squared-error-on-classes",
        f"the targets are {form} of {count} classes, and the loss is {loss.name}",
        f"give the network {outputs} without an activation, and take the loss {fitting}",
        measured=float(count),
        change={"loss": fitting},
    )


def _classes_of(y: Array) -> tuple[int, str] | None:
    """Return how many classes targets stand for, and in what form, if they do."""
    rows = y.reshape(len(y), -1)
    values = np.unique(rows[:, 0]) if rows.shape[1] == 1 else np.unique(rows)
    if len(values) > _MOST_CLASSES or (values % 1).any():
        return None
    if rows.shape[1] > 1:
        one_hot = len(values) == 2 and values[0] == 0 and values[1] == 1
        if one_hot and (rows.sum(axis=1) == 1).all():
            return rows.shape[1], "one-hot rows"
        return (rows.shape[1], _ANSWERS) if one_hot and y.ndim == 2 else None
    if len(values) >= 2 and np.array_equal(values, np.arange(len(values))):
        return len(values), "0 and 1" if len(values) == 2 else "the numbers"
    return None


def _linear_stack(graph: Graph) -> Iterator[Finding]:
    for call in graph.dense():
        following, other = graph.next_bend(call)
        if following != "dense" or other is None or other.weight is None:
            continue
        first, second = graph.where(call), graph.where(other)
        assert call.weight is not None  # it is dense
        middle = call.data.shape[1] if call.name.startswith("conv") else call.data.shape[-1]
        entering = np.asarray(getattr(call.inputs[0], "data", call.inputs[0]))
        ends = [_width(call, entering), _width(other, other.data)]
        if middle < min(ends) or first.rpartition(".")[0] != second.rpartition(".")[0]:
            continue  # a bottleneck is a map of low rank on purpose; so may be a layer's own parts
        yield finding(
            "linear-stack",
            f"nothing bends between '{first}' and '{second}', so together they can do no more "
            "than one layer",
            f"put an activation after '{first}', such as nn.ReLU() or nn.Tanh()",
            layer=first,
        )
        return


def _dropout(subject: Subject) -> Iterator[Finding]:
    for path, module in subject.net.named_modules():
        if isinstance(module, nn.Dropout) and module.p > _MOST_DROPOUT:
            yield finding(
                "too-much-dropout",
                f"'{path}' leaves out {module.p:.0%} of its inputs, and makes the others "
                f"{1 / max(1 - module.p, 1e-12):.3g} times as large",
                f"leave out fewer at '{path}': 0.1 to 0.5",
                layer=path,
                measured=float(module.p),
                change={"dropout": 0.5},
            )
            return


def _width(call: Call, values: Array) -> int:
    return int(values.shape[1] if call.name.startswith("conv") else values.shape[-1])


def _at(layer: str) -> str:
    return f" at '{layer}'" if layer else " at the end"
