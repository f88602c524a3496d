"""Losses of one's own, tried on a few samples: what they compare with what."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pellucid import tape
from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.line_clock import LineClock
from pellucid.inspect.diagnosing.rules import finding
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.primitives.declaration import Recorded
from pellucid.tensor import Tensor
from pellucid.training.evaluation import predict

__all__ = ["own_loss_findings", "sums_over_batch"]

_ROWS = (13, 11, 7)
"""How many samples are tried: primes, which are unlikely to be the size of anything else."""

_SAME = 1e-4
_DRAWS = 3
_FAR = 1e3
_SEARCHED = 40


def own_loss_findings(subject: Subject, output: Array) -> Iterator[Finding]:
    """Yield what a loss of the user's own does with outputs and targets that cannot be meant.

    The loss is called on a few samples, with outputs of several kinds, and its gradient with
    respect to the outputs is looked at: whether there is one, whether it depends on the targets,
    and whether it depends on *which* sample has which target. A loss that pairs every output with
    every target, as (N, 1) − (N,) does, or that takes a mean before it compares, does not care.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    output : Array
        Outputs of the network on a probe.
    """
    trial = _trial(subject, output)
    if trial is None:
        return
    name = trial.name
    first = trial.gradient(trial.outputs[0], trial.targets)
    if first is None:
        if trial.disconnected:
            yield finding(
                "loss-ignores-output",
                f"{name} gives a value that does not depend on the network's output, so no weight "
                f"gets a gradient{_defined(trial.function)}",
                f"compute {name} from the output itself, with operations of Tensors: not from "
                "output.data, and not from a float of it",
            )
        return
    gradients = [trial.gradient(output, trial.targets) for output in trial.outputs]
    if not any(np.any(gradient) for gradient in gradients if gradient is not None):
        yield finding(
            "loss-ignores-output",
            f"the gradient of {name} with respect to the output is 0, whatever the output"
            f"{_defined(trial.function)}",
            f"see that {name} changes smoothly with the output: not by rounding, comparing, "
            "argmax or .data",
        )
        return
    if trial.same_for(trial.other_targets()):
        values = [trial.value(trial.outputs[0], y) for y in (trial.targets, *trial.other_targets())]
        how = (
            f"{name} is the same with other targets: it does not use them"
            if len(set(values)) == 1
            else f"the gradient of {name} is the same with other targets: they are added or "
            "subtracted, but decide nothing"
        )
        yield finding(
            "loss-ignores-target",
            how + _defined(trial.function),
            f"compare the output with the target in {name}, by a square or an absolute value of "
            "their difference, or by a cross-entropy",
        )
        return
    if not trial.same_for(trial.permuted_targets()):
        return
    trial.add_best_constant()
    if not trial.same_for(trial.permuted_targets()):
        return
    place = _pairs(trial)
    if place is not None:
        yield place
        return
    yield finding(
        "loss-mixes-samples",
        f"{name} is the same whichever sample has which target, as if only the mean of the targets "
        f"counted{_defined(trial.function)}",
        f"compare each output with its own target in {name} first, and take the mean of that last",
    )


def sums_over_batch(subject: Subject) -> bool:
    """Tell whether a loss of the user's own grows with the number of samples, as a sum does."""
    if subject.objective.loss is not None:
        return False
    with np.errstate(all="ignore"):
        output = predict(subject.net, subject.probe(_ROWS[0])[0])
    trial = _trial(subject, output)
    if trial is None:
        return False
    once = trial.value(trial.outputs[0], trial.targets)
    twice = trial.value(np.concatenate([trial.outputs[0]] * 2), np.concatenate([trial.targets] * 2))
    if once is None or twice is None or abs(once) < 1e-12:
        return False
    return bool(abs(twice / once - 2) < 1e-3)


@dataclass
class _Trial:
    """A loss with a few targets, and outputs of several kinds to call it with."""

    function: Callable[..., Any]
    name: str
    outputs: list[Array]
    targets: Array
    disconnected: bool = False

    def run(self, output: Array, targets: Array, *, follow: bool = False) -> Any:
        """Return the leaf made of the outputs, the targets as given, and the loss."""
        leaf = Tensor(output.copy(), requires_grad=True)
        given: Any = targets.copy()
        if follow and targets.dtype.kind == "f":
            given = Tensor(given, requires_grad=True)
        with tape.enable_grad(), np.errstate(all="ignore"):
            return leaf, given, self.function(leaf, given)

    def value(self, output: Array, targets: Array) -> float | None:
        """Return the loss, None if there is none."""
        try:
            loss = self.run(output, targets)[2]
            return float(getattr(loss, "data", loss))
        except Exception:  # whatever a function of the user's raises: it cannot be tried like this
            return None

    def gradient(self, output: Array, targets: Array) -> Array | None:
        """Return the gradient with respect to the outputs; None if there is none."""
        try:
            leaf, _, loss = self.run(output, targets)
            if not isinstance(loss, Recorded) or not loss.requires_grad:
                self.disconnected = bool(np.size(getattr(loss, "data", loss)) == 1)
                return None
            with np.errstate(all="ignore"):
                loss.backward()  # type: ignore[attr-defined]
        except Exception:
            return None
        if leaf.grad is None:
            self.disconnected = True
            return None
        found: Array = np.array(leaf.grad)
        return found if np.isfinite(found).all() else None

    def same_for(self, others: list[Array]) -> bool:
        """Tell whether the gradient is the same with all of other targets, for all outputs."""
        tried = 0
        for output in self.outputs:
            given = self.gradient(output, self.targets)
            if given is None or not np.any(given):
                continue
            size = float(np.abs(given).max())
            again = self.gradient(output, self.targets)
            if again is None or np.abs(again - given).max() > _SAME * size:
                return False  # it draws random numbers
            for targets in others:
                changed = self.gradient(output, targets)
                if changed is None or np.abs(changed - given).max() > _SAME * size:
                    return False
                tried += 1
        return tried >= len(others) > 0

    def add_best_constant(self) -> None:
        """Add outputs around the number that the loss likes best for all samples.

        A loss may move or scale the targets first; far from them the slope of an absolute error is
        the same whichever target is whose.
        """
        if self.targets.dtype.kind != "f":
            return
        shape, dtype = self.outputs[0].shape, self.outputs[0].dtype
        sizes = np.geomspace(1e-3, 1e6, _SEARCHED)
        grid = np.concatenate([-sizes[::-1], [0.0], sizes])
        for _ in range(2):
            losses = [self.value(np.full(shape, c, dtype), self.targets) for c in grid]
            values = [math.inf if v is None or math.isnan(v) else v for v in losses]
            best = int(np.argmin(values))
            low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
            grid = np.linspace(low, high, _SEARCHED)
        deviation = float(self.targets.std()) or 1.0
        noise = deviation * np.random.default_rng(3).standard_normal(shape)
        self.outputs.append(((low + high) / 2 + noise).astype(dtype))

    def permuted_targets(self) -> list[Array]:
        """Return the targets in other orders, each with most samples at another place."""
        rng = np.random.default_rng(1)
        orders = [np.roll(np.arange(len(self.targets)), 1)]
        orders += [rng.permutation(len(self.targets)) for _ in range(_DRAWS - 1)]
        found = [self.targets[order] for order in orders]
        return [y for y in found if not np.array_equal(y, self.targets)]

    def other_targets(self) -> list[Array]:
        """Return targets that differ from these in their values too, and in what they have equal.

        A loss may look only at which targets are the same, as contrastive ones do.
        """
        shape, rng = self.targets.shape, np.random.default_rng(2)
        if self.targets.dtype.kind == "f":
            deviation = float(self.targets.std()) or 1.0
            others = [self.targets * 0.5 + deviation]
            if np.unique(self.targets).size > 2:
                others.append(self.targets.mean() + deviation * rng.standard_normal(shape))
                # Beyond all outputs on either side, for an absolute error only has a sign
                far = _FAR * (
                    1 + max(float(np.abs(v).max()) for v in (*self.outputs, self.targets))
                )
                others += [self.targets + far, self.targets - far]
            else:  # yes and no stay that
                others.append(rng.choice(self.targets.reshape(-1), shape))
            return [other.astype(self.targets.dtype) for other in others]
        values = np.unique(self.targets)
        return [rng.choice(values, shape) for _ in range(_DRAWS)] if len(values) > 1 else []


def _trial(subject: Subject, output: Array) -> _Trial | None:
    """Return a trial of the loss; None for the library's own, and where targets do not differ."""
    objective = subject.objective
    if objective.loss is not None or subject.y.dtype.kind not in "fiub":
        return None
    taken = {output.ndim and n for n in (*output.shape[1:], *subject.y.shape[1:])}
    count = next((n for n in _ROWS if n <= min(len(output), len(subject.y)) and n not in taken), 0)
    if not count:
        count = min(len(output), len(subject.y))
    if count < 3:
        return None
    order = np.random.default_rng(0).permutation(len(subject.y))
    targets = subject.y[order]
    # Rows whose targets differ come first: among 13 of a rare class nothing could be told apart
    _, first = np.unique(targets.reshape(len(targets), -1), axis=0, return_index=True)
    first = np.sort(first)[:count]
    rest = np.setdiff1d(np.arange(min(len(targets), 4 * count)), first)[: count - len(first)]
    targets = targets[np.concatenate([first, rest])]
    if len(targets) < count or len(first) < 2:
        return None
    given = output[:count]
    rng = np.random.default_rng(0)
    kinds = [given, np.roll(given, 1, axis=0)]
    if targets.dtype.kind == "f":
        # Near the targets: far from them the gradient of an absolute error is the same for all
        deviation = float(targets.std()) or 1.0
        drawn = targets.mean() + deviation * rng.standard_normal(given.shape)
        kinds.append(drawn.astype(given.dtype))
    name = "the loss" if objective.name == "<lambda>" else f"the loss {objective.name}"
    return _Trial(objective.function, name, kinds, targets)


# --- every output with every target ---------------------------------------------------------------


def _pairs(trial: _Trial) -> Finding | None:
    """Return the finding of the call that pairs every output with every target, if there is one."""
    for follow in (True, False):
        try:
            with LineClock(trial.function) as lines:
                leaf, given, loss = trial.run(trial.outputs[0], trial.targets, follow=follow)
        except Exception:
            continue
        if not isinstance(loss, Recorded):
            return None
        found = _first_pairing(loss, leaf, given, len(trial.targets))
        if found is None:
            continue
        value, ours, theirs = found
        line = lines.at(value.producer.order)
        name = trial.name
        n = len(trial.targets)
        shapes = [_named(shape, n) for shape in (ours, theirs, np.shape(value.data))]
        return finding(
            "loss-broadcasts",
            f"{name} meets outputs {shapes[0]} with targets {shapes[1]}, which makes "
            f"{shapes[2]} for N samples: every output beside every target, so that all there is to "
            f"learn is one number for all samples{line}",
            f"bring both to one shape in {name}: target.reshape(output.shape)",
        )
    return None


def _first_pairing(loss: Any, leaf: Any, given: Any, rows: int) -> Any:
    """Return the first value with two axes of samples, of an output and a target with one each."""
    ours: set[int] = {id(leaf)}
    theirs: set[int] = {id(given)} if isinstance(given, Recorded) else set()
    for value in tape._newest_first(loss)[::-1]:
        inputs = value.producer.inputs
        shape = np.shape(value.data)
        shapes = [np.shape(getattr(x, "data", x)) for x in inputs]
        if shape.count(rows) >= 2 and all(s.count(rows) <= 1 for s in shapes) and len(inputs) >= 2:
            mine = [s for x, s in zip(inputs, shapes, strict=True) if id(x) in ours and rows in s]
            other = [
                s
                for x, s in zip(inputs, shapes, strict=True)
                if rows in s
                and id(x) not in ours
                and (id(x) in theirs or not isinstance(x, Recorded))
            ]
            if mine and other:
                return value, mine[0], other[0]
        if any(id(x) in ours for x in inputs):
            ours.add(id(value))
        elif any(id(x) in theirs for x in inputs):
            theirs.add(id(value))
    return None


def _named(shape: tuple[int, ...], rows: int) -> str:
    """Return a shape with N for the samples, as it is read in a class: (N, 1)."""
    sizes = ["N" if size == rows else str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _defined(function: Callable[..., Any]) -> str:
    """Return where a function begins, in words."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    return f" ({Path(code.co_filename).name}, line {code.co_firstlineno})"
