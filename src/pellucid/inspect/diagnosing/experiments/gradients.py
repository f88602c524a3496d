"""Whether each gradient is the slope of the loss."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from pellucid.inspect.diagnosing.experiments.trying import Trial
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["wrong_gradient"]

_SAMPLES = 8
_ENTRIES = 6
_WIDTH = 1e-5


def wrong_gradient(subject: Subject) -> tuple[list[Finding], dict[str, Any]]:
    r"""Compare some entries of each parameter's gradient with central differences in float64.

    .. math:: (L(θ + h) - L(θ - h)) / 2h, \quad h = 10^{-5}

    The error is relative, of the entries of one parameter together. A kink between θ − h and θ + h
    shows as a difference between its two sides; such entries are left out.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    """
    net = copy.deepcopy(subject.net).astype(np.float64)
    x, y = subject.probe(_SAMPLES)
    x, y = (
        v[:_SAMPLES].astype(np.float64) if v.dtype.kind == "f" else v[:_SAMPLES] for v in (x, y)
    )
    inner = Subject(net, subject.objective, x, y, subject.output_shape)
    Trial.still(net)
    loss: Any = subject.objective.function(net(x), y)
    loss.backward()
    errors: dict[str, float] = {}
    rng = np.random.default_rng(0)
    for path, parameter in net.named_parameters():
        if not parameter.requires_grad or not parameter.data.size:
            continue
        given = parameter.grad if parameter.grad is not None else np.zeros_like(parameter.data)
        flat = parameter.data.reshape(-1)
        largest = np.argsort(-np.abs(given.reshape(-1)))[: _ENTRIES // 2]
        drawn = rng.choice(flat.size, min(_ENTRIES // 2, flat.size), replace=False)
        picks = np.union1d(largest, drawn)
        slopes, kinks = _slopes(inner, flat, picks, float(loss.data))
        theirs, slopes = given.reshape(-1)[picks][~kinks], slopes[~kinks]
        size = max(np.linalg.norm(theirs), np.linalg.norm(slopes))
        errors[path] = float(np.linalg.norm(theirs - slopes) / size) if size > 1e-7 else 0.0
    worst = max(errors, key=lambda path: errors[path]) if errors else ""
    error = errors.get(worst, 0.0)
    said = f"the largest relative error of {len(errors)} gradients is {error:.2g}" + (
        f" ('{worst}')" if worst else ""
    )
    result = {"errors": errors, "summary": said}
    rule = RULES["wrong-gradient"]
    if error <= (rule.threshold or 0.0):
        return [], result
    return [
        finding(
            "wrong-gradient",
            said,
            "check the backward pass of the layer: pl.check_layer, or pellucid check for code of "
            "your own",
            layer=worst.rpartition(".")[0],
            measured=error,
            severity="critical" if error > (rule.critical or 1.0) else None,
        )
    ], result


def _slopes(subject: Subject, flat: Any, picks: Any, middle: float) -> tuple[Any, Any]:
    """Return central differences, and where the two sides differ too much to be one slope."""
    slopes, kinks = [], []
    for i in picks:
        before = flat[i]
        flat[i] = before + _WIDTH
        up = subject.loss_of(subject.x, subject.y)
        flat[i] = before - _WIDTH
        down = subject.loss_of(subject.x, subject.y)
        flat[i] = before
        slope = (up - down) / (2 * _WIDTH)
        sides = abs((up - middle) - (middle - down)) / _WIDTH
        slopes.append(slope)
        kinks.append(sides > 1e-2 * max(abs(slope), 1e-3))
    return np.array(slopes), np.array(kinks)
