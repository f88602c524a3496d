"""Cases of windows: one and two axes, overlapping, dilated, apart, and none at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference

# shape, kernel, stride, dilation, counts
_WINDOWS: list[tuple[tuple[int, ...], ...]] = [
    ((2, 2, 4, 6), (2, 2), (2, 2), (1, 1), (2, 3)),
    ((1, 2, 5, 6), (3, 2), (1, 2), (1, 1), (3, 3)),
    ((2, 1, 5, 7), (2, 3), (1, 1), (2, 3), (3, 1)),
    ((1, 1, 7, 5), (2, 1), (3, 2), (1, 1), (2, 3)),
    ((2, 3, 7), (3,), (2,), (1,), (3,)),
    ((2, 7), (2,), (1,), (3,), (4,)),
    ((6,), (2,), (3,), (1,), (2,)),
    ((0, 2, 4, 4), (2, 2), (2, 2), (1, 1), (2, 2)),
]


def _window(kernel: Any, stride: Any, dilation: Any) -> dict[str, Any]:
    return {"kernel": kernel, "stride": stride, "dilation": dilation}


def _lead(shape: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
    return shape[: len(shape) - len(kernel)]


def _taps(shape: tuple[int, ...], kernel: tuple[int, ...], counts: tuple[int, ...]) -> np.ndarray:
    """Any taps at all, among them the first and the last."""
    lead = _lead(shape, kernel)
    n = int(np.prod((*lead, *counts)))
    return (np.arange(n) * 5 % int(np.prod(kernel))).astype(np.uint8).reshape(*lead, *counts)


def _of_arrays(smooth: bool = True) -> list[Case]:
    return [case(spaced(*s), smooth=smooth, **_window(k, t, d)) for s, k, t, d, _ in _WINDOWS]


CASES: dict[str, list[Case]] = {
    "extract_windows": _of_arrays(),
    "sum_windows": _of_arrays(),
    "max_windows": _of_arrays(),
    "max_taps": _of_arrays(),
    "add_windows": [
        case(spaced(*_lead(s, k), *k, *n), shape=s, **_window(k, t, d))
        for s, k, t, d, n in _WINDOWS
    ],
    "spread_windows": [
        case(spaced(*_lead(s, k), *n), shape=s, **_window(k, t, d)) for s, k, t, d, n in _WINDOWS
    ],
    "pick_taps": [
        case(spaced(*s), taps=_taps(s, k, n), **_window(k, t, d)) for s, k, t, d, n in _WINDOWS[:-1]
    ],
    "place_taps": [
        case(spaced(*_lead(s, k), *n), taps=_taps(s, k, n), shape=s, **_window(k, t, d))
        for s, k, t, d, n in _WINDOWS[:-1]
    ],
}


def _extracted(x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    """Windows by PyTorch's views: of each axis one more axis at the end."""
    rank, lead = len(kernel), x.ndim - len(kernel)
    for i, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True)):
        x = x.unfold(lead + i, d * (k - 1) + 1, s)[..., ::d]
    counts, taps = range(lead, lead + rank), range(lead + rank, lead + 2 * rank)
    return x.permute(*range(lead), *taps, *counts)


def _adjoint(function: Callable[..., Any], values: Any, shape: Any) -> Any:
    """The transpose of a linear function, differentiable itself."""
    import torch

    x = torch.zeros(shape, dtype=values.dtype, requires_grad=True)
    return torch.autograd.grad(function(x), x, values, create_graph=True)[0]


def _flat(x: Any, **window: Any) -> Any:
    lead, rank = x.ndim - len(window["kernel"]), len(window["kernel"])
    return _extracted(x, **window).flatten(lead, lead + rank - 1)


def _picked(x: Any, taps: np.ndarray, **window: Any) -> Any:
    import torch

    lead = x.ndim - len(window["kernel"])
    index = torch.tensor(taps.astype(np.int64)).unsqueeze(lead)
    return _flat(x, **window).gather(lead, index).squeeze(lead)


def _summed(x: Any, **window: Any) -> Any:
    return _flat(x, **window).sum(x.ndim - len(window["kernel"]))


TORCH: dict[str, Callable[..., Any]] = {
    "extract_windows": _extracted,
    "sum_windows": _summed,
    "max_windows": lambda x, **w: _flat(x, **w).max(x.ndim - len(w["kernel"])).values,
    "add_windows": lambda x, shape, **w: _adjoint(lambda z: _extracted(z, **w), x, shape),
    "spread_windows": lambda x, shape, **w: _adjoint(lambda z: _summed(z, **w), x, shape),
    "pick_taps": _picked,
    "place_taps": lambda x, taps, shape, **w: _adjoint(lambda z: _picked(z, taps, **w), x, shape),
}

WITHOUT: dict[str, str] = {"max_taps": "whole numbers; tests/kernels/test_pooling.py compares them"}


NAMESPACE: dict[str, Any] = {name: getattr(reference, name) for name in CASES}
NAMESPACE["uint8"] = np.uint8
