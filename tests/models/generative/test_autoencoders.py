"""Autoencoders: shapes, what is disturbed when, penalties, and that they learn."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import DataError
from pellucid.models import (
    MODELS,
    Autoencoder,
    ConvAutoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
)
from pellucid.models.generative.autoencoder import Masking
from pellucid.tensor import Tensor
from pellucid.training import fit, load_model, predict, save_model

RNG = np.random.default_rng(0)
IMAGES = RNG.random((6, 1, 8, 8)).astype(np.float32)
MAKE = {
    "autoencoder": lambda **k: Autoencoder((1, 8, 8), (12,), 5, rng=0, **k),
    "conv-autoencoder": lambda **k: ConvAutoencoder((1, 8, 8), 3, 5, rng=0, **k),
    "denoising-autoencoder": lambda **k: DenoisingAutoencoder((1, 8, 8), (12,), 5, rng=0, **k),
    "sparse-autoencoder": lambda **k: SparseAutoencoder((1, 8, 8), (12,), 5, rng=0, **k),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MAKE)
def test_shapes_and_types(name: str, dtype: str) -> None:
    net = MAKE[name](dtype=dtype)
    again = predict(net, IMAGES)
    assert again.shape == IMAGES.shape
    assert again.dtype == dtype
    code = net.encode(IMAGES)
    assert code.shape == (6, 5)
    np.testing.assert_array_equal(net.eval().decode(code).data, again)


@pytest.mark.parametrize("name", MAKE)
def test_the_loss_reaches_every_parameter(name: str) -> None:
    net = MAKE[name](activation="tanh") if name != "conv-autoencoder" else MAKE[name]()
    net.loss(net(IMAGES), IMAGES).backward()
    assert all(p.grad is not None and p.grad.any() for p in net.parameters())


@pytest.mark.parametrize("name", MAKE)
def test_fit_takes_the_samples_alone(name: str) -> None:
    net = MAKE[name]()
    history = fit(
        net, IMAGES, validation=IMAGES, loss=net.loss, epochs=150, lr=1e-2, progress="none", rng=0
    )
    assert history["val_loss"][-1] < 0.6 * history["val_loss"][0]


@pytest.mark.parametrize("name", [*MAKE, "vae"])
def test_it_is_saved_and_made_again(name: str, tmp_path) -> None:
    net = MODELS[name].build((1, 8, 8), 1, {"rng": 0})
    architecture = {"name": name, "input_shape": [1, 8, 8], "outputs": 1, "options": {"rng": 5}}
    save_model(tmp_path / "m", net, architecture=architecture)
    again = load_model(tmp_path / "m").net
    np.testing.assert_array_equal(predict(again, IMAGES), predict(net, IMAGES))


@pytest.mark.parametrize(("output", "low", "high"), [("sigmoid", 0, 1), ("tanh", -1, 1)])
def test_output_ranges(output: str, low: float, high: float) -> None:
    again = Autoencoder(4, 3, 2, output=output, rng=0)(100 * RNG.normal(size=(9, 4))).data
    assert low <= again.min() < again.max() <= high
    with pytest.raises(DataError, match="'linear', 'sigmoid' or 'tanh', got 'relu'"):
        Autoencoder(4, 3, 2, output="relu")


@pytest.mark.parametrize("noise", ["gaussian", "mask"])
def test_samples_are_disturbed_in_training_only(noise: str) -> None:
    net = DenoisingAutoencoder((1, 8, 8), 12, 5, noise=noise, amount=0.5, rng=0)
    first, second = net(IMAGES).data, net(IMAGES).data
    assert not np.array_equal(first, second)
    net.eval()
    np.testing.assert_array_equal(net(IMAGES).data, net(IMAGES).data)


def test_masking_sets_a_share_to_zero_and_leaves_the_rest() -> None:
    layer = Masking(0.25, rng=0)
    x = np.ones((100, 100))
    masked = layer(x)
    assert set(np.unique(masked)) == {0.0, 1.0}
    assert masked.mean() == pytest.approx(0.75, abs=0.02)
    assert layer.eval()(x) is x
    with pytest.raises(DataError, match="from 0 to 1, got 2"):
        Masking(2)
    assert repr(layer) == "Masking(amount=0.25)"


def test_sparsity_is_that_of_the_formulas() -> None:
    code = RNG.random((7, 4))
    rho = 0.1
    mean = code.mean(axis=0)
    expected = np.sum(rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean)))
    net = SparseAutoencoder(3, (), 4, activity=rho, weight=0.5, rng=0)
    # PyTorch has no such penalty; the formula is Ng's
    assert float(-net.sparsity(Tensor(code)).data) == pytest.approx(-expected)
    l1 = SparseAutoencoder(3, (), 4, penalty="l1", weight=0.5, rng=0)
    assert float(l1.sparsity(Tensor(code)).data) == pytest.approx(np.abs(code).sum() / 7)
    x = RNG.normal(size=(7, 3))
    again = x + 1
    loss = net.loss((Tensor(again), Tensor(code)), x)
    assert loss.item() == pytest.approx(1 + 0.5 * expected)


def test_the_penalty_makes_codes_sparse() -> None:
    def activity(weight: float) -> float:
        net = SparseAutoencoder(64, (), 16, weight=weight, rng=0)
        x = IMAGES.reshape(6, 64)
        fit(net, x, loss=net.loss, epochs=200, lr=1e-2, progress="none", rng=0)
        return float(np.asarray(net.encode(x).data).mean())

    assert activity(1.0) == pytest.approx(0.05, abs=0.03)
    assert activity(0.0) > 0.2


def test_settings_out_of_range() -> None:
    with pytest.raises(DataError, match="noise is 'gaussian' or 'mask'"):
        DenoisingAutoencoder(3, noise="salt")
    with pytest.raises(DataError, match="penalty is 'kl' or 'l1'"):
        SparseAutoencoder(3, penalty="l2")
    with pytest.raises(DataError, match="between 0 and 1, got 1"):
        SparseAutoencoder(3, activity=1)
    with pytest.raises(DataError, match="multiples of 4"):
        ConvAutoencoder((1, 10, 10))


def test_a_linear_autoencoder_finds_the_principal_plane() -> None:
    """Baldi & Hornik (1989)."""
    x = RNG.normal(size=(200, 6)) * [3.0, 2.0, 0.3, 0.2, 0.1, 0.1]
    x -= x.mean(axis=0)
    net = Autoencoder(6, (), 2, dtype="float64", rng=0)
    assert isinstance(net.decoder, nn.Sequential)
    fit(net, x, epochs=200, batch_size=200, optimizer="lbfgs", lr=1.0, progress="none", rng=0)
    _, s, _ = np.linalg.svd(x)
    error = np.mean((predict(net, x) - x) ** 2)
    assert error == pytest.approx((s[2:] ** 2).sum() / x.size, rel=1e-2)
