"""``pl.check_layer``: the derivatives of a layer, function or primitive of one's own.

With v a random weight for every output and u one for every gradient, two numbers tell all:

    s(x) = Σ v · f(x),      first order:   ∂s/∂x              against differences of s
    t(x) = Σ u · ∂s/∂x,     second order:  ∂t/∂x              against differences of t
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid import random
from pellucid.derivatives import gradients as gradients_of
from pellucid.dtypes import Array
from pellucid.errors import DataError, GradientError, NonFiniteError, PellucidError
from pellucid.inspect.checking.checking import check_gradients
from pellucid.inspect.checking.differences import Differences, difference
from pellucid.inspect.checking.layer_report import LayerFinding, LayerReport
from pellucid.inspect.checking.opinions import same_draws
from pellucid.inspect.checking.report import Cause
from pellucid.inspect.checking.wording import exact_ratio
from pellucid.primitives import Primitive
from pellucid.tensor import Tensor

__all__ = ["check_layer"]

_ENTRIES = 24  # entries of every input and parameter that are differenced


@dataclass
class _Layer:
    """A layer as a function of named arrays: the inputs, and its parameters by path."""

    call: Callable[[dict[str, Any]], Any]
    names: list[str]
    values: dict[str, Array] = field(default_factory=dict)


def check_layer(
    layer: Any,
    *inputs: Any,
    second_order: bool = True,
    tolerance: float = 1e-5,
    seed: int = 0,
    **options: Any,
) -> LayerReport:
    """Check the derivatives, types and shapes of a layer, function or primitive of one's own.

    Parameters
    ----------
    layer : Module, callable or Primitive
        Called as ``layer(*inputs, **options)``.
    *inputs : array_like
        Arrays of floats are differentiated and checked; whole numbers are passed on as they are.
        For most layers the first axis should be that of the samples, two or more.
    second_order : bool
        Whether to check derivatives of derivatives, which gradient penalties need.
    tolerance : float
        Largest relative error that counts as right, in float64.
    seed : int
        For the random weights of the outputs.
    **options
        Passed on, such as the attributes of a primitive.

    Returns
    -------
    LayerReport
        True if nothing is wrong; printed, it is the verdict in words.

    Raises
    ------
    DataError
        If there is no input of floats and no parameter, or the layer returns nothing.
    NonFiniteError
        If an input contains NaN or infinity.

    Examples
    --------
    >>> import numpy as np
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> check_layer(nn.Linear(3, 2, rng=0), np.ones((4, 3))).right
    True
    """
    if not callable(layer):
        raise DataError(
            f"check_layer needs a Module, a function or a Primitive, got {type(layer).__name__}"
        )
    rng = np.random.default_rng(seed)
    given = [x.data if isinstance(x, Tensor) else np.asarray(x) for x in inputs]
    for number, x in enumerate(given, start=1):
        if x.dtype.kind == "f" and not np.all(np.isfinite(x)):
            raise NonFiniteError(
                f"input {number} contains NaN or infinity: there is no derivative there; give "
                "ordinary numbers"
            )
    layer64 = _as_function(layer, given, options, np.float64)
    if not layer64.values:
        raise DataError("check_layer needs an input of floats, or a layer with parameters")
    findings: list[LayerFinding] = []
    output = _outputs(layer64, layer64.values, findings)
    weights = [rng.standard_normal(o.shape) for o in output]
    first: dict[str, float] = {}
    second: dict[str, float] = {}
    causes: tuple[Cause, ...] = ()
    _repeatable(layer64, output, findings)
    _samples(layer64, given, output, findings)
    if not any(f.code == "random" for f in findings):
        first = _first_order(layer64, weights, tolerance, rng, findings)
        if any(f.code == "wrong-gradient" for f in findings):
            causes = _causes(layer, layer64, weights, options)
        elif second_order and first:
            second = _second_order(layer64, weights, tolerance, rng, findings)
    _single_precision(layer, given, options, findings)
    return LayerReport(not any(f.fault for f in findings), tuple(findings), first, second, causes)


def _as_function(layer: Any, given: list[Array], options: dict[str, Any], dtype: Any) -> _Layer:
    """Return the layer in a floating-point type, as a function of its inputs and parameters."""
    from pellucid.nn import Module

    names = [f"x{i}" if len(given) > 1 else "x" for i in range(1, len(given) + 1)]
    plain = dict(zip(names, given, strict=True))
    values = {n: x.astype(dtype) for n, x in plain.items() if x.dtype.kind == "f"}
    if isinstance(layer, Module):
        if any(x.dtype.kind == "f" for x in given):
            copy.deepcopy(layer)(*given, **options)  # lazy layers learn their shapes
        template = copy.deepcopy(layer)
        template.astype(dtype)
        values |= {path: np.array(p.data) for path, p in template.named_parameters()}
    state = random.get_state()

    def call(tensors: dict[str, Any]) -> Any:
        random.set_state(state)
        arguments = [tensors.get(name, plain[name]) for name in names]
        if not isinstance(layer, Module):
            return layer(*arguments, **options)
        mine = copy.deepcopy(template)
        parts = dict(mine.named_parameters())
        for path, parameter in parts.items():
            if path in tensors:
                _put(mine, path, parameter, tensors[path])
        return mine(*arguments, **options)

    def restoring(tensors: dict[str, Any]) -> Any:
        try:
            with same_draws(0):
                return call(tensors)
        finally:
            random.set_state(state)

    return _Layer(restoring, list(values), values)


def _put(module: Any, path: str, parameter: Any, value: Any) -> None:
    """Let `value` stand in the place of a parameter, its history included."""
    parameter.data = value.data if isinstance(value, Tensor) else np.asarray(value)
    if isinstance(value, Tensor):
        value.requires_grad = True
        for owner in module.modules():
            for name, held in list(vars(owner).items()):
                if held is parameter:
                    object.__setattr__(owner, name, value)


def _outputs(layer: _Layer, values: Mapping[str, Any], findings: list[LayerFinding]) -> list[Array]:
    before = {name: np.array(x) for name, x in values.items()}
    found = _flat(layer.call({n: Tensor(x, requires_grad=True) for n, x in values.items()}))
    if any(part is None for part in found):
        raise DataError("the layer returned None; is a `return` missing in its forward?")
    for name, x in before.items():
        if not np.array_equal(x, values[name]):
            findings.append(LayerFinding("changes-input", name, f"the layer writes into {name}"))
    return [o.data if isinstance(o, Tensor) else np.asarray(o) for o in found]


def _flat(output: Any) -> list[Any]:
    if isinstance(output, (tuple, list)):
        return [leaf for part in output for leaf in _flat(part)]
    if isinstance(output, dict):
        return [leaf for part in output.values() for leaf in _flat(part)]
    return [output]


def _repeatable(layer: _Layer, output: list[Array], findings: list[LayerFinding]) -> None:
    again = _outputs(layer, layer.values, [])
    if any(not np.array_equal(a, b) for a, b in zip(output, again, strict=True)):
        findings.append(
            LayerFinding(
                "random", "", "two calls with the same inputs differ; draw from rng= or from "
                "pellucid.random's default generator, so that a seed repeats them",
            )
        )  # fmt: skip


def _samples(
    layer: _Layer, given: list[Array], output: list[Array], findings: list[LayerFinding]
) -> None:
    """Change the last sample, and see whether the outputs of the others change."""
    count = len(given[0]) if given and given[0].ndim else 0
    if count < 2 or not output or not output[0].ndim or len(output[0]) != count:
        return
    if not any(f in layer.values for f in ("x", "x1")):
        return
    moved = {name: x.copy() for name, x in layer.values.items()}
    name = "x" if "x" in moved else "x1"
    moved[name][-1] += 0.5
    try:
        other = _outputs(layer, moved, [])[0]
    except PellucidError:
        return
    if not np.allclose(other[:-1], output[0][:-1], rtol=1e-9, atol=1e-12):
        findings.append(
            LayerFinding(
                "mixes-samples", "", "the output of one sample depends on the others in the batch. "
                "Normalising over the batch does so on purpose; for other layers an axis may be "
                "wrong", fault=False,
            )
        )  # fmt: skip


# --- derivatives ----------------------------------------------------------------------------------


def _weighted(output: Any, weights: list[Array]) -> Any:
    total: Any = 0.0
    for part, weight in zip(_flat(output), weights, strict=True):
        total = (part * weight).sum() + total
    return total


def _slopes(layer: _Layer, values: Mapping[str, Array], weights: list[Array], graph: bool) -> Any:
    tensors = {name: Tensor(np.array(x), requires_grad=True) for name, x in values.items()}
    total = _weighted(layer.call(tensors), weights)
    if not (isinstance(total, Tensor) and total.requires_grad):
        raise GradientError(
            "the output has no history: the layer leaves the recorded values on its way, for "
            "example through x.data, np.array(x), or a function outside of NumPy's"
        )
    return tensors, gradients_of(total, list(tensors.values()), create_graph=graph)


def _first_order(
    layer: _Layer,
    weights: list[Array],
    tolerance: float,
    rng: np.random.Generator,
    findings: list[LayerFinding],
) -> dict[str, float]:
    try:
        _, slopes = _slopes(layer, layer.values, weights, graph=False)
    except GradientError as error:
        findings.append(LayerFinding("no-gradient", "", str(error)))
        return {}
    except (PellucidError, TypeError, AttributeError, ValueError) as error:
        message = (
            f"the backward pass fails with {type(error).__name__}: {error}; a VJP takes "
            "(g, output, *inputs) and returns an array of the shape of its input"
        )
        findings.append(LayerFinding("no-gradient", "", message))
        return {}

    def value(values: Mapping[str, Array]) -> float:
        tensors = {name: Tensor(np.array(x), requires_grad=True) for name, x in values.items()}
        return float(_weighted(layer.call(tensors), weights).data)

    return _compare(
        layer.values, dict(zip(layer.values, slopes, strict=True)), value, tolerance, rng,
        "wrong-gradient", "the gradient", findings,
    )  # fmt: skip


def _second_order(
    layer: _Layer,
    weights: list[Array],
    tolerance: float,
    rng: np.random.Generator,
    findings: list[LayerFinding],
) -> dict[str, float]:
    directions = {name: rng.standard_normal(x.shape) for name, x in layer.values.items()}
    try:
        tensors, slopes = _slopes(layer, layer.values, weights, graph=True)
        total: Any = 0.0
        for slope, direction in zip(slopes, directions.values(), strict=True):
            total = (slope * direction).sum() + total
        if isinstance(total, Tensor) and total.requires_grad:
            curved = gradients_of(total, list(tensors.values()))
        else:  # as that of a linear function, whose derivative is constant
            curved = [np.zeros_like(x) for x in layer.values.values()]
    except (PellucidError, TypeError, AttributeError, ValueError) as error:
        message = (
            f"its gradient cannot be differentiated again ({error}); write the VJP in primitives"
        )
        findings.append(LayerFinding("no-second-order", "", message))
        return {}

    def value(values: Mapping[str, Array]) -> float:
        _, found = _slopes(layer, values, weights, graph=False)
        return float(sum(np.sum(g * u) for g, u in zip(found, directions.values(), strict=True)))

    return _compare(
        layer.values, dict(zip(layer.values, curved, strict=True)), value, 10 * tolerance, rng,
        "wrong-second-order", "the derivative of the gradient", findings,
    )  # fmt: skip


def _compare(
    values: dict[str, Array],
    slopes: dict[str, Any],
    value: Callable[[Mapping[str, Array]], float],
    tolerance: float,
    rng: np.random.Generator,
    code: str,
    words: str,
    findings: list[LayerFinding],
) -> dict[str, float]:
    """Compare derivatives with differences; return the relative errors by name."""
    for name, slope in slopes.items():
        if np.shape(slope) != values[name].shape:
            text = f"{words} of {name} has shape {np.shape(slope)}, {name} has {values[name].shape}"
            findings.append(LayerFinding("shape", name, text))
            return {}
    moved = {name: x.copy() for name, x in values.items()}
    found = difference(value, moved, rng=rng, entries=_ENTRIES)
    largest = max(float(np.max(np.abs(d.values), initial=0)) for d in found.values())
    errors = {}
    for name, differences in found.items():
        mine = np.asarray(slopes[name]).ravel()[differences.indices]
        scale = max(float(np.max(np.abs(differences.values))), 1e-3 * largest, 1e-12)
        off = np.maximum(differences.low - mine, 0) + np.maximum(mine - differences.high, 0)
        off = np.maximum(off - 10 * differences.errors, 0)
        errors[name] = float(np.max(off, initial=0)) / scale
        if errors[name] > tolerance:
            findings.append(_wrong(code, words, name, mine, differences, errors[name]))
    return errors


def _wrong(
    code: str, words: str, name: str, mine: Array, found: Differences, error: float
) -> LayerFinding:
    scale = float(np.sum(found.values**2))
    ratio = float(np.sum(mine * found.values)) / scale if scale else 0.0
    fits = np.allclose(mine, ratio * found.values, rtol=1e-6, atol=20 * float(found.errors.max()))
    nice = round(ratio, 6) if abs(ratio) >= 1 else 1 / round(1 / ratio, 6) if ratio else 0.0
    told = exact_ratio(nice) if fits and ratio else None
    if fits and not np.any(mine):
        told = "zero"
    worst = int(np.argmax(np.abs(mine - found.values)))
    text = (
        f"{words} of {name} is {told}"
        if told
        else f"{words} of {name} is wrong by {100 * error:.3g} %"
    )
    text += f"; for example {mine[worst]:.6g}, by differences {found.values[worst]:.6g}"
    return LayerFinding(code, name, text)


def _causes(
    layer: Any, function: _Layer, weights: list[Array], options: dict[str, Any]
) -> tuple[Cause, ...]:
    """Name the mistake in a primitive's rules, by recording its forward function."""
    if not isinstance(layer, Primitive):
        return ()
    names = list(function.values)

    def loss(values: dict[str, Any]) -> Any:
        return _weighted(layer.forward(*(values[n] for n in names), **options), weights)

    def slopes(values: dict[str, Array]) -> dict[str, Array]:
        _, found = _slopes(function, values, weights, graph=False)
        return dict(zip(names, found, strict=True))

    return check_gradients(loss, function.values, slopes).causes


# --- types ----------------------------------------------------------------------------------------


def _single_precision(
    layer: Any, given: list[Array], options: dict[str, Any], findings: list[LayerFinding]
) -> None:
    """Look at the types and shapes that come of float32."""
    single = _as_function(layer, given, options, np.float32)
    tensors = {name: Tensor(x, requires_grad=True) for name, x in single.values.items()}
    outputs = [o for o in _flat(single.call(tensors)) if isinstance(o, Tensor)]
    for output in outputs:
        if output.dtype.kind == "f" and output.dtype != np.float32:
            findings.append(
                LayerFinding(
                    "dtype", "output", f"float32 in, {output.dtype} out: a constant array of "
                    "float64, or np.float64(...), has widened it; use Python numbers, or "
                    ".astype(x.dtype)",
                )
            )  # fmt: skip
            return
    broken = any(f.code in ("no-gradient", "shape") for f in findings)
    if broken or not any(o.requires_grad for o in outputs):
        return
    total: Any = 0.0
    for output in outputs:
        total = output.sum() + total
    for (name, x), slope in zip(
        single.values.items(), gradients_of(total, list(tensors.values())), strict=True
    ):
        if slope.dtype != x.dtype:
            text = f"the gradient of {name} is {slope.dtype}, {name} is {x.dtype}"
            findings.append(LayerFinding("dtype", name, text))
