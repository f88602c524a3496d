"""A traced step through the functions of all families prints as a program with the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from program.equality import check_scripts

import pellucid as pl
from pellucid import nn
from pellucid.tensor import Parameter


class Everything(nn.Module):
    """A network that computes one number by many functions."""

    def __init__(self) -> None:
        super().__init__()
        rng = np.random.default_rng(0)
        self.W = Parameter(rng.normal(size=(3, 3)))
        self.V = Parameter(rng.normal(size=(5, 3)))

    def forward(self, x: Any) -> Any:
        W = self.W @ self.W.T + 3 * np.eye(3)
        X = self.V * np.mean(x)
        q, r = np.linalg.qr(X)
        sign, size = np.linalg.slogdet(W)
        real, imaginary = pl.ops.rfft_parts(X, axis=0)
        arrays = [
            np.linalg.cholesky(W), np.linalg.svd(X, compute_uv=False), q, r, sign * size,
            np.linalg.eigh((W + W.T) / 2)[1] ** 3, np.linalg.det(W), np.linalg.inv(W),
            np.linalg.solve(W, X.T), np.linalg.pinv(X), np.linalg.norm(W, 2),
            real**2 + imaginary**2, np.sinc(X), np.median(X), np.quantile(X, [0.1, 0.6], axis=0),
            np.cumprod(X, axis=0), np.interp(X, [-1, 0, 1], [1.0, 2, 0]), np.fmax(X, 0.0),
            np.copysign(X, -1.0), np.nanmax(X, axis=0), np.convolve(X[0], X[1]),
            np.hypot(X, 1), np.remainder(X, 0.3), np.arctan2(X, 2.0), np.cov(X), np.diag(X[0]),
        ]  # fmt: skip
        total: Any = 0.0
        for array in arrays:
            total = total + np.sum(array)
        return x * total


def test_the_printed_program_gives_the_same_bits(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    batch = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    program = pl.trace(Everything(), batch, loss="mse", optimizer="sgd")
    assert check_scripts({"everything": program}, tmp_path) > 200
