"""Where derivatives have conventions or do not exist, where nothing is left, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf, numbers
from primitives.cases import spaced

import pellucid as pl
from pellucid.errors import GradientError, ShapeError, UnsupportedError
from pellucid.tensor import Tensor


def gradient(function: Any, x: Any) -> np.ndarray:
    variable = leaf(np.asarray(x, dtype=float))
    result = function(variable)
    result.sum().backward()
    assert variable.grad is not None
    return variable.grad


# --- ties and kinks -------------------------------------------------------------------------------


def test_the_middle_of_ties_receives_the_gradient_once() -> None:
    assert gradient(np.median, [2.0, 1, 2, 1, 2]).sum() == 1
    np.testing.assert_array_equal(gradient(np.median, [4.0, 1, 3, 2]), [0, 0, 0.5, 0.5])
    np.testing.assert_allclose(
        gradient(lambda x: np.quantile(x, 0.4), [3.0, 1, 2, 4]), [0.2, 0, 0.8, 0]
    )


def test_the_range_of_ties_shares_the_gradient() -> None:
    np.testing.assert_array_equal(gradient(np.ptp, [1.0, 3, 1, 3]), [-0.5, 0.5, -0.5, 0.5])
    np.testing.assert_array_equal(gradient(np.nanmax, [1.0, np.nan, 3, 3]), [0, 0, 0.5, 0.5])


def test_slopes_at_the_origin_are_zero() -> None:
    zeros = np.zeros(2)
    np.testing.assert_array_equal(gradient(lambda x: np.hypot(x, x), zeros), zeros)
    np.testing.assert_array_equal(gradient(lambda x: np.arctan2(x, x), zeros), zeros)
    np.testing.assert_array_equal(gradient(np.nanstd, [1.5, 1.5]), zeros)
    with np.errstate(divide="ignore"):
        assert gradient(np.cbrt, [0.0])[0] == np.inf


def test_a_tie_with_a_constant_belongs_to_the_constant() -> None:
    np.testing.assert_array_equal(gradient(lambda x: np.fmax(x, 0), [0.0, 1, np.nan]), [0, 1, 0])
    np.testing.assert_array_equal(gradient(lambda x: np.fmin(1, x), [1.0, 0, np.nan]), [0, 1, 0])


def test_nan_receives_no_gradient() -> None:
    x = [[1.0, np.nan, 3.0], [np.nan, np.nan, 2.0]]
    for function in (np.nansum, np.nanmean, np.nanvar, np.nanstd, np.nanprod, np.nancumsum):
        slope = gradient(function, x)
        assert np.isfinite(slope).all()
        assert (slope[np.isnan(x)] == 0).all()


def test_a_slice_of_nan_only_is_nan() -> None:
    x = leaf(np.array([[np.nan, np.nan], [1.0, 2.0]]))
    for function in (np.nanmean, np.nanmax, np.nanmin, np.nanvar, np.nanstd):
        y = function(x, axis=1)
        np.testing.assert_array_equal(np.isnan(y.data), [True, False])
        x.grad = None
        y.sum().backward()
        assert x.grad is not None
        assert (x.grad[0] == 0).all()
    assert np.isnan(np.median(x).data)
    assert np.nansum(x, axis=1).data[0] == 0


def test_the_cardinal_sine_is_smooth_through_zero() -> None:
    x = leaf(np.array([0.0, 1e-8, -1e-3, 0.5, 3.0]))
    (first,) = pl.gradients(np.sinc(x).sum(), [x], create_graph=True)
    (second,) = pl.gradients(first.sum(), [x])
    np.testing.assert_allclose(numbers(first)[0], 0)
    np.testing.assert_allclose(numbers(second)[:2], -(np.pi**2) / 3, rtol=1e-12)
    far = x.data[3:] * np.pi
    right = np.pi * (far * np.cos(far) - np.sin(far)) / far**2
    np.testing.assert_allclose(numbers(first)[3:], right, rtol=1e-12)


# --- matrices at which something is not determined ------------------------------------------------


@pytest.mark.parametrize(
    "x",
    [np.zeros((2, 2)), np.outer([1.0, -2, 3], [2.0, 1, 0.5]), np.diag([1.0, 0, 2])],
)
def test_determinants_of_singular_matrices(x: np.ndarray) -> None:
    check_gradients(np.linalg.det, [x])


def test_a_batch_with_one_singular_matrix() -> None:
    check_gradients(np.linalg.det, [np.stack([np.ones((2, 2)), np.diag([2.0, 3.0])])])


def test_a_singular_matrix_has_no_inverse() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        np.linalg.inv(leaf(np.ones((2, 2))))


@pytest.mark.parametrize("x", [np.eye(3), np.diag([1.0, 2, 2]), np.zeros((2, 2))])
def test_equal_eigenvalues_have_a_gradient_and_their_vectors_have_none(x: np.ndarray) -> None:
    n = len(x)
    np.testing.assert_allclose(gradient(lambda a: np.linalg.eigvalsh(a) * 1.0, x), np.eye(n))
    slope = gradient(lambda a: np.linalg.eigvalsh(a) ** 2, x)  # that of the sum of all squares
    np.testing.assert_allclose(slope, 2 * x, atol=1e-15)
    with pytest.raises(GradientError, match="eigenvectors are not differentiable where two eigen"):
        gradient(lambda a: np.linalg.eigh(a)[1] ** 3, x)


@pytest.mark.parametrize("x", [np.eye(2), np.diag([2.0, 2, 1]), np.eye(3)[:, :2]])
def test_equal_singular_values_have_a_gradient_and_their_vectors_have_none(x: np.ndarray) -> None:
    slope = gradient(lambda a: np.linalg.svd(a, compute_uv=False) ** 2, x)
    np.testing.assert_allclose(slope, 2 * x, atol=1e-15)
    with pytest.raises(GradientError, match="two singular values are equal"):
        gradient(lambda a: np.linalg.svd(a, full_matrices=False)[0] ** 3, x)


def test_vectors_of_a_singular_value_of_zero() -> None:
    x = np.outer([1.0, 2, 3], [1.0, -1])
    assert np.isfinite(gradient(lambda a: np.linalg.norm(a, "nuc"), x)).all()
    with pytest.raises(GradientError, match="a singular value is 0"):
        gradient(lambda a: np.linalg.svd(a * [1, 0], full_matrices=False)[0], x * [1, 0])


@pytest.mark.parametrize("upper", [False, True])
def test_of_a_symmetric_matrix_one_triangle_is_read_and_has_the_gradient(upper: bool) -> None:
    x = spaced(3, 3, seed=1) + 4 * np.diag([1.0, 2.0, 3.0])
    outside = np.tri(3, k=-1).T if not upper else np.tri(3, k=-1)
    side = "U" if upper else "L"
    for function in (
        lambda a: np.linalg.cholesky(a, upper=upper),
        lambda a: np.linalg.eigvalsh(a, UPLO=side),
        lambda a: np.linalg.eigh(a, side)[1] * [1, 2, 4],
    ):
        np.testing.assert_allclose(function(leaf(x)).data, function(x), atol=1e-13)
        check_gradients(function, [x])
        assert (gradient(function, x) * outside == 0).all()
        slope = gradient(lambda a, f=function: f((a + a.T) / 2) ** 2, x)
        np.testing.assert_allclose(slope, slope.T, atol=1e-13)


def test_gram_schmidt_of_dependent_columns_is_refused_by_the_solver() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        gradient(lambda a: np.linalg.qr(a * [1, 0])[1], np.ones((3, 2)))


# --- nothing at all -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda x: np.linalg.inv(np.zeros((0, 2, 2)) * np.sum(x)),
        lambda x: np.linalg.det(np.zeros((0, 2, 2)) * np.sum(x)),
        lambda x: np.linalg.svd(x, compute_uv=False),
        lambda x: np.linalg.pinv(x),
        lambda x: np.cumprod(x, axis=1),
        lambda x: np.diff(x, axis=1),
        lambda x: np.median(x, axis=1),
        lambda x: np.nansum(x),
        lambda x: np.tril(x),
        lambda x: np.rot90(x),
        lambda x: np.kron(x, [[1.0, 2.0]]),
        lambda x: np.cross(x, x),
        lambda x: np.arctan2(x, x),
        lambda x: np.block([[x], [x]]),
    ],
)
def test_empty_arrays(write: Any) -> None:
    x = leaf(np.zeros((0, 3)))
    y = write(x)
    np.testing.assert_array_equal(y.data.shape, np.shape(write(x.data)))
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.shape == (0, 3)


# --- what is refused, and how it is said ----------------------------------------------------------


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda x: np.linalg.svd(x[:2]), "full_matrices=False"),
        (lambda x: np.linalg.svd(x, hermitian=True), "hermitian=True"),
        (lambda x: np.linalg.qr(x[:, :2], mode="complete"), "mode='reduced'"),
        (lambda x: np.linalg.qr(x, mode="raw"), "mode='reduced'"),
        (lambda x: np.linalg.pinv(x, hermitian=True), "hermitian=True"),
        (lambda x: np.linalg.tensorsolve(x, x[0], axes=(0,)), "np.moveaxis"),
        (lambda x: np.quantile(x, 0.5, method="weibull"), "'weibull'"),
        (lambda x: np.quantile(x, x[0, 0] * 0.1), "q as a constant"),
        (lambda x: np.quantile(x, 0.5, weights=x), "weights="),
        (lambda x: np.gradient(x, x[0, 0]), "the spacing as a constant"),
        (lambda x: np.cov(x, fweights=[1, 2, 3]), "fweights="),
        (lambda x: np.average(x, returned=True), "returned=True"),
        (lambda x: np.var(x, ddof=1, correction=1), "both ddof= and correction="),
        (lambda x: np.interp(x, [0, 1], [0, 1], period=2), "period="),
        (lambda x: np.choose(x, [x, x]), "a as a constant"),
        (lambda x: np.min(x, where=x.data > 0), "initial="),
        (lambda x: np.resize(x[:0], 3), "nothing to repeat"),
        (lambda x: np.arctan2(x, x, out=np.zeros((3, 3))), "out="),
    ],
)
def test_arguments_that_are_not_supported(write: Any, says: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        write(leaf(np.eye(3)))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda x: np.linalg.inv(x[:2]), "needs square matrices"),
        (lambda x: np.linalg.det(x[0]), "needs a matrix"),
        (lambda x: np.linalg.solve(x, x[:2]), "needs 3 rows"),
        (lambda x: np.linalg.lstsq(x[None], x), "lstsq needs"),
        (lambda x: np.linalg.eigh(x[:2]), "needs square matrices"),
        (lambda x: np.linalg.eigh(x, "X"), "'L' or 'U'"),
        (lambda x: np.linalg.multi_dot([x]), "two arrays"),
        (lambda x: np.linalg.multi_dot([x, x[None], x]), "needs matrices"),
        (lambda x: np.linalg.norm(x[0], "fro"), "one of matrices"),
        (lambda x: np.linalg.tensorinv(x, ind=2), "no square matrix"),
        (lambda x: np.linalg.tensorsolve(x, x[0, :2]), "no square matrix"),
        (lambda x: np.quantile(x, 1.5), "between 0 and 1"),
        (lambda x: np.median(x[:0]), "no values"),
        (lambda x: np.cov(x[None]), "vector or a matrix"),
        (lambda x: np.cov(x[:, :1]), "bias=True"),
        (lambda x: np.diff(x[0, 0]), "single number"),
        (lambda x: np.diff(x, -1), "n ≥ 0"),
        (lambda x: np.gradient(x[:1]), "needs 2 samples"),
        (lambda x: np.gradient(x, 1.0, 2.0, 3.0), "3 spacings"),
        (lambda x: np.gradient(x[0], [1.0, 2.0]), "coordinates"),
        (lambda x: np.cross(x[:, :2], x[:, :2]), "three entries"),
        (lambda x: np.convolve(x, x[0]), "takes vectors"),
        (lambda x: np.convolve(x[0, :0], x[0]), "empty"),
        (lambda x: np.convolve(x[0], x[0], "some"), "modes"),
        (lambda x: np.correlate(x[0], x[0], "some"), "modes"),
        (lambda x: np.polyval(x, 1.0), "vector of coefficients"),
        (lambda x: np.vander(x), "takes a vector"),
        (lambda x: np.interp(x, [1.0, 0.0], [0.0, 1.0]), "rising order"),
        (lambda x: np.interp(x, [1.0], [0.0, 1.0]), "one length"),
        (lambda x: np.diag(x[None]), "vector or a matrix"),
        (lambda x: np.diagonal(x[0]), "needs a matrix"),
        (lambda x: np.trace(x[0]), "needs a matrix"),
        (lambda x: np.tril(x[0, 0]), "single number"),
        (lambda x: np.fliplr(x[0]), "2 axes"),
        (lambda x: np.array_split(x, 0), "0 parts"),
        (lambda x: np.vsplit(x[0], 3), "2 axes"),
        (lambda x: np.select([], [x]), "as many conditions"),
        (lambda x: np.choose([2, 0, 0], [x, x]), "from 0 to 1"),
        (lambda x: np.choose([0, 0, 0], [x, x], mode="some"), "modes"),
        (lambda x: np.compress([[True]], x), "vector of conditions"),
        (lambda x: np.take(x, [9]), "out of range"),
        (lambda x: np.take(x, [0], mode="some"), "modes"),
        (lambda x: np.block([[x], x]), "same depth"),
        (lambda x: np.block([x, []]), "empty"),
        (lambda x: np.meshgrid(x[0], indexing="some"), "indexing"),
    ],
)
def test_errors_say_what_is_wrong(write: Any, says: str) -> None:
    with pytest.raises(ShapeError) as caught:
        write(leaf(np.eye(3)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_results_have_the_names_that_numpy_gives_them() -> None:
    x = leaf(np.diag([3.0, 2.0, 1.0]))
    assert isinstance(np.linalg.eigh(x).eigenvectors, Tensor)
    assert np.linalg.svd(x).S.shape == np.linalg.svd(x).Vh.shape[:1] == (3,)
    assert np.linalg.qr(x).R.shape == (3, 3)
    sign, size = np.linalg.slogdet(x)
    assert isinstance(sign, (float, np.generic, np.ndarray))
    np.testing.assert_allclose(sign * np.exp(size.data), 6)


def test_least_squares_learn_what_the_closed_form_says() -> None:
    rng = np.random.default_rng(0)
    a, b = leaf(rng.normal(size=(6, 2))), rng.normal(size=6)
    x, residuals, rank, singular = np.linalg.lstsq(a, b, rcond=None)
    right = np.linalg.lstsq(a.data, b, rcond=None)
    np.testing.assert_allclose(x.data, right[0])
    np.testing.assert_allclose(residuals.data, right[1])
    assert rank == right[2]
    np.testing.assert_allclose(singular.data, right[3])
    wide = np.linalg.lstsq(leaf(a.data.T), b[:2], rcond=None)
    assert wide[1].shape == (0,)
