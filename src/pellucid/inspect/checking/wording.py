"""What mistakes are called, and what is said about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pellucid.inspect.checking.breaks import Break, Place, numbers_of_layers
from pellucid.inspect.checking.scale_breaks import factor_text

__all__ = ["TITLES", "describe", "exact_ratio", "location"]

TITLES: dict[str, str] = {
    "factor": "wrong factor",
    "sign": "wrong sign",
    "missing-derivative": "activation derivative missing",
    "extra-derivative": "activation derivative too many",
    "derivative-at-activation": "derivative taken at the activation",
    "derivative-at-pre-activation": "derivative taken at the pre-activation",
    "other-derivative": "derivative of another activation",
    "wrong-derivative": "wrong formula of a derivative",
    "wrong-mask": "ReLU mask from the wrong tensor",
    "diagonal-softmax": "softmax Jacobian treated as diagonal",
    "softmax-normaliser": "softmax's denominator treated as a constant",
    "softmax-unweighted": "softmax Jacobian with a factor p missing",
    "softmax-axis": "softmax Jacobian along the wrong axis",
    "missing-shift": "log-softmax's shift forgotten",
    "missing-target": "the target is missing in the gradient of the loss",
    "wrong-output": "another value in the place of the output in p - y",
    "wrong-label-term": "wrong term of the right class",
    "cross-entropy-gradient": "cross-entropy's gradient used with the squared error",
    "squared-error-gradient": "squared error's gradient used with the cross-entropy",
    "transposed": "transposed factor",
    "missing-upstream": "gradient from above left out",
    "wrong-source": "computed from another gradient",
    "dot-for-outer": "np.dot of two vectors where np.outer belongs",
    "summed-over-everything": "one number for all entries",
    "left-out": "a term of the sum left out",
    "only-one-sample": "not summed over the samples",
    "flipped-kernel": "entries in reverse order",
    "wrong-factor": "another value in the place of a factor",
    "missing-factor": "factor missing",
    "bias-axis": "bias summed over the wrong axis",
    "bias-mean": "mean instead of sum for a bias",
    "bias-not-summed": "bias not summed over the samples",
    "not-summed": "not summed over all axes",
    "updated-first": "weights updated before they were used",
    "missing-term": "missing term where a value is used twice",
    "missing-regulariser": "missing regulariser",
    "extra-regulariser": "regulariser that the loss does not have",
    "overwritten": "overwritten in a loop instead of added up",
    "exchanged": "gradients under each other's names",
    "clipped": "gradients clipped",
    "zero": "gradient not computed",
    "stopped": "gradient does not go on",
    "extra-factor": "factor too many",
    "other-loss": "gradient of another loss",
    "normalised-axis": "normalisation's means over the wrong axis",
    "wrong-order": "axes in the wrong order",
    "spread-maximum": "maximum's gradient given to every entry",
}
"""The names of the mistakes."""

_DETAILS: dict[str, str] = {
    "missing-derivative": "the gradient passes {what} as if it were not there",
    "extra-derivative": "the derivative of {what} is applied once too often",
    "derivative-at-activation": "f'(a) was computed where f'(z) is needed: the function's "
    "derivative at its output, not at its input",
    "derivative-at-pre-activation": "the formula for the output a was given the pre-activation z",
    "left-out": "{variant} does not count",
    "only-one-sample": "only {variant} counts",
    "missing-upstream": "the derivative of {what} stands there alone; it has to be multiplied with "
    "the gradient that comes from above",
    "diagonal-softmax": "p * (1 - p) is only the diagonal of the Jacobian: every output of a "
    "softmax depends on every input",
    "softmax-normaliser": "the sum in the denominator depends on every input as well",
    "missing-shift": "the logarithm of the sum depends on every input as well",
    "cross-entropy-gradient": "p - y is the gradient by the logits of the cross-entropy; the "
    "squared error has the derivative of {what} besides",
    "squared-error-gradient": "with the cross-entropy the derivative of the activation cancels, "
    "and p - y is left",
    "bias-not-summed": "a bias acts on every sample, so its gradient is a sum over the samples",
    "clipped": "every entry lies between -{variant} and {variant}",
    "zero": "it is zero everywhere",
    "exchanged": "{variant}",
    "overwritten": "{variant} counts",
    "bias-axis": "it was summed over {variant}",
    "wrong-mask": "the mask is that of {variant}",
    "wrong-factor": "{variant} stands there",
    "missing-factor": "{variant}",
    "missing-term": "one of the ways on which it enters the loss was left out",
    "stopped": "nothing arrives behind this place",
    "softmax-axis": "it was summed over {variant}",
    "missing-target": "{variant}",
    "wrong-output": "{variant} was used in the place of the probabilities",
    "wrong-label-term": "{variant}",
    "extra-factor": "{variant} was multiplied in twice",
    "other-loss": "{variant} was used",
}


def describe(one: Break, sizes: dict[float, str]) -> dict[str, Any]:
    """Return a mistake in words.

    Returns
    -------
    dict
        ``kind``, ``title``, ``where``, ``detail``, ``write`` (what to write instead), ``layers``,
        ``lines`` (of the forward code).
    """
    title, detail = TITLES[one.kind], one.told or _DETAILS.get(one.kind, "")
    if one.kind == "factor":
        title, detail = _factor(float(one.variant), sizes)
    elif one.kind == "sign":
        what = one.places[0].what
        part = " in the gradient" if what.endswith(" of the loss") else ""
        detail = (
            f"{what} has the sign turned round{part}"
            if part
            else ("every entry has the sign turned round")
        )
    elif one.kind == "updated-first":
        detail = f"with a learning rate of {one.variant}"
    elif one.kind == "extra-regulariser":
        detail = f"{one.variant} times the weights was added"
    elif one.kind in ("other-derivative", "wrong-derivative"):
        own, _, other = one.variant.partition(": ")
        detail = f"{other} was used as the derivative of the {own}"
    if not one.told:
        detail = detail.format(what=one.places[0].what, variant=one.variant)
    if one.only:
        detail += f". The other gradients have it right, {_listed(one.only)} alone does not"
    told_for = f"for {_listed(one.only)} too: " if one.only else ""
    write = list(dict.fromkeys(told_for + p.write for p in one.places if p.write))
    if one.kind in ("factor", "sign") and not write:
        write = [_correction(one, what) for what in dict.fromkeys(p.what for p in one.places)]
    lines = [p.frame for p in one.places if p.frame is not None]
    return {
        "kind": one.kind,
        "title": title,
        "where": location(one.places) + (f", in {_listed(one.only)} alone" if one.only else ""),
        "detail": detail,
        "write": write,
        "layers": numbers_of_layers(one.places),
        "lines": [{"file": Path(f.file).name, "line": f.line} for f in dict.fromkeys(lines)],
    }


def _listed(names: frozenset[str]) -> str:
    *most, last = sorted(f"d{name}" for name in names)
    return f"{', '.join(most)} and {last}" if most else last


def _factor(factor: float, sizes: dict[float, str]) -> tuple[str, str]:
    text = factor_text(factor, sizes)
    size = abs(factor)
    turned = ", and the sign is turned round" if factor < 0 else ""
    if text is None:
        return TITLES["factor"], f"{factor:.6g} times what it should be"
    whole = next((words for n, words in sizes.items() if abs(size - n) < 1e-7 * n), None)
    part = next((words for n, words in sizes.items() if abs(size * n - 1) < 1e-7), None)
    if abs(size - 2) < 1e-7 and whole:
        return (
            "factor 2",
            f"twice what it should be: the 2 of a square once too often, or a sum "
            f"over {whole} in place of a mean{turned}",
        )
    if abs(size - 0.5) < 1e-7 and part:
        return (
            "factor 2",
            f"half of what it should be: the 2 of a square is missing, or a mean "
            f"over {part} in place of a sum{turned}",
        )
    if whole:
        return "sum instead of mean", f"{_number(size)} times too large: {whole}{turned}"
    if part:
        return "mean instead of sum", f"{_number(1 / size)} times too small: {part}{turned}"
    if abs(size - 2) < 1e-7:
        return "factor 2", f"twice what it should be: the 2 of a square, once too often{turned}"
    if abs(size - 0.5) < 1e-7:
        return "factor 2", f"half of what it should be: the 2 of a square is missing{turned}"
    return TITLES["factor"], f"{_number(factor)} times what it should be: {text}"


def _correction(one: Break, what: str) -> str:
    factor = float(one.variant)
    where = "the gradient of the loss" if what == "the loss" else what
    if one.kind == "sign":
        if what == "the loss":
            return "start with the other sign: from p - y, for example, not from y - p"
        return f"turn the sign of {where}"
    return f"divide {where} by {_number(factor)}" if abs(factor) > 1 else (
        f"multiply {where} by {_number(1 / factor)}"
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.6g}"


def location(places: tuple[Place, ...]) -> str:
    """Say where: "at layers 1 and 2", "in db2", "at the loss"."""
    layers = numbers_of_layers(places)
    named = list(dict.fromkeys(p.what for p in places))
    if layers == [0] and places[0].what.endswith(" of the loss"):
        return f"in {places[0].what}"
    if layers == [0]:
        return f"in {places[0].what}" if places[0].what.startswith("d") else "at the loss"
    numbers = [str(n) for n in layers if n]
    text = numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    what = f" ({named[0]})" if len(named) == 1 else f" ({', '.join(named)})"
    return f"at layer{'s' if len(numbers) > 1 else ''} {text}{what}"


def exact_ratio(ratio: float) -> str | None:
    """Say "half" or "3 times" if a ratio is such a number; None if it is not."""
    for number, words in ((0.5, "half"), (2.0, "twice"), (-1.0, "minus")):
        if abs(ratio - number) < 1e-9 * abs(number):
            return f"exactly {words} the true gradient"
    for n in range(2, 10001):
        for number, words in ((float(n), f"{n} times"), (1 / n, f"1/{n} of")):
            if abs(abs(ratio) - number) < 1e-9 * number:
                sign = "minus " if ratio < 0 else ""
                return f"exactly {sign}{words} the true gradient"
    return None
