"""What can be told from the network and its loss alone, above all whether they go together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.graph import Call, Graph
from pellucid.inspect.diagnosing.output import output_findings
from pellucid.inspect.diagnosing.own_loss import own_loss_findings
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.softmax import softmax_findings
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
    yield from softmax_findings(subject, graph)
    yield from output_findings(subject, graph)
    if graph.output is not None:
        yield from own_loss_findings(subject, graph.output.data)
    yield from _disconnected(subject, graph)
    yield from _squared_error_on_classes(subject)
    yield from _linear_stack(graph)
    yield from _dropout(subject)


def _squared_error_on_classes(subject: Subject) -> Iterator[Finding]:
    loss, y = subject.objective.loss, subject.y
    if loss is None or subject.objective.task != "values" or loss.output != "real":
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


def _disconnected(subject: Subject, graph: Graph) -> Iterator[Finding]:
    """Yield if parameters that are to learn take no part in the output."""
    if graph.output is None or not graph.output.requires_grad:
        return
    used = {id(x) for call in graph.calls for x in call.inputs} | {id(graph.output)}
    left = [
        path
        for path, parameter in subject.net.named_parameters()
        if parameter.requires_grad and id(parameter) not in used
    ]
    if not left or not graph.calls:
        return
    layers = list(dict.fromkeys(path.rpartition(".")[0] for path in left))
    listed = ", ".join(f"'{layer}'" for layer in layers[:4]) + (", …" if len(layers) > 4 else "")
    one = len(layers) == 1
    yield finding(
        "untrained-parameter",
        f"the weights of {listed} take no part in the output, or are cut off from it, so they "
        "get no gradient",
        f"see that forward() uses {listed}, and that nothing after {'it' if one else 'them'} "
        "passes through .data, .numpy() or no_grad()",
        layer=layers[0],
        measured=0.0,
    )


def _width(call: Call, values: Array) -> int:
    return int(values.shape[1] if call.name.startswith("conv") else values.shape[-1])
