"""What is wrong with a NumPy function of parameters, seen from one traced step of it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.tracing import trace
from pellucid.program import Instruction, Program, Variable
from pellucid.program.parameter_function import ParameterFunction
from pellucid.training.defaults import resolve_optimizer

if TYPE_CHECKING:
    from pellucid.optim import Optimizer

__all__ = ["findings_of_function"]

_PRODUCTS = ("matmul", "linear")
_DIFFERENCES = ("subtract", "multiply")
_BENT = 0.97
_UPDATES = 200


def findings_of_function(
    function: Callable[[Any], Any],
    parameters: Mapping[str, Any],
    optimizer: str | Optimizer | None = None,
    lr: float | None = None,
) -> list[Finding]:
    """Return what is wrong with ``loss(parameters)`` at these parameters.

    Parameters
    ----------
    function : callable
        Returns the loss; plain NumPy.
    parameters : mapping of str to array
    optimizer, lr
        With one of them, a copy of the parameters is trained for some updates to judge the rate.
    """
    with np.errstate(all="ignore"):
        program = trace(function, parameters)
    findings = [
        *_non_finite(program),
        *_broadcast(program),
        *_symmetric(program),
        *_dead(program),
        *_saturated(program),
        *_fading(program),
        *_unused(program),
    ]
    if (optimizer is not None or lr is not None) and not any(
        found.code == "non-finite" for found in findings
    ):
        findings += _tried(ParameterFunction(function, parameters), optimizer, lr)
    return findings


def _place(instruction: Instruction) -> str:
    """Return where a value is made, for people: its name and line."""
    name = instruction.output.called
    what = f"'{name}'" if name else f"what {instruction.operation.name} gives"
    line = instruction.line
    return what if line is None else f"{what} ({line})"


def _name(instruction: Instruction) -> str:
    return instruction.output.called or instruction.output.name


# --- numbers and shapes -----------------------------------------------------------------------


def _non_finite(program: Program) -> Iterator[Finding]:
    """Go back from a loss that is not finite to the value that was the first not to be."""
    value = program.results["loss"]
    while value.made_by is not None:
        before = [v for v in value.made_by.inputs if not np.all(np.isfinite(v.value))]
        if not before:
            break
        value = before[0]
    bad = int(np.sum(~np.isfinite(value.value)))
    if not bad:
        return
    made = value.made_by
    where = f"'{value.called or value.name}'" if made is None else _place(made)
    remedy = None if made is None else _REMEDIES.get(made.operation.name)
    yield finding(
        "non-finite",
        f"{where} has {bad} of {value.value.size} entries NaN or infinite, and so has the loss; "
        "what it is computed from is finite",
        remedy or "look at what goes into it",
        layer=value.called or value.name,
        measured=float(bad),
        cause="the logarithm of 0, a division by 0, or an overflow",
    )


_REMEDIES = {
    "log": "keep its argument above 0: np.log(np.clip(p, 1e-12, 1)), or work with logits",
    "exp": "subtract the largest entry first: np.exp(z - z.max(axis=1, keepdims=True))",
    "divide": "keep what it divides by away from 0",
    "power": "keep the base away from 0",
    "sqrt": "keep its argument above 0",
}


def _broadcast(program: Program) -> Iterator[Finding]:
    """Find a difference or product of N predictions and N targets that has N × N entries."""
    dependent = _dependent(program)
    for instruction in program.of_phase("forward"):
        if instruction.operation.name not in _DIFFERENCES or len(instruction.inputs) != 2:
            continue
        a, b = instruction.inputs
        if (id(a) in dependent) == (id(b) in dependent) or _is_weight(a) or _is_weight(b):
            continue
        small = max(a.value.size, b.value.size)
        if a.value.size != b.value.size or instruction.output.value.size != small**2 or small < 2:
            continue
        output, target = (a, b) if id(a) in dependent else (b, a)
        name = target.called or target.name
        yield finding(
            "loss-broadcasts",
            f"{_place(instruction)} has shape {instruction.output.shape}: {output.shape} meets "
            f"{target.shape}, and NumPy pairs every prediction with every target",
            f"give both one shape, for example {name}.reshape({output.shape})",
            layer=_name(instruction),
            measured=float(instruction.output.value.size),
            threshold=float(small),
        )
        return


def _is_weight(variable: Variable) -> bool:
    return variable.role == "parameter"


def _dependent(program: Program) -> set[int]:
    """Return the identities of the values that depend on a parameter."""
    found = {id(v) for v in program.starting("parameter")}
    for instruction in program.of_phase("forward"):
        if any(id(v) in found for v in instruction.inputs):
            found.update(id(v) for v in instruction.outputs)
    return found


# --- units ------------------------------------------------------------------------------------


def _layers(program: Program) -> list[tuple[Instruction, Variable, int]]:
    """Return the products with a matrix of weights, the matrix, and the axis of its units."""
    found = []
    for instruction in program.of_phase("forward"):
        if instruction.operation.name not in _PRODUCTS:
            continue
        for position, variable in enumerate(instruction.inputs[:2]):
            if variable.role == "parameter" and len(variable.shape) == 2:
                found.append((instruction, variable, 1 if position else 0))
    return found


def _symmetric(program: Program) -> Iterator[Finding]:
    for _, weight, axis in _layers(program)[:-1]:
        units = np.moveaxis(weight.value, axis, 0)
        gradient = program.gradient(weight.name)
        if gradient is None or len(units) < 2:
            continue
        pulls = np.moveaxis(gradient.value, axis, 0)
        rows = np.unique(np.concatenate([units, pulls], axis=1), axis=0)
        alike = len(units) - len(rows)
        if alike:
            yield finding(
                "symmetric-units",
                f"{alike + 1} of the {len(units)} units of '{weight.path}' start with the same "
                "weights and get the same gradient",
                f"draw '{weight.path}' at random: rng.normal(size={weight.shape}) * "
                f"{1 / math.sqrt(max(weight.shape[1 - axis], 1)):.2g}",
                layer=weight.path,
                measured=float(alike + 1),
            )
            return


def _bends(program: Program) -> Iterator[tuple[Instruction, int]]:
    """Yield the activations of hidden layers, with the axis of their units."""
    layers = _layers(program)
    last = layers[-1][0].index if layers else -1
    axes = {layer.output.shape: 1 if axis else 0 for layer, _, axis in layers}
    for instruction in program.of_phase("forward"):
        shape = instruction.output.shape
        if len(shape) == 2 and shape in axes and instruction.index < last:
            yield instruction, axes[shape]


def _dead(program: Program) -> Iterator[Finding]:
    rule = RULES["dead-units"]
    for instruction, axis in _bends(program):
        if instruction.operation.name not in ("maximum", "relu", "where", "multiply", "clip"):
            continue
        rows = np.moveaxis(instruction.output.value, axis, 0)
        share = float(np.mean(~rows.any(axis=1)))
        if rows.shape[1] > 1 and share >= (rule.threshold or 0.5):
            yield finding(
                "dead-units",
                f"{share:.0%} of the units of {_place(instruction)} are 0 on every sample",
                "draw weights with mean 0 and biases of 0, scale the inputs, or take a leaky ReLU",
                layer=_name(instruction),
                measured=share,
                severity="critical" if share == 1 else None,
            )
            return


def _saturated(program: Program) -> Iterator[Finding]:
    rule = RULES["saturated-units"]
    for instruction, _ in _bends(program):
        value = instruction.output.value
        name = instruction.operation.name
        if name == "tanh":
            share = float(np.mean(np.abs(value) > _BENT))
        elif name in ("sigmoid", "divide") and value.min() >= 0 and value.max() <= 1:
            share = float(np.mean((value < 1 - _BENT) | (value > _BENT)))
        else:
            continue
        if share > (rule.threshold or 0.5):
            yield finding(
                "saturated-units",
                f"{share:.0%} of the values of {_place(instruction)} lie where the activation is "
                "flat",
                "make the weights smaller, or scale the inputs to mean 0 and deviation 1",
                layer=_name(instruction),
                measured=share,
                severity="critical" if share > (rule.critical or 1.0) else None,
            )
            return


# --- gradients --------------------------------------------------------------------------------


def _fading(program: Program) -> Iterator[Finding]:
    rule = RULES["vanishing-gradient"]
    sizes = []
    for _, weight, _axis in _layers(program):
        gradient = program.gradient(weight.name)
        if gradient is not None:
            sizes.append((weight.path, _root_mean_square(gradient.value)))
    if len(sizes) < 3 or not sizes[-1][1] or not all(math.isfinite(size) for _, size in sizes):
        return
    ratio = sizes[0][1] / sizes[-1][1]
    if ratio < (rule.threshold or 0.0):
        yield finding(
            "vanishing-gradient",
            f"the gradient of '{sizes[0][0]}' is {ratio:.2g} times that of '{sizes[-1][0]}'",
            "take ReLU with He's initialisation, normalise between layers, or fewer layers",
            layer=sizes[0][0],
            measured=ratio,
            severity="critical" if ratio < (rule.critical or 0.0) else None,
        )


def _unused(program: Program) -> Iterator[Finding]:
    for _, network in program.models:
        for path, _parameter in network.named_parameters():
            found = [v for v in program.starting("parameter") if v.path == path]
            gradient = program.gradient(found[0].name) if found else None
            if gradient is None or not np.any(gradient.value):
                yield finding(
                    "untrained-parameter",
                    f"the loss does not change with '{path}': its gradient is 0"
                    if found
                    else f"the loss does not use '{path}'",
                    f"look where '{path}' goes on its way to the loss",
                    layer=path,
                    measured=0.0,
                )


def _root_mean_square(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


# --- a training on trial ----------------------------------------------------------------------


def _tried(
    network: ParameterFunction, optimizer: str | Optimizer | None, lr: float | None
) -> Iterator[Finding]:
    """Train a copy for some updates, and judge by it whether the steps have the right size."""
    network = copy.deepcopy(network)
    chosen = resolve_optimizer(network, optimizer or "sgd", lr)
    rate = float(chosen.groups[0]["lr"])
    losses: list[float] = []
    ratios: list[float] = []
    with np.errstate(all="ignore"):
        for _ in range(_UPDATES):
            loss = network()
            losses.append(float(loss.data.reshape(())))
            if not math.isfinite(losses[-1]):
                break
            loss.backward()
            before = [(p, p.data.copy()) for p in network.parameters()]
            chosen.step()
            chosen.zero_grad()
            ratios += [
                _root_mean_square(p.data - old) / _root_mean_square(old)
                for p, old in before
                if old.ndim == 2 and old.any()
            ]
    ratio = float(np.median(ratios)) if ratios else None
    yield from _of_steps(losses, ratio, rate)


def _of_steps(losses: list[float], ratio: float | None, rate: float) -> Iterator[Finding]:
    first, last, smallest = losses[0], losses[-1], min(losses)
    course = f"the loss went from {first:.4g} to {last:.4g} in {len(losses)} updates"
    high, low = RULES["learning-rate-too-high"], RULES["learning-rate-too-low"]
    lower = f"take a learning rate of {rate / 10:.3g} in place of {rate:g}"
    if not math.isfinite(last) or (last > first and last >= 2 * smallest):
        yield finding(
            "divergence",
            course,
            lower,
            step=len(losses),
            measured=last / smallest if smallest > 0 and math.isfinite(last) else math.inf,
            severity="critical" if not math.isfinite(last) else None,
            change={"lr": rate / 10},
        )
    elif ratio is not None and ratio > (high.threshold or 0.1) and last >= first:
        yield finding(
            "learning-rate-too-high",
            f"an update changes the weights by {ratio:.2g} of their size, and {course}",
            lower,
            step=len(losses),
            measured=ratio,
            change={"lr": rate / 10},
        )
    elif ratio is not None and ratio < (low.threshold or 1e-4) and last > 0.99 * first > 0:
        yield finding(
            "learning-rate-too-low",
            f"an update changes the weights by {ratio:.2g} of their size, and {course}",
            f"take a learning rate of {rate * 10:.3g} in place of {rate:g}",
            step=len(losses),
            measured=ratio,
            change={"lr": rate * 10},
        )
