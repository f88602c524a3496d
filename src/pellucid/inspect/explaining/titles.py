"""Headings: a layer's path and kind, and one line about what came out of it."""

from __future__ import annotations

import numpy as np

from pellucid.inspect.explaining.numbers import written
from pellucid.inspect.explaining.reading import LayerCall, Reading

__all__ = ["digest_of", "shape_text", "title_of"]


def title_of(call: LayerCall) -> str:
    """Return for example ``"0 · Linear(2 → 3)"``."""
    module = call.module
    kind = type(module).__name__ if module is not None else "network"
    about = "" if module is None or any(True for _ in module.children()) else module.extra_repr()
    about = about.partition(", Glorot")[0].partition(", He ")[0].partition(", normal (")[0]
    title = f"{call.path} · {kind}{f'({about})' if about else ''}"
    return title if call.number == 1 else f"{title}, call {call.number}"


def digest_of(reading: Reading, call: LayerCall) -> str:
    """Return the shape of a result, and its mean and standard deviation."""
    last = reading.result_of(call)
    if last is None or not last.value.size:
        return ""
    value = last.value.astype(np.float64)
    if value.size == 1:
        return f"one number, {written(float(value.reshape(())), 4)}"
    mean, std = written(float(value.mean()), 3), written(float(value.std()), 3)
    return f"{shape_text(last.shape)}   mean {mean:>9}  std {std:>7}"


def shape_text(shape: tuple[int, ...]) -> str:
    """Return ``"3 × 4"``."""
    return " × ".join(map(str, shape)) if shape else "one number"
