"""Cases of inverses, determinants and decompositions."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from primitives.cases import Case, case, spaced

from pellucid.kernels import reference


def _matrices(*shape: int, seed: int = 0) -> np.ndarray:
    """Well-conditioned matrices, with distinct singular values."""
    matrices = np.random.default_rng([seed, 5]).normal(size=shape)
    return matrices + 2 * np.eye(*shape[-2:]) * np.arange(1, shape[-1] + 1)


def _symmetric(*shape: int, seed: int = 0) -> np.ndarray:
    x = _matrices(*shape, seed=seed)
    return np.asarray(x + np.swapaxes(x, -1, -2))


def _positive(*shape: int, seed: int = 0) -> np.ndarray:
    x = _matrices(*shape, seed=seed) * 0.5
    return np.asarray(x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1]))


def _square(make: Any = _matrices) -> list[Case]:
    return [
        case(make(3, 3)),
        case(make(1, 1, seed=1)),
        case(make(4, 2, 2, seed=2)),
        case(make(2, 1, 3, 3, seed=3)),
        case(make(2, 3, 3, seed=4).swapaxes(-1, -2)),
        case(make(0, 2, 2)),
        case(make(0, 0)),
    ]


_RANK_TWO = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
_RANK_ONE = np.outer([1.0, -2.0, 0.5], [0.3, 1.0, 2.0])
_TALL = [
    case(_matrices(4, 2)),
    case(_matrices(3, 3, seed=1)),
    case(_matrices(2, 4, 3, seed=2)),
    case(_matrices(3, 1, seed=4)),
    case(_matrices(0, 3, 2)),
    case(_matrices(3, 0)),
]
_ANY = [*_TALL, case(_matrices(2, 4, seed=5)), case(_matrices(2, 1, 3, seed=6))]

CASES: dict[str, list[Case]] = {
    "inv": _square(),
    "solve": [
        case(_matrices(3, 3), spaced(3, 2)),
        case(_matrices(2, 3, 3), spaced(3, 1)),
        case(_matrices(2, 2), spaced(3, 2, 4)),
        case(_matrices(2, 1, 2, 2), spaced(3, 2, 1)),
        case(_matrices(1, 1), spaced(1, 1)),
        case(_matrices(0, 2, 2), spaced(2, 3)),
    ],
    "pinv": [*_ANY[:-2], case(_matrices(2, 4, seed=5)), case(_matrices(2, 2, 3, seed=6))],
    "determinant": [*_square(), case(_RANK_TWO), case(_RANK_ONE), case(np.zeros((2, 2)))],
    "cofactor": [
        *_square(),
        case(_RANK_TWO),
        case(_RANK_ONE),
        case(np.stack([_RANK_TWO, _matrices(3, 3)])),
    ],
    "log_determinant": _square(),
    "determinant_sign": [
        case(_matrices(3, 3)),
        case(np.stack([np.eye(2), np.eye(2)[::-1], np.zeros((2, 2))])),
        case(_matrices(0, 2, 2)),
    ],
    "cholesky": _square(_positive),
    "eigh": [
        *_square(_symmetric),
        case(_matrices(3, 3, seed=1), upper=False),
        case(_matrices(3, 3, seed=1), upper=True),
        case(_matrices(2, 2, 2, seed=2), upper=True),
    ],
    "svd": _ANY,
    "qr": _TALL,
}

ORACLES = {"determinant_sign": lambda x: np.sign(np.linalg.det(x))}


def _of_triangle(x: Any) -> Any:
    """The symmetric matrix whose lower triangle is that of `x`."""
    import torch

    return torch.tril(x) + torch.tril(x, -1).transpose(-1, -2)


def _solve(a: Any, b: Any) -> Any:
    import torch

    return torch.linalg.solve(a, b)


def _cholesky(x: Any) -> Any:
    import torch

    return torch.linalg.cholesky(_of_triangle(x))


def _eigh(x: Any, upper: bool = False) -> Any:
    import torch

    values, vectors = torch.linalg.eigh(_of_triangle(x.transpose(-1, -2) if upper else x))
    # The sign of an eigenvector is free: take the one that LAPACK gave NumPy.
    ours = torch.tensor(np.linalg.eigh(x.detach().numpy(), "U" if upper else "L")[1])
    signs = torch.sign((vectors.detach() * ours).sum(-2, keepdim=True))
    return torch.cat([values[..., None, :], vectors * signs], dim=-2)


def _svd(x: Any) -> Any:
    import torch

    u, s, vt = torch.linalg.svd(x, full_matrices=False)
    ours = torch.tensor(np.linalg.svd(x.detach().numpy(), full_matrices=False)[0])
    signs = torch.sign((u.detach() * ours).sum(-2, keepdim=True))
    return torch.cat([s[..., None, :], u * signs, vt.transpose(-1, -2) * signs], dim=-2)


def _qr(x: Any) -> Any:
    import torch

    q, r = torch.linalg.qr(x)
    return torch.cat([q.transpose(-1, -2), r], dim=-1)


def _by_name(name: str) -> Callable[..., Any]:
    def function(x: Any) -> Any:
        import torch

        return getattr(torch.linalg, name)(x)

    return function


def _determinant(x: Any) -> Any:
    """PyTorch's own, except where its second derivative is NaN: at exactly singular matrices."""
    import torch

    det = torch.linalg.det(x)
    if x.ndim > 2 or det.item() != 0 or not len(x):
        return det
    total = torch.zeros((), dtype=x.dtype)
    for order in itertools.permutations(range(len(x))):
        sign = np.linalg.det(np.eye(len(x))[list(order)])
        total = total + sign * torch.prod(torch.stack([x[i, j] for i, j in enumerate(order)]))
    return total


def _log_determinant(x: Any) -> Any:
    import torch

    return torch.linalg.slogdet(x)[1]


TORCH: dict[str, Callable[..., Any]] = {
    "inv": _by_name("inv"),
    "solve": _solve,
    "pinv": _by_name("pinv"),
    "determinant": _determinant,
    "log_determinant": _log_determinant,
    "cholesky": _cholesky,
    "eigh": _eigh,
    "svd": _svd,
    "qr": _qr,
}
WITHOUT = {
    "cofactor": "PyTorch has none; it is the gradient of the determinant, which is compared",
}

NAMESPACE: dict[str, Any] = {
    "pinv": reference.pinv,
    "cofactor": reference.cofactor,
    "eigh": reference.eigh,
    "svd": reference.svd,
    "qr": reference.qr,
}

_SCALES = np.diag([1000.0, 1.0, 30.0]) + 0.5
EXTREMES: dict[str, Any] = {
    "inv": [((_SCALES,), {})],
    "solve": [((_SCALES, np.array([[1000.0], [-1000.0], [1.0]])), {})],
    "pinv": [((_SCALES,), {})],
    "determinant": [((_SCALES,), {}), ((np.diag([1000.0, 0.0, 0.0]),), {})],
    "cofactor": [((_SCALES,), {})],
    "log_determinant": [((_SCALES,), {})],
    "cholesky": [((_SCALES,), {})],
    "eigh": [((_SCALES,), {})],
    "svd": [((_SCALES,), {})],
    "qr": [((_SCALES,), {})],
}
