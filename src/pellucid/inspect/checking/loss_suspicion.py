"""Whether the loss is at fault: a gradient that is right for a well-known loss, not for this one.

The output p and the target y are read off the recorded loss: values of the last layer, and the
constants that they meet on the way to the loss. If the learner's gradient is exactly that of a
well-known loss of p and y, and the loss that is written is none, it is the loss that is put under
suspicion. What is advised is evaluated first: its derivatives have to be the learner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.checking.backward import Backward
from pellucid.inspect.checking.broadcasts import broadcasts
from pellucid.inspect.checking.graph import Graph, Node
from pellucid.inspect.checking.head_mutations import gradient_with_term
from pellucid.inspect.checking.hypotheses import agree, best_factor
from pellucid.inspect.checking.judging import Judgement
from pellucid.inspect.checking.known_losses import (
    KNOWN_LOSSES,
    ROUND,
    KnownLoss,
    Reduction,
    reductions,
    source_of,
)
from pellucid.inspect.checking.loss_heads import Output, Target, outputs_of, targets_of
from pellucid.inspect.checking.report import Cause
from pellucid.inspect.checking.sources import operand_text, text_of

__all__ = ["Suspicion", "suspicion_of"]


class _Match(NamedTuple):
    """A well-known loss whose gradient the learner has."""

    output: Output
    target: Target
    loss: KnownLoss
    reduction: Reduction


class Suspicion(NamedTuple):
    """A loss that the learner's gradient is right for.

    Attributes
    ----------
    cause : Cause
    is_known : bool
        Whether the loss that is written is a well-known or a sensible one as well: then it may be
        the backward pass that is wrong.
    note : str
        What is said then.
    """

    cause: Cause
    is_known: bool
    note: str


def suspicion_of(
    places: list[Judgement], names: Callable[[], Mapping[str, Any]]
) -> Suspicion | None:
    """Return the well-known loss that the learner's gradients are those of, if there is one.

    Parameters
    ----------
    places : list of Judgement
        All that were looked at: a gradient of another loss is wrong at all of them.
    names : callable
        Gives the learner's variables, to find what the target is called.
    """
    graphs = [(place, place.graph, place.backward) for place in places]
    if not graphs or any(graph is None or true is None for _, graph, true in graphs):
        return None
    found: list[_Match] = []
    for place, graph, true in reversed(graphs):
        assert graph is not None and true is not None
        some_right = any(v.right and np.any(place.given[n]) for n, v in place.verdicts.items())
        if some_right and not broadcasts(graph):
            return None  # another loss makes all wrong; a mean over all pairs leaves biases right
        matches = list(_matches(graph, true, place.given, place.tolerance))
        found = [m for m in matches if not found or any(_same(m, other) for other in found)]
        if not found:
            return None
    place, graph, true = graphs[0]
    assert graph is not None and true is not None
    best = next((one for one in found if _identifier(one.output.called)), found[0])
    known = any(_is_known(true, one, place.tolerance) or _is_sensible(true, one) for one in found)
    return _described(graph, true, best, known, names())


def _same(one: _Match, other: _Match) -> bool:
    return (
        one.loss.name == other.loss.name
        and one.reduction == other.reduction
        and one.output.site == other.output.site
    )


# --- matching -------------------------------------------------------------------------------------


def _matches(
    graph: Graph, true: Backward, given: dict[str, Array], tolerance: float
) -> Iterator[_Match]:
    """Yield the losses whose gradients are the given ones, those nearest to the loss first."""
    if sum(g.size for g in given.values()) < 2:
        return
    floor = 1e-10 * max(float(np.max(np.abs(g), initial=0)) for g in given.values())
    for output in outputs_of(graph):
        rest = true.run(output.plan(np.zeros_like(output.data)))
        if rest is None or any(
            not agree(true.gradients[name], given[name], tolerance, floor)
            for name in given
            if name not in rest
        ):
            continue  # what is wrong lies elsewhere
        for target in targets_of(graph, output):
            for loss in KNOWN_LOSSES:
                if not loss.applies(output.data, target.data):
                    continue
                with np.errstate(all="ignore"):
                    slope = np.asarray(loss.derivative(output.data, target.data))
                if not np.all(np.isfinite(slope)) or not np.any(slope):
                    continue
                moved = true.run(output.plan(slope))
                if moved is None:
                    continue
                for one in reductions(output.data.shape, loss):
                    if all(
                        agree(
                            rest[n] + one.factor * (moved[n] - rest[n]), given[n], tolerance, floor
                        )
                        for n in rest
                    ):
                        yield _Match(output, target, loss, one)


# --- the loss that is written ---------------------------------------------------------------------


def _is_known(true: Backward, match: _Match, tolerance: float) -> bool:
    """Tell whether the loss that is written is a well-known one of this output and target.

    The gradients by the parameters are compared: what a softmax does not pass on is left out.
    """
    output, target = match.output, match.target.data
    rest = true.run(output.plan(np.zeros_like(output.data))) or {}
    for loss in KNOWN_LOSSES:
        if not loss.applies(output.data, target):
            continue
        with np.errstate(all="ignore"):
            slope = np.asarray(loss.derivative(output.data, target))
        moved = None
        if np.all(np.isfinite(slope)):
            moved = true.run(output.plan(slope))
        if moved is None:
            continue
        effects = {n: (moved[n] - rest[n], true.gradients[n] - rest[n]) for n in rest}
        factor = best_factor(effects)
        if factor is not None and factor > 0 and all(
            agree(factor * x, y, tolerance, 1e-12) for x, y in effects.values()
        ):  # fmt: skip
            return True
    return False


def _factors(g: Array, slope: Array) -> list[float]:
    bottom = float(np.sum(slope * slope))
    return [float(np.sum(g * slope)) / bottom] if np.isfinite(bottom) and bottom else []


def _is_sensible(true: Backward, match: _Match) -> bool:
    """Tell whether the loss that is written falls wherever the meant one falls, entry by entry."""
    slope = np.asarray(match.loss.derivative(match.output.data, match.target.data))
    g = match.output.total(true)
    small = 1e-6 * float(np.max(np.abs(g), initial=0))
    classes = [match.target.data == value for value in (0, 1)]
    if match.loss.name.startswith("binary") and any(
        one.any() and not np.any(g * one) for one in classes
    ):
        return False  # nothing keeps the outputs for the targets 0 from being 1
    return bool(np.all((g * slope > 0) | (np.abs(slope) < 1e-6) | (np.abs(g) < small)))


def _difference(graph: Graph, true: Backward, match: _Match) -> str:
    """Say what is different in the loss that is written, as far as experiments tell."""
    for one in broadcasts(graph):
        pairs = "multiplies" if one.is_product else "takes"
        return f"{one.expression} {pairs} every prediction with every target"
    g = match.output.total(true)
    slope = np.asarray(match.loss.derivative(match.output.data, match.target.data))
    meant = match.reduction.factor * slope
    for rounds in match.output.behind(graph):
        node = rounds[0]
        if node.operation not in ("add", "subtract"):
            continue
        for i in (1, 0):  # x + y for x - y is likelier than -x - y
            for factor, words in _TERMS:
                changed = gradient_with_term(graph, match.output, rounds, i, factor)
                if changed is not None and np.allclose(
                    changed, meant, rtol=1e-7, atol=1e-9 * float(np.max(np.abs(meant)))
                ):
                    return f"its term {_text_of(node, i)} {words}"
    factors = _factors(g, slope)
    if factors and factors[0] < 0 and np.allclose(g, factors[0] * slope, rtol=1e-7):
        return "all of it has the other sign"
    return ""


_TERMS = (
    (-1.0, "has the other sign"),
    (0.0, "does not belong there"),
    (2.0, "counts half as much as it should"),
    (0.5, "counts twice as much as it should"),
)


def _text_of(node: Node, i: int) -> str:
    """Return the source of an operand."""
    x = node.inputs[i]
    where = f" of line {node.line.line}" if node.line is not None else ""
    name = operand_text(node, i) or (x.called if x is not None else "")
    return name or f"on the {('left', 'right')[i]}{where}"


# --- in words -------------------------------------------------------------------------------------


def _described(
    graph: Graph,
    true: Backward,
    match: _Match,
    known: bool,
    names: Mapping[str, Any],
) -> Suspicion:
    output, target, loss, reduction = match
    frame = next((f for f in graph.loss.frames[-1:]), None)
    p = _identifier(output.called) or "output"
    y = _target_name(target, names, avoid=p)
    source = f"loss = {source_of(loss, reduction, p, y or 'target', target.data)}"
    if not _is_verified(source.removeprefix("loss = "), match, p, y or "target", names):
        source = ""
    if output.in_rounds:
        y = target.text or y
        entry = source_of(loss, ROUND, p, y or "target", target.data)
        divided = f", and divide by {1 / reduction.factor:g}" if reduction.factor != 1 else ""
        source = f"in every round, add {entry} to the loss{divided}" if source else ""
    different = _difference(graph, true, match)
    where = f"line {frame.line}" if frame else "the loss"
    named = f"{reduction.name} {loss.name}" if reduction.name == "mean" else f"{loss.name}, summed"
    what = text_of(output.nodes[0])
    of = f" of {p if p != 'output' else what or 'the output'} and {y or 'the target'}"
    right = f"the gradient is right for the {named}{of}"
    detail = f"{right}; the loss in {where} is another one"
    detail += f": {different}" if different else ""
    if source and p == "output":
        source += f", where output is {what or f'what line {_line(output.nodes[0])} gives'}"
    cause = Cause(
        "suspicious-loss",
        "the gradient of another loss than the one that is written",
        f"in {where}" if frame else "at the loss",
        detail,
        (source,) if source else (),
        (0,),
        ((_name_of(frame.file), frame.line),) if frame else (),
    )
    note = f"{right}: if that is the loss that is meant, write {cause.write[0]}" if source else ""
    return Suspicion(cause, known, note)


def _line(node: Node) -> int:
    return node.line.line if node.line is not None else 0


def _name_of(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _identifier(text: str) -> str:
    name = text.partition("[")[0]
    return name if name.isidentifier() and name not in ("loss", "cost", "total", "error") else ""


def _target_name(target: Target, names: Mapping[str, Any], avoid: str) -> str:
    """Return how the learner's code can write the target."""
    for name, value in names.items():
        if name == avoid or not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
            continue
        if value.shape == target.source.shape and np.array_equal(value, target.source):
            return target.pattern.format(name)
    for name, value in names.items():
        if name == avoid or not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
            continue
        if value.size == target.source.size and value.size > 1:
            shape = target.source.shape
            if np.array_equal(value.reshape(shape), target.source):
                return f"{name}.reshape({', '.join(map(str, shape))})"
            if value.T.shape == shape and np.array_equal(value.T, target.source):
                return f"{name}.T"
    return ""


def _is_verified(source: str, match: _Match, p: str, y: str, names: Mapping[str, Any]) -> bool:
    """Tell whether the differences of what is advised are the derivatives that were matched."""
    output = match.output.data
    slope = match.reduction.factor * np.asarray(match.loss.derivative(output, match.target.data))
    arrays = {name: value for name, value in names.items() if isinstance(value, np.ndarray)}
    variables: dict[str, Any] = {**arrays, "np": np}
    if y == "target":
        variables["target"] = match.target.data
    scale = float(np.max(np.abs(slope)))
    for flat in range(min(output.size, 6)):
        number = float(output.ravel()[flat])
        near = min(1.0, abs(number), abs(1 - number))  # beside a logarithm's end
        step = 1e-5 * near if near > 1e-9 else 1e-6
        values = []
        for shift in (step, -step):
            moved = output.copy()
            moved.ravel()[flat] += shift
            try:
                with np.errstate(all="ignore"):
                    values.append(float(eval(source, {**variables, p: moved})))
            except Exception:
                return False
        if abs((values[0] - values[1]) / (2 * step) - slope.ravel()[flat]) > 1e-4 * scale:
            return False
    return True
