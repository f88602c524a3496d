"""Expressions in NumPy's functions, each beside the same in PyTorch, or '-' where it has none.

Names of arrays are those of `LEAVES`, which are differentiated, and of `CONSTANTS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from primitives.cases import positive, spaced


def _matrices(*shape: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng([seed, 7]).normal(size=shape)
    return noise + 2 * np.eye(*shape[-2:]) * np.arange(1, shape[-1] + 1)


def _with_nan(*shape: int, seed: int = 0) -> np.ndarray:
    x = spaced(*shape, seed=seed)
    mask = np.zeros(shape, bool)
    mask.flat[::4] = True
    return np.where(mask, np.nan, x)


LEAVES: dict[str, np.ndarray] = {
    "x": spaced(4, 3),
    "y": spaced(4, 3, seed=3),
    "p": positive(4, 3, seed=4),
    "u": spaced(4, 3) * 0.4,
    "v": spaced(3, seed=3),
    "w": spaced(5, seed=2),
    "h": spaced(6, seed=4),
    "z": spaced(seed=1),
    "t": spaced(2, 3, 2, seed=2),
    "e": spaced(0, 3),
    "i": np.sort(spaced(5, seed=1)),
    "A": _matrices(3, 3),
    "B": _matrices(2, 3, 3, seed=1),
    "T": _matrices(4, 3, seed=2),
    "D": _matrices(2, 3, 2, seed=3),
    "F": _matrices(2, 3, seed=4),
    "R": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
}
CONSTANTS: dict[str, Any] = {
    "c": np.array([0.5, -1.5, 2.5]),
    "mask": np.array([True, False, True]),
    "hole": np.array([[False, True, False]] * 2 + [[True, False, False]] * 2),
    "places": np.array([[2, 0, 1], [1, 1, 2]]),
    "knots": np.array([-1.9, -1.0, 0.2, 1.1, 1.9]),
    "times": np.array([0.0, 0.5, 1.5, 2.0, 4.0]),
    "inf": np.inf,
}

ELEMENTWISE = """
np.arcsin(u) | torch.arcsin(u)
np.arccos(u) | torch.arccos(u)
np.arctan(x) | torch.arctan(x)
np.arcsinh(x) | torch.arcsinh(x)
np.arccosh(p + 1) | torch.arccosh(p + 1)
np.arctan2(x, y) | torch.arctan2(x, y)
np.arctan2(v, x) | torch.arctan2(v.expand(4, 3), x)
np.hypot(x, y) | torch.hypot(x, y)
np.hypot(x, 1) | torch.hypot(x, torch.ones_like(x))
np.cbrt(p) | p ** (1 / 3)
np.cbrt(x) | torch.sign(x) * torch.abs(x) ** (1 / 3)
np.sinc(x) | torch.sinc(x)
np.sinc(x * 1e-3) | torch.sinc(x * 1e-3)
np.deg2rad(x) | torch.deg2rad(x)
np.radians(x) | torch.deg2rad(x)
np.rad2deg(x) | torch.rad2deg(x)
np.degrees(x) | torch.rad2deg(x)
np.logaddexp2(x, y) | torch.logaddexp2(x, y)
np.logaddexp2(x, 0.5) | torch.logaddexp2(x, torch.full_like(x, 0.5))
np.copysign(x, y) | torch.copysign(x, y)
np.copysign(2.5, x) * x | torch.copysign(torch.full_like(x, 2.5), x) * x
np.conjugate(x) * x | x * x
np.conj(x) * x | x * x
np.real(x) * x | x * x
np.real_if_close(x) * x | x * x
np.imag(x) * x | x * 0
np.angle(x) * x | torch.angle(x) * x
np.angle(x, deg=True) + x | torch.rad2deg(torch.angle(x)) + x
np.nan_to_num(x) * x | x * x
np.nan_to_num(np.where(hole, np.nan, x), nan=0.5) * x | torch.where(hole, 0.5, x) * x
np.nan_to_num(np.where(hole, inf, x), posinf=2) * x | torch.where(hole, 2.0, x) * x
np.nan_to_num(np.where(hole, -inf, x), neginf=-3) * x | torch.where(hole, -3.0, x) * x
np.round(x) * x | torch.round(x) * x
np.round(x, 1) * x | torch.round(x, decimals=1) * x
np.around(x * 100, decimals=-1) * x | torch.round(x * 100, decimals=-1) * x
np.trunc(x) * x | torch.trunc(x) * x
np.fix(x) * x | torch.trunc(x) * x
np.floor_divide(x, 0.7) * x | torch.floor(x / 0.7) * x
np.remainder(x, 0.7) * x | torch.remainder(x, 0.7) * x
np.mod(x, p) | x - p * torch.floor(x / p).detach()
np.fmod(x, p) | x - p * torch.trunc(x / p).detach()
np.fmax(x, y) | torch.fmax(x, y)
np.fmin(x, y) | torch.fmin(x, y)
np.fmax(np.where(hole, np.nan, x), y) | torch.where(hole, y, torch.maximum(x, y))
np.fmin(x, np.where(hole, np.nan, y)) | torch.where(hole, x, torch.minimum(x, y))
np.fmax(v, 0) | torch.relu(v)
np.fmax(0.5, v) | torch.clamp(v, min=0.5)
np.interp(x, knots, w) | -
np.interp(x * 1.1, knots, w, left=-1, right=0.5) | -
np.interp(knots, i, w) | -
np.interp(z, [0.0], [1.5]) + z | z + 1.5
np.signbit(x) * x | torch.signbit(x) * x
np.astype(x, np.float64) * 1.0 | x.double()
""".strip().splitlines()

STATISTICS = """
np.average(x, axis=1, weights=c, keepdims=True) | (x * c).sum(1, keepdim=True) / c.sum()
np.average(x, keepdims=True) | torch.mean(x, (0, 1), keepdim=True)
np.var(x, axis=0, correction=1) | torch.var(x, 0, correction=1)
np.std(x, correction=1.5) | torch.std(x, correction=1.5)
np.var(x, 0, ddof=1) | torch.var(x, 0)
np.std(x, 0) | torch.std(x, 0, correction=0)
np.median(x) | torch.quantile(x, 0.5)
np.median(x, axis=0) | torch.quantile(x, 0.5, dim=0)
np.median(x, axis=-1, keepdims=True) | torch.quantile(x, 0.5, dim=-1, keepdim=True)
np.median(t, axis=(0, 2)) | torch.quantile(t.permute(1, 0, 2).reshape(3, 4), 0.5, dim=1)
np.quantile(x, 0.3) | torch.quantile(x, 0.3)
np.quantile(x, [0.0, 0.25, 1.0], axis=0) | torch.quantile(x, torch.tensor([0.0, 0.25, 1.0]).to(x), 0)
np.quantile(x, 0.3, axis=1, keepdims=True) | torch.quantile(x, 0.3, dim=1, keepdim=True)
np.quantile(x, 0.3, method='lower') | torch.quantile(x, 0.3, interpolation='lower')
np.quantile(x, 0.3, axis=0, method='higher') | torch.quantile(x, 0.3, 0, interpolation='higher')
np.quantile(x, 0.4, axis=0, method='nearest') | torch.quantile(x, 0.4, 0, interpolation='nearest')
np.quantile(x, 0.4, method='midpoint') | torch.quantile(x, 0.4, interpolation='midpoint')
np.quantile(t, [[0.1, 0.2]], axis=(0, 1)) | -
np.percentile(x, 90) | torch.quantile(x, 0.9)
np.percentile(x, (25, 75), axis=-1, keepdims=True) | torch.quantile(x, torch.tensor([0.25, 0.75]).to(x), -1, keepdim=True)
np.ptp(x) | x.max() - x.min()
np.ptp(x, axis=0, keepdims=True) | x.amax(0, keepdim=True) - x.amin(0, keepdim=True)
np.cumprod(x) | torch.cumprod(x.reshape(-1), 0)
np.cumprod(x, axis=1) | torch.cumprod(x, 1)
np.cumprod(np.where(hole, 0, x), axis=0) | torch.cumprod(torch.where(hole, 0, x), 0)
np.multiply.accumulate(x) | torch.cumprod(x, 0)
np.add.accumulate(x, axis=1) | torch.cumsum(x, 1)
np.logaddexp.reduce(x, axis=1) | torch.logsumexp(x, 1)
np.logaddexp.reduce(x) | torch.logsumexp(x, 0)
np.nansum(np.where(hole, np.nan, x)) | torch.nansum(torch.where(hole, torch.nan, x))
np.nansum(np.where(hole, np.nan, x), axis=0) | torch.nansum(torch.where(hole, torch.nan, x), 0)
np.nanprod(np.where(hole, np.nan, x), axis=0) | torch.where(hole, 1, x).prod(0)
np.nanmean(np.where(hole, np.nan, x)) | torch.nanmean(torch.where(hole, torch.nan, x))
np.nanmean(np.where(hole, np.nan, x), 1, keepdims=True) | torch.nanmean(torch.where(hole, torch.nan, x), 1, keepdim=True)
np.nanvar(np.where(hole, np.nan, x)) | torch.var(x[~hole], correction=0)
np.nanvar(np.where(hole, np.nan, x), axis=1, ddof=1) | torch.stack([torch.var(r[~m]) for r, m in zip(x, hole)])
np.nanstd(np.where(hole, np.nan, x), axis=1) | torch.stack([torch.std(r[~m], correction=0) for r, m in zip(x, hole)])
np.nanstd(x, correction=1) | torch.std(x)
np.nanmax(np.where(hole, np.nan, x), axis=0) | torch.where(hole, -torch.inf, x).amax(0)
np.nanmin(np.where(hole, np.nan, x)) | x[~hole].min()
np.nancumsum(np.where(hole, np.nan, x)) | torch.cumsum(torch.where(hole, 0, x).reshape(-1), 0)
np.nancumsum(np.where(hole, np.nan, x), axis=1) | torch.cumsum(torch.where(hole, 0, x), 1)
np.nancumprod(np.where(hole, np.nan, x), axis=0) | torch.cumprod(torch.where(hole, 1, x), 0)
np.cov(x) | torch.cov(x)
np.cov(x, rowvar=False) | torch.cov(x.T)
np.cov(x, y, bias=True) | torch.cov(torch.cat([x, y]), correction=0)
np.cov(v) | torch.cov(v)
np.cov(w, i) | torch.cov(torch.stack([w, i]))
np.cov(x, ddof=0) | torch.cov(x, correction=0)
np.corrcoef(T.T) | torch.corrcoef(T.T)
np.corrcoef(w, i) | torch.corrcoef(torch.stack([w, i]))
np.corrcoef(T, rowvar=False) | torch.corrcoef(T.T)
np.diff(w) | torch.diff(w)
np.diff(x, axis=0) | torch.diff(x, dim=0)
np.diff(x, 2, axis=0) | torch.diff(x, 2, 0)
np.diff(x, 0) * x | x * x
np.diff(w, prepend=0, append=v) | torch.diff(torch.cat([torch.zeros(1).to(w), w, v]))
np.diff(x, prepend=y, axis=1) | torch.diff(x, dim=1, prepend=y)
np.diff(e, axis=1) | torch.diff(e, dim=1)
np.ediff1d(x) | torch.diff(x.reshape(-1))
np.ediff1d(v, to_end=w, to_begin=[1, 2]) | torch.cat([torch.tensor([1, 2]).to(v), torch.diff(v), w])
np.gradient(w) | torch.gradient(w)[0]
np.gradient(w, 0.5) | torch.gradient(w, spacing=0.5)[0]
np.gradient(w, times) | torch.gradient(w, spacing=(times,))[0]
np.gradient(w, times, edge_order=2) | -
np.gradient(w, 2.0, edge_order=2) | torch.gradient(w, spacing=2.0, edge_order=2)[0]
np.gradient(x) | torch.gradient(x)
np.gradient(x, 2.0, 0.5) | torch.gradient(x, spacing=(2.0, 0.5))
np.gradient(x, axis=1) | torch.gradient(x, dim=1)[0]
np.gradient(t, axis=(0, 1)) | torch.gradient(t, dim=(0, 1))
np.gradient(v) | torch.gradient(v)[0]
np.trapezoid(w) | torch.trapezoid(w)
np.trapezoid(w, dx=0.5) | torch.trapezoid(w, dx=0.5)
np.trapezoid(w, i) | torch.trapezoid(w, i)
np.trapezoid(x, axis=0) | torch.trapezoid(x, dim=0)
np.trapezoid(x, y, axis=0) | torch.trapezoid(x, y, dim=0)
np.trapezoid(x, v) | torch.trapezoid(x, v)
""".strip().splitlines()  # noqa: E501 - each in one line

PRODUCTS = """
np.cross(x, y) | torch.linalg.cross(x, y)
np.cross(x, v) | torch.linalg.cross(x, v.expand(4, 3))
np.cross(t, t[::-1], axis=1) | torch.linalg.cross(t, t.flip(0), dim=1)
np.cross(t, x[:2], axisa=1, axisb=-1)[0, 0] + np.cross(v, c) | -
np.cross(v, [1, 2, 3]) | torch.linalg.cross(v, torch.tensor([1, 2, 3]).to(v))
np.kron(x, A) | torch.kron(x, A)
np.kron(v, w) | torch.kron(v, w)
np.kron(v, x) | torch.kron(v, x)
np.kron(t, A) | torch.kron(t, A)
np.convolve(w, v) | -
np.convolve(v, w, 'same') | -
np.convolve(h, v, mode='same') | -
np.convolve(h, w[:4], mode='same') | -
np.convolve(w, v, 'valid') | -
np.convolve(v, c) | -
np.correlate(w, v) | torch.conv1d(w[None, None], v[None, None])[0, 0]
np.correlate(v, w) | torch.conv1d(w[None, None], v[None, None])[0, 0].flip(0)
np.correlate(h, v, 'full') | torch.conv1d(h[None, None], v[None, None], padding=2)[0, 0]
np.correlate(v, h, 'full') | torch.conv1d(h[None, None], v[None, None], padding=2)[0, 0].flip(0)
np.correlate(h, w[:4], 'same') | -
np.correlate(w[:4], h, 'same') | -
np.correlate(w[:2], w, 'same') | -
np.einsum(x, [0, 1], A, [1, 2]) | x @ A
np.einsum(x, [5, 1], A, [1, 2], [2, 5]) | (x @ A).T
np.einsum(B, [Ellipsis, 0, 1], v, [1], [Ellipsis, 0]) | B @ v
np.einsum(x, [3, 0]) | x.T
np.polyval(v, x) | (v[0] * x + v[1]) * x + v[2]
np.polyval([1, 2], x) | x + 2
np.polyval(w, z) | (((w[0] * z + w[1]) * z + w[2]) * z + w[3]) * z + w[4]
np.vander(v) | v[:, None] ** torch.tensor([2, 1, 0])
np.vander(v, 4, increasing=True) | v[:, None] ** torch.arange(4)
np.multiply.outer(x, v) | x[:, :, None] * v
np.subtract.outer(v, w) | v[:, None] - w
np.maximum.outer(v, w) | torch.maximum(v[:, None], w)
np.add.outer(v, [1, 2]) | v[:, None] + torch.tensor([1, 2]).to(v)
np.logaddexp.outer(c, w) | torch.logaddexp(c[:, None], w)
np.linalg.matmul(x, A) | x @ A
np.linalg.outer(v, w) | torch.outer(v, w)
np.linalg.tensordot(x, y, axes=2) | torch.tensordot(x, y, 2)
np.linalg.vecdot(x, y) | torch.linalg.vecdot(x, y)
np.linalg.vecdot(x, y, axis=0) | torch.linalg.vecdot(x, y, dim=0)
np.vecdot(x, v) | x @ v
np.matvec(B, v) | B @ v
np.vecmat(x, A) | x @ A
np.linalg.cross(x, y) | torch.linalg.cross(x, y)
np.linalg.multi_dot([x, A, v]) | torch.linalg.multi_dot([x, A, v])
np.linalg.multi_dot([x, A]) | x @ A
np.linalg.multi_dot((v, A, x.T, T)) | v @ A @ x.T @ T
np.linalg.matrix_power(A, 3) | torch.linalg.matrix_power(A, 3)
np.linalg.matrix_power(B, 1) * B | B * B
np.linalg.matrix_power(A, 6) | torch.linalg.matrix_power(A, 6)
np.linalg.matrix_power(B, -2) | torch.linalg.matrix_power(torch.linalg.inv(B), 2)
np.linalg.matrix_power(A, 0) * A | torch.eye(3).to(A) * A
""".strip().splitlines()

LINEAR_ALGEBRA = """
np.linalg.inv(A) | torch.linalg.inv(A)
np.linalg.inv(B) | torch.linalg.inv(B)
np.linalg.solve(A, v) | torch.linalg.solve(A, v)
np.linalg.solve(B, v) | torch.linalg.solve(B, v[:, None]).squeeze(-1)
np.linalg.solve(A, D) | torch.linalg.solve(A, D)
np.linalg.solve(B, D) | torch.linalg.solve(B, D)
np.linalg.solve(A, [1, 2, 3]) | torch.linalg.solve(A, torch.tensor([1, 2, 3]).to(A))
np.linalg.det(A) | torch.linalg.det(A)
np.linalg.det(B) | torch.linalg.det(B)
np.linalg.det(R) | -
np.linalg.slogdet(A) | torch.linalg.slogdet(A).logabsdet
np.linalg.slogdet(B).logabsdet | torch.linalg.slogdet(B).logabsdet
np.linalg.cholesky(A @ A.T) | torch.linalg.cholesky(A @ A.T)
np.linalg.cholesky(B @ np.swapaxes(B, -1, -2)) | torch.linalg.cholesky(B @ B.mT)
np.linalg.cholesky(A @ A.T, upper=True) | torch.linalg.cholesky(A @ A.T, upper=True)
np.linalg.eigh(A + A.T)[0] | torch.linalg.eigvalsh(A + A.T)
np.linalg.eigh(B + np.swapaxes(B, 1, 2)).eigenvectors ** 2 | torch.linalg.eigh(B + B.mT).eigenvectors ** 2
np.linalg.eigh(A + A.T, 'U')[1] ** 2 | torch.linalg.eigh(A + A.T).eigenvectors ** 2
np.linalg.eigvalsh(A + A.T) | torch.linalg.eigvalsh(A + A.T)
np.linalg.svd(T, compute_uv=False) | torch.linalg.svdvals(T)
np.linalg.svd(A)[1] | torch.linalg.svdvals(A)
np.linalg.svd(T, full_matrices=False)[0] ** 2 | torch.linalg.svd(T, full_matrices=False).U ** 2
np.linalg.svd(D, full_matrices=False).Vh ** 2 | torch.linalg.svd(D, full_matrices=False).Vh ** 2
np.linalg.svd(F, full_matrices=False)[2] ** 2 | torch.linalg.svd(F, full_matrices=False).Vh ** 2
np.linalg.svdvals(B) | torch.linalg.svdvals(B)
np.linalg.qr(T) | torch.linalg.qr(T)
np.linalg.qr(T, mode='r') | torch.linalg.qr(T).R
np.linalg.qr(F) | torch.linalg.qr(F)
np.linalg.qr(F, 'complete').R | torch.linalg.qr(F).R
np.linalg.qr(D).Q | torch.linalg.qr(D).Q
np.linalg.pinv(T) | torch.linalg.pinv(T)
np.linalg.pinv(F) | torch.linalg.pinv(F)
np.linalg.pinv(D, rcond=1e-10) | torch.linalg.pinv(D)
np.linalg.pinv(T, rtol=1e-10) | torch.linalg.pinv(T)
np.linalg.lstsq(T, x) | (torch.linalg.pinv(T) @ x, torch.sum((x - T @ torch.linalg.pinv(T) @ x) ** 2, 0), torch.linalg.svdvals(T))
np.linalg.lstsq(T, x[:, 0], rcond=None)[0] | torch.linalg.pinv(T) @ x[:, 0]
np.linalg.lstsq(F, v[:2], rcond=-1)[0] | torch.linalg.pinv(F) @ v[:2]
np.linalg.norm(A) | torch.linalg.norm(A)
np.linalg.norm(A, 2) | torch.linalg.norm(A, 2)
np.linalg.norm(T, -2) | torch.linalg.norm(T, -2)
np.linalg.norm(T, 'nuc') | torch.linalg.norm(T, 'nuc')
np.linalg.norm(B, 'nuc', axis=(1, 2)) | torch.linalg.norm(B, 'nuc', (1, 2))
np.linalg.norm(t, 2, axis=(0, 1), keepdims=True) | torch.linalg.norm(t, 2, (0, 1), keepdim=True)
np.linalg.norm(T, 1) | torch.linalg.norm(T, 1)
np.linalg.norm(T, -1) | torch.linalg.norm(T, -1)
np.linalg.norm(T, np.inf, keepdims=True) | torch.linalg.norm(T, torch.inf, keepdim=True)
np.linalg.norm(T, -np.inf) | torch.linalg.norm(T, -torch.inf)
np.linalg.norm(t, 'fro', axis=(2, 0)) | torch.linalg.norm(t, 'fro', (2, 0))
np.linalg.norm(t, axis=1) | torch.linalg.norm(t, dim=1)
np.linalg.norm(v, 3) | torch.linalg.norm(v, 3)
np.linalg.norm(t) | torch.linalg.vector_norm(t)
np.linalg.vector_norm(t, ord=3) | torch.linalg.vector_norm(t, 3)
np.linalg.vector_norm(x, axis=1) | torch.linalg.vector_norm(x, dim=1)
np.linalg.matrix_norm(B) | torch.linalg.matrix_norm(B)
np.linalg.matrix_norm(B, ord=2, keepdims=True) | torch.linalg.matrix_norm(B, 2, keepdim=True)
np.linalg.cond(T) | torch.linalg.cond(T)
np.linalg.cond(A, -2) | torch.linalg.cond(A, -2)
np.linalg.cond(A, 'fro') | torch.linalg.norm(A) * torch.linalg.norm(torch.linalg.inv(A))
np.linalg.cond(A, 1) | torch.linalg.norm(A, 1) * torch.linalg.norm(torch.linalg.inv(A), 1)
np.linalg.tensorinv(A.reshape(3, 1, 3), ind=1) | torch.linalg.tensorinv(A.reshape(3, 1, 3), ind=1)
np.linalg.tensorsolve(A.reshape(3, 1, 3), v) | torch.linalg.tensorsolve(A.reshape(3, 1, 3), v)
np.linalg.matrix_rank(T) * z | 3 * z
np.trace(x, 1) | torch.diagonal(x, 1).sum()
np.trace(B, axis1=1, axis2=2) | torch.diagonal(B, dim1=1, dim2=2).sum(-1)
np.trace(t, -1, 1, 0) | torch.diagonal(t, -1, 1, 0).sum(-1)
np.linalg.trace(B, offset=1) | torch.diagonal(B, 1, 1, 2).sum(-1)
np.linalg.diagonal(B) | torch.diagonal(B, 0, 1, 2)
np.linalg.matrix_transpose(B) * B | B.mT * B
""".strip().splitlines()  # noqa: E501 - each in one line

SHAPE = """
np.diag(v) | torch.diag(v)
np.diag(v, -1) | torch.diag(v, -1)
np.diag(v, k=2) | torch.diag(v, 2)
np.diag(x) | torch.diag(x)
np.diag(x, -2) | torch.diag(x, -2)
np.diagonal(x) | torch.diagonal(x)
np.diagonal(t, 1, axis1=2, axis2=1) | torch.diagonal(t, 1, 2, 1)
np.diagflat(F, 1) | torch.diagflat(F, 1)
np.tril(x) | torch.tril(x)
np.tril(B, -1) | torch.tril(B, -1)
np.tril(v) | torch.tril(v.expand(3, 3))
np.triu(x, k=1) | torch.triu(x, 1)
np.triu(t) | torch.triu(t)
np.rot90(x) | torch.rot90(x)
np.rot90(x, 2) | torch.rot90(x, 2)
np.rot90(x, -1) | torch.rot90(x, -1)
np.rot90(x, 4) * x | x * x
np.rot90(t, k=3, axes=(1, 2)) | torch.rot90(t, 3, (1, 2))
np.rot90(t, 1, (2, 0)) | torch.rot90(t, 1, (2, 0))
np.fliplr(x) | torch.fliplr(x)
np.flipud(v) | torch.flipud(v)
np.atleast_1d(z) | torch.atleast_1d(z)
np.atleast_1d(z, x) | torch.atleast_1d(z, x)
np.atleast_2d(v, z) | torch.atleast_2d(v, z)
np.atleast_3d(z, v, x, t) | torch.atleast_3d(z, v, x, t)
np.dstack([x, y]) | torch.dstack([x, y])
np.dstack((v, c)) | torch.dstack([v, c])
np.dstack([t, t]) | torch.dstack([t, t])
np.array_split(w, 2) | torch.tensor_split(w, 2)
np.array_split(x, [1, 3], axis=0) | torch.tensor_split(x, [1, 3])
np.array_split(x, 4, 1)[0] | torch.tensor_split(x, 4, 1)[0]
np.hsplit(x, 3) | torch.hsplit(x, 3)
np.hsplit(v, [1]) | torch.hsplit(v, [1])
np.vsplit(x, 2) | torch.vsplit(x, 2)
np.dsplit(t, [1]) | torch.dsplit(t, [1])
np.broadcast_arrays(x, v) | torch.broadcast_tensors(x, v)
np.broadcast_arrays(z, c) | torch.broadcast_tensors(z, c)[:1]
np.meshgrid(v, w) | torch.meshgrid(v, w, indexing='xy')
np.meshgrid(v, w, z.reshape(1), indexing='ij') | torch.meshgrid(v, w, z.reshape(1), indexing='ij')
np.meshgrid(v, w, sparse=True) | (v[None], w[:, None])
np.rollaxis(t, 2) | t.permute(2, 0, 1)
np.rollaxis(t, 0, 3) | t.permute(1, 2, 0)
np.rollaxis(t, 1, -1) | t.permute(0, 1, 2)
np.permute_dims(t, (2, 0, 1)) | t.permute(2, 0, 1)
np.matrix_transpose(t) | t.mT
np.unstack(x) | x.unbind()
np.unstack(t, axis=-1) | t.unbind(-1)
np.concat([x, y]) | torch.concat([x, y])
np.take(x, places, 1) | x[:, places]
np.take(x, [-1, 13], mode='wrap') | torch.take(x, torch.tensor([11, 1]))
np.take(x, [-4, 7], axis=0, mode='clip') | x[[0, 3]]
np.select([x > 1, x > 0], [x, x * 2], 0.5) | torch.where(x > 1, x, torch.where(x > 0, x * 2, 0.5))
np.select([x > 1, mask], [y, v]) | torch.where(x > 1, y, torch.where(mask, v, 0.0))
np.choose([1, 0, 1], [v, c]) | torch.stack([c[0], v[1], c[2]])
np.choose([4, -1, 0], [v, w[:3]], mode='wrap') | torch.stack([v[0], w[1], v[2]])
np.choose([4, -1, 0], [v, w[:3]], mode='clip') | torch.stack([w[0], v[1], v[2]])
np.compress(mask, x, axis=1) | x[:, mask]
np.compress([True, False, True], x) | x.reshape(-1)[[0, 2]]
np.extract(x > 0, y) | y[x > 0]
np.delete(x, 1, axis=0) | x[[0, 2, 3]]
np.delete(x, [0, -1], 1) | x[:, 1:2]
np.delete(w, slice(1, 3)) | w[[0, 3, 4]]
np.delete(x, 5) | torch.cat([x.reshape(-1)[:5], x.reshape(-1)[6:]])
np.insert(w, 1, z) | torch.cat([w[:1], z.reshape(1), w[1:]])
np.insert(x, 1, v, axis=0) | torch.cat([x[:1], v[None], x[1:]])
np.insert(x, 1, w[:4], axis=1) | torch.cat([x[:, :1], w[:4, None], x[:, 1:]], 1)
np.insert(w, [1, 3], v[:2]) | torch.stack([w[0], v[0], w[1], w[2], v[1], w[3], w[4]])
np.insert(x, [0, 2], 1.5, axis=1) | torch.stack([torch.full((4,), 1.5).to(x), x[:, 0], x[:, 1], torch.full((4,), 1.5).to(x), x[:, 2]], 1)
np.insert(v, mask, [1, 2]) | torch.stack([c[0] * 0 + 1, v[0], v[1], c[0] * 0 + 2, v[2]])
np.insert(x, 2, v) | torch.cat([x.reshape(-1)[:2], v, x.reshape(-1)[2:]])
np.insert(w, slice(0, 2), v[:2]) | torch.stack([v[0], w[0], v[1], w[1], w[2], w[3], w[4]])
np.sort(np.partition(w, 2)[:2]) | torch.sort(w).values[:2]
np.partition(x, 1, axis=0)[1] | torch.sort(x, 0).values[1]
np.partition(x, 5, axis=None)[5] | torch.sort(x.reshape(-1)).values[5]
np.resize(x, (2, 8)) | torch.cat([x.reshape(-1), x.reshape(-1)[:4]]).reshape(2, 8)
np.resize(v, 7) | v[[0, 1, 2, 0, 1, 2, 0]]
np.block([[A, x.T], [x, np.zeros((4, 4))]]) | torch.cat([torch.cat([A, x.T], 1), torch.cat([x, torch.zeros(4, 4).to(x)], 1)])
np.block([v, w, 1.0]) | torch.cat([v, w, torch.ones(1).to(v)])
np.block([[v], [c]]) | torch.stack([v, c])
np.block(v) * v | v * v
np.fft.fftshift(x) | torch.fft.fftshift(x)
np.fft.ifftshift(w) | torch.fft.ifftshift(w)
np.fft.fftshift(t, axes=1) | torch.fft.fftshift(t, 1)
""".strip().splitlines()  # noqa: E501 - each in one line

PLAIN = """
np.argpartition(w, 1)[1]
np.array_equiv(x, x)
np.digitize(x, knots)
np.isin(x, y)
np.lexsort((v, c))
np.searchsorted(knots, v)
np.searchsorted(i, w, side='right')
np.may_share_memory(x, y)
np.shares_memory(x, y)
np.result_type(x, y)
np.nanargmax(x, axis=0)
np.nanargmin(x)
np.iscomplex(x)
np.iscomplexobj(x)
np.isreal(x)
np.isrealobj(x)
np.isneginf(x)
np.isposinf(x)
np.signbit(x)
np.linalg.matrix_rank(A)
""".strip().splitlines()


@dataclass(frozen=True)
class Row:
    """One expression of NumPy, and the same in PyTorch."""

    numpy: str
    torch: str

    @property
    def names(self) -> list[str]:
        """Names of the differentiated arrays in it."""
        return names_in(self.numpy)


def names_in(expression: str) -> list[str]:
    """Names of the differentiated arrays that an expression is written with."""
    code = compile(expression, "<expression>", "eval")
    inner = [c.co_names for c in code.co_consts if hasattr(c, "co_names")]
    used = {*code.co_names, *(name for names in inner for name in names)}
    return [name for name in LEAVES if name in used]


def _row(line: str) -> Row:
    numpy, torch = (part.strip() for part in line.rsplit(" | ", 1))
    return Row(numpy, torch)


ROWS = [_row(line) for line in (*ELEMENTWISE, *STATISTICS, *PRODUCTS, *LINEAR_ALGEBRA, *SHAPE)]


def evaluate(expression: str, values: dict[str, Any], dtype: Any = np.float64) -> Any:
    """The value of an expression of NumPy."""
    constants = {
        n: c.astype(dtype) if isinstance(c, np.ndarray) and c.dtype == float else c
        for n, c in CONSTANTS.items()
    }
    return eval(expression, {"np": np, **constants, **values})


def parts(result: Any) -> list[Any]:
    """The results of an expression, which may be several."""
    return list(result) if isinstance(result, (tuple, list)) else [result]
