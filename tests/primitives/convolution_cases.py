"""Cases of convolutions: strides with a rest, borders, dilation, groups, one to three axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from primitives.cases import Case, case, spaced

import pellucid.kernels.reference.convolution as kernels

# images, weights, stride, padding, dilation, groups, lengths of the result
_SETTINGS: list[Any] = [
    ((2, 2, 5), (3, 2, 3), (1,), ((1, 1),), (1,), 1, (5,)),
    ((1, 2, 5, 4), (2, 2, 2, 3), (2, 1), ((0, 0), (1, 1)), (1, 1), 1, (2, 4)),
    ((2, 4, 5, 4), (2, 2, 2, 2), (1, 1), ((0, 0), (0, 0)), (2, 1), 2, (3, 3)),
    ((1, 2, 4, 4), (4, 1, 3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 2, (4, 4)),
    ((1, 1, 3, 3, 3), (2, 1, 2, 2, 2), (1, 1, 1), ((0, 0),) * 3, (1, 1, 1), 1, (2, 2, 2)),
    ((2, 3, 2, 2), (2, 3, 1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1, (2, 2)),
    ((0, 2, 4), (2, 2, 2), (1,), ((0, 0),), (1,), 1, (3,)),
]


def _how(stride: Any, padding: Any, dilation: Any, groups: int) -> dict[str, Any]:
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


CASES: dict[str, list[Case]] = {
    "convolution": [case(spaced(*x), spaced(*w), **_how(*how)) for x, w, *how, _ in _SETTINGS],
    "convolution_bias": [
        case(spaced(*x), spaced(*w), spaced(w[0]), **_how(*how)) for x, w, *how, _ in _SETTINGS
    ],
    "convolution_transpose": [
        case(spaced(x[0], w[0], *n), spaced(*w), lengths=x[2:], **_how(*how))
        for x, w, *how, n in _SETTINGS
    ],
    "convolution_weights": [
        case(spaced(*x), spaced(x[0], w[0], *n), kernel=w[2:], **_how(*how))
        for x, w, *how, n in _SETTINGS
    ],
}


def _convolve(x: Any, weight: Any, bias: Any = None, **how: Any) -> Any:
    import torch

    function = getattr(torch.nn.functional, f"conv{x.ndim - 2}d")
    how["padding"] = tuple(before for before, _ in how["padding"])
    return function(x, weight, bias, **how)


def _transpose(x: Any, weight: Any, lengths: Any, **how: Any) -> Any:
    import torch

    images = torch.zeros((len(x), weight.shape[1] * how["groups"], *lengths), dtype=x.dtype)
    images.requires_grad_()
    y = _convolve(images, weight, **how)
    return torch.autograd.grad(y, images, x, create_graph=True)[0]


def _weights(x: Any, y: Any, kernel: Any, **how: Any) -> Any:
    import torch

    shape = (y.shape[1], x.shape[1] // how["groups"], *kernel)
    weight = torch.zeros(shape, dtype=x.dtype, requires_grad=True)
    return torch.autograd.grad(_convolve(x, weight, **how), weight, y, create_graph=True)[0]


TORCH: dict[str, Callable[..., Any]] = {
    "convolution": _convolve,
    "convolution_bias": _convolve,
    "convolution_transpose": _transpose,
    "convolution_weights": _weights,
}

NAMESPACE: dict[str, Any] = {name: getattr(kernels, name) for name in kernels.__all__}
