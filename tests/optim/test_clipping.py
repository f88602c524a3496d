"""Gradient clipping: norms against NumPy in float64, and what it leaves alone."""

import math

import numpy as np
import pytest

from pellucid import Parameter
from pellucid.optim import clip_each_grad_norm, clip_grad_norm, clip_grad_value, grad_norm


def params_with(*gradients):
    made = []
    for gradient in gradients:
        p = Parameter(np.zeros(np.shape(gradient), np.float32))
        p.grad = np.asarray(gradient, np.float32)
        made.append(p)
    return made


def random_gradients(scale=1.0):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s) * scale for s in [(300, 700), (700,), (), (0, 3)]]


@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e30], ids=["ordinary", "tiny", "huge"])
@pytest.mark.parametrize("norm", [2.0, 1.0, 3.0, math.inf])
def test_norm_is_that_of_one_long_vector(norm, scale):
    params = params_with(*random_gradients(scale))
    together = np.concatenate([p.grad.astype(np.float64).ravel() for p in params]) / scale
    expected = np.linalg.norm(together, norm) * scale
    assert grad_norm(params, norm) == pytest.approx(expected, rel=1e-6)
    assert type(grad_norm(params, norm)) is float


@pytest.mark.parametrize("norm", [2.0, 1.0, math.inf])
def test_clipped_gradients_have_the_limit_as_norm(norm):
    params = params_with(*random_gradients())
    before = [p.grad for p in params]
    copies = [g.copy() for g in before]
    total = clip_grad_norm(iter(params), 0.5, norm=norm)
    assert grad_norm(params, norm) == pytest.approx(0.5, rel=1e-4)
    for p, old, copied in zip(params, before, copies, strict=True):
        assert p.grad.dtype == np.float32
        np.testing.assert_array_equal(old, copied)  # never written in place
        np.testing.assert_allclose(p.grad, copied * (0.5 / total), rtol=1e-4)


def test_a_small_norm_is_left_alone():
    (p,) = params_with([0.3, 0.4])
    gradient = p.grad
    assert clip_grad_norm([p], 1.0) == pytest.approx(0.5)
    assert p.grad is gradient


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_not_finite_leaves_the_gradients(bad):
    params = params_with([1.0, bad], [3.0])
    assert not math.isfinite(clip_grad_norm(params, 1.0))
    np.testing.assert_array_equal(params[1].grad, [3.0])
    assert not math.isfinite(grad_norm(params, math.inf))


def test_parameters_without_gradient_are_skipped():
    (p,) = params_with([3.0, 4.0])
    frozen = Parameter(np.zeros(2, np.float32))
    assert clip_grad_norm([frozen, p], 10.0) == 5.0
    assert clip_grad_norm([frozen], 10.0) == 0.0
    assert clip_each_grad_norm([frozen, p], 10.0) == [5.0]
    clip_grad_value([frozen, p], 3.5)
    assert frozen.grad is None
    np.testing.assert_array_equal(p.grad, [3.0, 3.5])


def test_value_clipping_replaces_the_array():
    (p,) = params_with([[-2.0, 0.5], [3.0, -0.1]])
    old = p.grad
    clip_grad_value([p], 1.0)
    np.testing.assert_array_equal(p.grad, np.array([[-1, 0.5], [1, -0.1]], np.float32))
    assert old[0, 0] == -2.0
    assert p.grad.dtype == np.float32


def test_each_parameter_by_its_own_norm():
    params = params_with([3.0, 4.0], [0.3, 0.4])
    assert clip_each_grad_norm(params, 1.0) == pytest.approx([5.0, 0.5])
    np.testing.assert_allclose(params[0].grad, [0.6, 0.8], rtol=1e-5)
    np.testing.assert_allclose(params[1].grad, [0.3, 0.4], rtol=1e-6)


@pytest.mark.parity
@pytest.mark.parametrize("norm", [2.0, 1.0, 3.0, math.inf])
def test_like_pytorch(norm):
    torch = pytest.importorskip("torch")
    ours = params_with(*random_gradients())
    theirs = [torch.nn.Parameter(torch.tensor(p.data)) for p in ours]  # it sums in float32
    for p, q in zip(ours, theirs, strict=True):
        q.grad = torch.tensor(p.grad)
    expected = torch.nn.utils.clip_grad_norm_(theirs[:3], 0.5, norm)  # empty ones trip theirs
    assert clip_grad_norm(ours, 0.5, norm=norm) == pytest.approx(float(expected), rel=1e-4)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-4, atol=1e-9)
