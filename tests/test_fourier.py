"""Fourier transforms in parts: power spectra, inverses, and what NumPy's complex ones say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients, leaf, numbers
from primitives.cases import spaced

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p
from pellucid.errors import ShapeError, UnsupportedError
from pellucid.tensor import Tensor


def spectrum(x: Any) -> Any:
    real, imaginary = ops.rfft_parts(x)
    return real**2 + imaginary**2


def spectrum_of_image(x: Any) -> Any:
    real, imaginary = ops.fft_parts(*ops.rfft_parts(x), axis=-2)
    return real**2 + imaginary**2


@pytest.mark.parametrize("shape", [(8,), (5,), (2, 6), (1,), (3, 1), (0, 4)])
def test_the_power_spectrum_is_that_of_numpy(shape: Any) -> None:
    x = spaced(*shape)
    right = np.abs(np.fft.rfft(x)) ** 2
    np.testing.assert_allclose(spectrum(leaf(x)).data, right, rtol=1e-12, atol=1e-12)
    check_gradients(spectrum, [x])


@pytest.mark.parametrize("shape", [(4, 6), (3, 5), (2, 3, 4)])
def test_the_power_spectrum_of_an_image(shape: Any) -> None:
    x = spaced(*shape)
    right = np.abs(np.fft.rfft2(x)) ** 2
    np.testing.assert_allclose(spectrum_of_image(leaf(x)).data, right, rtol=1e-12, atol=1e-12)
    check_gradients(spectrum_of_image, [x])


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_the_inverses_bring_back_what_was_transformed(n: int) -> None:
    x, y = leaf(spaced(3, n)), leaf(spaced(3, n, seed=1))
    back = ops.irfft_parts(*ops.rfft_parts(x), n=n)
    np.testing.assert_allclose(back.data, x.data, atol=1e-13)
    real, imaginary = ops.ifft_parts(*ops.fft_parts(x, y))
    np.testing.assert_allclose(real.data, x.data, atol=1e-13)
    np.testing.assert_allclose(imaginary.data, y.data, atol=1e-13)


def test_a_circular_convolution_learns_its_filter() -> None:
    rng = np.random.default_rng(0)
    signal, wanted = rng.normal(size=16), rng.normal(size=16)
    a, b = ops.rfft_parts(signal)

    def filtered(kernel: Any) -> Any:
        c, d = ops.rfft_parts(kernel)
        return ops.irfft_parts(a * c - b * d, a * d + b * c, n=16)

    target = filtered(wanted)
    kernel = leaf(np.zeros(16))
    first = np.mean((filtered(kernel) - target) ** 2)
    for _ in range(500):
        kernel.grad = None
        loss = np.mean((filtered(kernel) - target) ** 2)
        loss.backward()
        assert kernel.grad is not None
        kernel.data -= 0.2 * kernel.grad
    assert loss.item() < 0.05 * first.item()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_are_kept(dtype: Any) -> None:
    x = leaf(spaced(6).astype(dtype))
    y = spectrum(x)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.dtype == dtype
    assert ops.rfft_parts([1, 2, 3])[0].dtype == np.float64


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda x: ops.rfft_parts(x, 0), "of 0 numbers"),
        (lambda x: ops.rfft_parts(x[:, :0]), "of 0 numbers"),
        (lambda x: ops.rfft_parts(x, axis=2), "axis 2 does not exist"),
        (lambda x: ops.fft_parts(x, x[:1]), "one shape"),
        (lambda x: ops.irfft_parts(x[:, :1], x[:, :1]), "of 0 numbers"),
    ],
)
def test_errors_say_what_is_wrong(write: Any, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        write(leaf(spaced(2, 3)))


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("rfft", "pl.ops.rfft_parts(x)"),
        ("irfft", "pl.ops.irfft_parts(real, imaginary)"),
        ("fft", "pl.ops.fft_parts(real, imaginary)"),
        ("ifft", "pl.ops.ifft_parts(real, imaginary)"),
        ("rfft2", "pl.ops.rfft_parts(x)"),
        ("fftn", "pl.ops.fft_parts"),
        ("ifft2", "pl.ops.ifft_parts"),
        ("irfftn", "pl.ops.irfft_parts"),
        ("hfft", "pl.ops.irfft_parts"),
        ("ihfft", "pl.ops.rfft_parts"),
    ],
)
def test_complex_transforms_say_what_to_use(name: str, instead: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        getattr(np.fft, name)(leaf(spaced(4, 4)))
    assert f"np.fft.{name} " in str(caught.value)
    assert instead in str(caught.value)


@pytest.mark.parity
@pytest.mark.parametrize("shape", [(8,), (2, 5), (3, 4, 2)])
@pytest.mark.parametrize("axis", [0, -1])
def test_values_and_derivatives_are_those_of_pytorch(shape: Any, axis: int) -> None:
    torch = pytest.importorskip("torch")
    x = spaced(*shape)
    ours, theirs = leaf(x), torch.tensor(x, requires_grad=True)
    real, imaginary = ops.rfft_parts(ours, axis=axis)
    z = torch.fft.rfft(theirs, dim=axis)
    n = x.shape[axis] + 1
    found = p.sum(p.power(real, 3) + imaginary) + p.sum(
        ops.irfft_parts(real * real, imaginary, n=n, axis=axis) ** 2
    )
    squares = torch.complex(z.real * z.real, z.imag)
    right = (z.real**3 + z.imag).sum() + (torch.fft.irfft(squares, n=n, dim=axis) ** 2).sum()
    (slope,) = pl.gradients(found, [ours], create_graph=True)
    (other,) = torch.autograd.grad(right, theirs, create_graph=True)
    np.testing.assert_allclose(found.item(), right.item(), rtol=1e-11)
    np.testing.assert_allclose(numbers(slope), other.detach().numpy(), rtol=1e-10, atol=1e-9)
    assert isinstance(slope, Tensor)
    (second,) = pl.gradients(p.sum(slope**2), [ours])
    (twin,) = torch.autograd.grad((other**2).sum(), theirs)
    np.testing.assert_allclose(numbers(second), twin.numpy(), rtol=1e-9, atol=1e-6)
