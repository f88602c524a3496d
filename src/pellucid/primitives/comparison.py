"""Functions without a derivative: comparisons, masks, positions. Their results are plain arrays."""

from __future__ import annotations

import numpy as np

from pellucid.kernels import reference
from pellucid.primitives.declaration import MaskPrimitive

__all__ = [
    "argmax",
    "argmin",
    "argsort",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "not_equal",
    "one_hot",
]


def _comparison(name: str, symbol: str, ufunc: np.ufunc) -> MaskPrimitive:
    return MaskPrimitive(
        name, f"x {symbol} y", ufunc, source=f"np.{name}({{0}}, {{1}})", numpy=[ufunc]
    )


equal = _comparison("equal", "=", np.equal)
not_equal = _comparison("not_equal", "≠", np.not_equal)
less = _comparison("less", "<", np.less)
less_equal = _comparison("less_equal", "≤", np.less_equal)
greater = _comparison("greater", ">", np.greater)
greater_equal = _comparison("greater_equal", "≥", np.greater_equal)
logical_and = _comparison("logical_and", "and", np.logical_and)
logical_or = _comparison("logical_or", "or", np.logical_or)

logical_not: MaskPrimitive = MaskPrimitive(
    "logical_not", "not x", np.logical_not, source="np.logical_not({0})", numpy=[np.logical_not]
)
isnan: MaskPrimitive = MaskPrimitive(
    "isnan", "x is NaN", np.isnan, source="np.isnan({0})", numpy=[np.isnan]
)
isinf: MaskPrimitive = MaskPrimitive(
    "isinf", "|x| = ∞", np.isinf, source="np.isinf({0})", numpy=[np.isinf]
)
isfinite: MaskPrimitive = MaskPrimitive(
    "isfinite", "|x| < ∞", np.isfinite, source="np.isfinite({0})", numpy=[np.isfinite]
)

argmax: MaskPrimitive = MaskPrimitive(
    "argmax",
    "index of the largest entry",
    lambda x, *, axis=None, keepdims=False: np.argmax(x, axis=axis, keepdims=keepdims),
    source="np.argmax({0}, axis={axis}, keepdims={keepdims})",
    about="The first one of several equal entries.",
    numpy=[np.argmax],
)
argmin: MaskPrimitive = MaskPrimitive(
    "argmin",
    "index of the smallest entry",
    lambda x, *, axis=None, keepdims=False: np.argmin(x, axis=axis, keepdims=keepdims),
    source="np.argmin({0}, axis={axis}, keepdims={keepdims})",
    about="The first one of several equal entries.",
    numpy=[np.argmin],
)
argsort: MaskPrimitive = MaskPrimitive(
    "argsort",
    "indices that sort x",
    lambda x, *, axis=-1: np.argsort(x, axis=axis, kind="stable"),
    source="np.argsort({0}, axis={axis}, kind='stable')",
    about="Equal entries keep their order.",
    numpy=[np.argsort],
)
one_hot: MaskPrimitive = MaskPrimitive(
    "one_hot",
    "1 where the label is c, else 0",
    reference.one_hot,
    source="np.equal({0}[..., None], np.arange({classes})).astype({dtype})",
)
