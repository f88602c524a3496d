"""Fourier transforms: those of NumPy are complex, which a Tensor is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.errors import UnsupportedError
from pellucid.ops.operands import shape_of
from pellucid.ops.shape import roll
from pellucid.primitives.reductions import normal_axes

__all__ = ["FUNCTIONS"]

Function = Callable[..., Any]

_INSTEAD = {
    "rfft": "pl.ops.rfft_parts(x)",
    "irfft": "pl.ops.irfft_parts(real, imaginary)",
    "fft": "pl.ops.fft_parts(real, imaginary)",
    "ifft": "pl.ops.ifft_parts(real, imaginary)",
}
_SEVERAL = {
    "rfft2": "pl.ops.rfft_parts(x) and then pl.ops.fft_parts(real, imaginary, axis=-2)",
    "rfftn": "pl.ops.rfft_parts(x) and then pl.ops.fft_parts(real, imaginary, axis=-2)",
    **dict.fromkeys(("fft2", "fftn"), "pl.ops.fft_parts(real, imaginary, axis=...) for each axis"),
    **dict.fromkeys(
        ("ifft2", "ifftn"), "pl.ops.ifft_parts(real, imaginary, axis=...) for each axis"
    ),
    **dict.fromkeys(
        ("irfft2", "irfftn"),
        "pl.ops.ifft_parts(real, imaginary, axis=-2) and then pl.ops.irfft_parts",
    ),
    "hfft": "pl.ops.irfft_parts(real, -imaginary) times the length",
    "ihfft": "pl.ops.rfft_parts(x), the imaginary part negated, over the length",
}


def _refused(name: str, instead: str) -> Function:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(
            f"np.fft.{name} has complex numbers, which a Tensor does not hold: use {instead}, "
            "real and imaginary parts as two Tensors; where no gradient is needed, pass x.data"
        )

    return refuse


def _shifted(sign: int) -> Function:
    def shift(x: Any, axes: Any = None) -> Any:
        shape = shape_of(x)
        along = normal_axes(axes, len(shape))
        steps = [shape[a] // 2 if sign > 0 else -(shape[a] // 2) for a in along]
        return roll(x, steps, along)

    return shift


REFUSED: dict[Function, Function] = {
    getattr(np.fft, name): _refused(name, instead)
    for name, instead in {**_INSTEAD, **_SEVERAL}.items()
}
"""Complex transforms, and errors that say what to use instead."""

FUNCTIONS: dict[Function, Function] = {
    np.fft.fftshift: _shifted(1),
    np.fft.ifftshift: _shifted(-1),
}
