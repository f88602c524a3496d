"""Cases of running products, and of the discrete Fourier transform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference

CASES: dict[str, list[Case]] = {
    "cumprod": [
        case(spaced(2, 3), axis=0),
        case(spaced(2, 3), axis=-1),
        case(spaced(2, 3, 2), axis=1),
        case(spaced(0, 2), axis=0),
        case(np.array([1.5, 0.0, -0.7, 2.0]), axis=0),
        case(np.array([[0.0, 1.5, 0.0, 2.0], [1.1, -0.4, 0.3, 0.0]]), axis=1),
        case(np.array([[0.0, 1.5], [0.0, 2.0], [1.1, -0.4]]), axis=0),
        case(np.array([[[0.0], [1.5]], [[0.7], [2.0]]]), axis=1),
    ],
    "dft": [
        case(spaced(2, 5), axis=-1, inverse=False),
        case(spaced(2, 4), axis=-1, inverse=True),
        case(spaced(2, 3, 4), axis=0, inverse=False),
        case(spaced(2, 3, 4, 2), axis=1, inverse=True),
        case(spaced(2, 1), axis=0, inverse=False),
        case(spaced(2, 0, 3), axis=-1, inverse=False),
    ],
}


def _dft(x: Any, axis: int, inverse: bool) -> Any:
    import torch

    z = torch.complex(x[0], x[1])
    if z.numel():
        transform = torch.fft.ifft if inverse else torch.fft.fft
        z = transform(z, dim=axis, norm="forward" if inverse else "backward")
    return torch.stack([z.real, z.imag])


def _cumprod(x: Any, axis: int) -> Any:
    import torch

    return torch.cumprod(x, dim=axis)


TORCH: dict[str, Callable[..., Any]] = {"cumprod": _cumprod, "dft": _dft}
NAMESPACE: dict[str, Any] = {"dft": reference.dft}
EXTREMES: dict[str, Any] = {
    "cumprod": [((np.array([[-1000.0, 1000.0, 0.0], [1000.0, -999.5, 30.0]]),), {"axis": -1})],
}
