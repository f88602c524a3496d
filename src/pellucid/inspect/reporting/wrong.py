"""What a network gets right and wrong, in words and tables: mistakes, errors, surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.pictures import find_mistakes
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting.material import Material
from pellucid.training import predict

__all__ = ["plain_number", "told_mistakes"]

_ROWS = 10  # of a table
_NUMBERS = 6  # of a sample
_LETTERS = 240  # of a text, and of a text that is drawn
_NAME = 40  # letters of a feature's name
_BEFORE = 32  # letters before a token that surprises


def plain_number(value: float) -> str:
    """Return a number to be read: four digits, and large ones without a power of ten."""
    if not np.isfinite(value):
        return "infinite" if np.isinf(value) else "not a number"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e12 else f"{value:.4g}"


def told_mistakes(material: Material) -> Iterator[str]:
    """Yield what shows where the network is wrong, as parts of a page."""
    if material.kind == "language":
        yield from _told_text(material)
    elif material.classifies and not material.is_image:
        yield from _taken_for_others(material)
    elif material.predicts_numbers:
        yield from _largest_errors(material)


def _taken_for_others(material: Material) -> Iterator[str]:
    name, part = material.judged
    if part.y is None:
        return
    found = find_mistakes(material.net, part.x, part.y, _ROWS, material.loss)
    if not found.total:
        yield html.paragraph(f"No sample of the {name} part is taken for another class.")
        return
    names = material.class_names
    rows = [
        (int(i), _sample(material, part.x[i]), names[t], names[p], f"{c:.1%}")
        for i, t, p, c in zip(
            found.indices, found.true, found.predicted, found.confidence, strict=True
        )
    ]
    yield f"<h3>The worst of {found.total:,} mistakes</h3>"
    yield html.table(rows, (f"{name} sample", _seen(material), "true", "taken for", "how sure"))


def _largest_errors(material: Material) -> Iterator[str]:
    """Yield the samples whose numbers are missed by most."""
    name, part = material.judged
    if part.y is None or material.kind == "series":
        return
    true, predicted = material.true_and_predicted
    errors = np.abs(true - predicted).reshape(len(true), -1).max(axis=1)
    worst = np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")[:_ROWS]
    rows = [
        (int(i), _sample(material, part.x[i]), _numbers(true[i]), _numbers(predicted[i]))
        for i in worst
    ]
    yield "<h3>The largest errors</h3>"
    yield html.table(rows, (f"{name} sample", _seen(material), "true", "predicted"))


def _numbers(values: Array) -> str:
    return ", ".join(plain_number(float(value)) for value in np.ravel(values)[:_NUMBERS])


def _sample(material: Material, sample: Array) -> str:
    """Return a sample in words: its text, or its first numbers as the network sees them.

    Of columns that stand for one category each ("place=city"), the one that is on is named.
    """
    text = material.text(sample)
    if text is not None:
        return text if len(text) <= _LETTERS else f"{text[:_LETTERS]} …"
    flat = np.ravel(sample)
    names = material.data.feature_names or [f"x{k}" for k in range(flat.size)]
    told = [
        _called(name) if "=" in name else f"{_called(name)} {value:.3g}"
        for name, value in zip(names, flat, strict=False)
        if "=" not in name or value == 1.0
    ]
    return ", ".join(told[:_NUMBERS]) + (" …" if len(told) > _NUMBERS else "")


def _seen(material: Material) -> str:
    return "what it is" if material.text(material.some[0]) is not None else "what the network sees"


def _called(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


# --- language -------------------------------------------------------------------------------------


def _told_text(material: Material) -> Iterator[str]:
    """Yield a text that the network goes on with, and the tokens that surprise it most."""
    name, part = material.judged
    start = part.x[0]
    yield "<h3>What it writes</h3>"
    yield html.code(_continued(material, start))
    yield html.paragraph(
        f"It goes on after the first {len(start)} tokens of the {name} part, drawn at "
        "temperature 0.8 from the seed 0."
    )
    surprises = _surprises(material)
    if surprises:
        yield "<h3>What surprises it most</h3>"
        yield html.table(surprises, ("after", "came", "probability", "it expected", "probability"))


def _continued(material: Material, start: Array) -> str:
    from pellucid.models import generate

    written = generate(material.net, start, _LETTERS, temperature=0.8, rng=0)
    before, after = material.text(start), material.text(written[len(start) :])
    return f"{before}│{after}"


def _surprises(material: Material) -> list[tuple[str, ...]]:
    """Return the least probable tokens of a few windows, each with the likeliest one."""
    _, part = material.judged
    if part.y is None:
        return []
    x, y = part.x[:8], np.asarray(part.y[:8])
    logits = np.asarray(predict(material.net, x), np.float64)
    if logits.ndim != 3 or logits.shape[:2] != y.shape:
        return []
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chances = shifted / shifted.sum(axis=-1, keepdims=True)
    came = np.take_along_axis(chances, y[..., None].clip(min=0), axis=-1)[..., 0]
    came = np.where(y < 0, 1.0, came)  # what only fills up is no surprise
    rows: list[tuple[str, ...]] = []
    for flat in np.argsort(came, axis=None, kind="stable")[:_ROWS]:
        n, t = divmod(int(flat), y.shape[1])
        likeliest = int(chances[n, t].argmax())
        before = (material.text(x[n, : t + 1]) or "")[-_BEFORE:].replace("\n", "↵")
        shown = (_visible(material, y[n, t]), f"{came[n, t]:.2%}")
        rows.append((before, *shown, _visible(material, likeliest), f"{chances[n, t].max():.1%}"))
    return rows


def _visible(material: Material, token: Any) -> str:
    word = material.text(np.asarray([token])) or ""
    return word.replace(" ", "␣").replace("\n", "↵") or "(end)"
