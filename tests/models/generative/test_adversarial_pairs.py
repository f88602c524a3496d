"""Adversarial pairs: shapes, losses by hand, the penalty's second derivative, and messages."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import DataError
from pellucid.models import DCGAN, GAN, MODELS, WGANGP, AdversarialPair, ConditionalGAN
from pellucid.training import AdversarialTrainer

RNG = np.random.default_rng(0)
CONV = {"network": "convolutional", "channels": 2}
MAKE = {
    "gan": lambda **k: GAN((1, 8, 8), 6, 12, **k),
    "conditional-gan": lambda **k: ConditionalGAN((1, 8, 8), 4, 6, 12, **k),
    "dcgan": lambda **k: DCGAN((1, 8, 8), 6, 2, **k),
    "wgan-gp": lambda **k: WGANGP((1, 8, 8), 6, 12, **k),
    "wgan-gp, convolutional": lambda **k: WGANGP((1, 8, 8), 6, **CONV, **k),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MAKE)
def test_samples(name: str, dtype: str) -> None:
    pair = MAKE[name](rng=0, dtype=dtype)
    labels = [0, 3, 1, 1] if pair.classes else None
    made = pair.sample(4, labels, rng=0)
    assert made.shape == (4, 1, 8, 8)
    assert made.dtype == dtype
    assert np.abs(made).max() <= 1
    np.testing.assert_array_equal(made, pair.sample(4, labels, rng=0))
    assert pair.generator.training


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("name", ["dcgan", "wgan-gp"])
def test_images_of_both_sizes(name: str, size: int) -> None:
    options = {"channels": 2, "rng": 0, **({"network": "convolutional"} if "w" in name else {})}
    pair = MODELS[name].build((3, size, size), 1, options)
    assert pair.sample(2, rng=0).shape == (2, 3, size, size)
    assert pair.judge(RNG.normal(size=(5, 3, size, size))).shape == (5,)


@pytest.mark.parametrize("name", MAKE)
def test_both_losses_reach_every_parameter(name: str) -> None:
    pair = MAKE[name](rng=0, dtype="float64")
    real = RNG.normal(size=(6, 1, 8, 8))
    labels = np.arange(6) % 4 if pair.classes else None
    made = pair.generate(pair.noise(6, 0), labels)
    pair.discriminator_loss(real, made.data, labels, 0)[0].backward()
    last = pair.discriminator.parameters()[-1]  # moves real and made scores alike
    for parameter in pair.discriminator.parameters():
        assert parameter.grad is not None
        assert parameter.grad.any() or ("w" in name and parameter is last)
    pair.generator_loss(made, labels).backward()
    assert all(p.grad is not None and p.grad.any() for p in pair.generator.parameters())


def test_losses_of_the_game_by_hand() -> None:
    pair = AdversarialPair(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1, dtype="float64"), (2,), 2)
    real, made = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 2))
    layer = pair.discriminator
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    on_real, on_made = (
        sigmoid(x @ layer.weight.data + layer.bias.data)[:, 0] for x in (real, made)
    )
    loss, real_scores, made_scores = pair.discriminator_loss(real, made)
    assert loss.item() == pytest.approx(-np.log(on_real).mean() - np.log(1 - on_made).mean())
    np.testing.assert_allclose(real_scores, on_real)
    np.testing.assert_allclose(made_scores, on_made)
    assert pair.generator_loss(made).item() == pytest.approx(-np.log(on_made).mean())


def test_the_penalty_of_a_linear_critic() -> None:
    """Its slope is its weight everywhere: λ (‖w‖ − 1)², with the slope 2λ (1 − 1/‖w‖) w."""
    pair = WGANGP(3, 2, (), output="linear", dtype="float64", rng=0)
    weight = pair.discriminator.parameters()[0]
    penalty = pair.gradient_penalty(RNG.normal(size=(5, 3)), RNG.normal(size=(5, 3)), None, 0)
    length = np.linalg.norm(weight.data)
    assert penalty.item() == pytest.approx((length - 1) ** 2)
    penalty.backward()
    np.testing.assert_allclose(weight.grad, 2 * (1 - 1 / length) * weight.data)


@pytest.mark.parametrize("name", ["wgan-gp", "wgan-gp, convolutional"])
def test_the_gradient_of_the_critic_loss_by_finite_differences(name: str) -> None:
    pair = MAKE[name](rng=0, dtype="float64")
    real, made = RNG.normal(size=(3, 1, 8, 8)), RNG.normal(size=(3, 1, 8, 8))

    def loss():
        return pair.discriminator_loss(real, made, None, 5)[0]

    loss().backward()
    for parameter in pair.discriminator.parameters():
        direction = np.cos(np.arange(parameter.size) * 1.3).reshape(parameter.shape)
        slope = float((parameter.grad * direction).sum())
        start, step = parameter.data.copy(), 1e-6
        parameter.data[...] = start + step * direction
        above = loss().item()
        parameter.data[...] = start - step * direction
        below = loss().item()
        parameter.data[...] = start
        assert (above - below) / (2 * step) == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_no_normalisation_in_the_critic() -> None:
    kinds = [type(m).__name__ for m in WGANGP((1, 8, 8), **CONV).discriminator.modules()]
    assert not any("Norm" in kind for kind in kinds)
    kinds = [type(m).__name__ for m in DCGAN((1, 8, 8), channels=2).discriminator.modules()]
    assert kinds.count("BatchNorm2d") == 1


def test_a_conditional_pair_learns_its_classes() -> None:
    labels = np.arange(60) % 2
    real = (RNG.normal(size=(60, 1)) * 0.1 + 2.0 * labels[:, None] - 1).astype(np.float32)
    pair = ConditionalGAN(1, 2, 2, 16, output="linear", rng=0)
    AdversarialTrainer(
        pair, (real, labels), epochs=150, batch_size=20, lr=5e-3, progress="none", rng=0
    ).run()
    made = pair.sample(400, np.arange(400) % 2, rng=0)[:, 0]
    assert made[1::2].mean() - made[::2].mean() > 1.0


def test_mistakes_are_named() -> None:
    pair = ConditionalGAN(2, 3, 2, 4, rng=0)
    with pytest.raises(DataError, match="needs the classes"):
        pair.sample(2)
    with pytest.raises(DataError, match=r"shape \(2,\), got \(3,\)"):
        pair.sample(2, [0, 1, 2])
    with pytest.raises(DataError, match="labels are 0 … 2, got 0 … 3"):
        pair.sample(2, [0, 3])
    with pytest.raises(DataError, match="multiples of 4"):
        DCGAN((1, 30, 30))
    with pytest.raises(DataError, match="'convolutional' for samples of shape"):
        WGANGP(5, network="convolutional")
