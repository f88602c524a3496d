"""Adversarial training: what is updated when, resuming, and PyTorch's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.data import Part
from pellucid.errors import CheckpointError, DataError, NonFiniteError
from pellucid.models import DCGAN, GAN, WGANGP, ConditionalGAN
from pellucid.optim import SGD
from pellucid.training import AdversarialTrainer

RNG = np.random.default_rng(0)
REAL = (RNG.normal(size=(40, 2)) * 0.1 + [1.0, -0.5]).astype(np.float32)
LABELS = np.arange(40) % 3


def pair(kind: str = "gan", dtype: str = "float32"):
    options = {"latent": 3, "hidden": (8,), "output": "linear", "dtype": dtype, "rng": 0}
    if kind == "conditional":
        return ConditionalGAN(2, 3, **options)
    return GAN(2, **options) if kind == "gan" else WGANGP(2, critic_steps=2, **options)


def trainer(kind: str = "gan", **options) -> AdversarialTrainer:
    settings = {"epochs": 3, "batch_size": 8, "lr": 1e-3, "progress": "none", "rng": 1, **options}
    return AdversarialTrainer(pair(kind), Part(REAL, LABELS), **settings)


@pytest.mark.parametrize("kind", ["gan", "conditional", "wgan-gp"])
def test_history_and_samples_of_fixed_noise(kind: str) -> None:
    seen = []
    training = trainer(kind, samples=6, callbacks=lambda trainer, made: seen.append(made))
    history = training.run()
    assert len(history) == len(seen) == 3
    assert all(made.shape == (6, 2) and made.dtype == np.float32 for made in seen)
    assert not np.array_equal(seen[0], seen[1])
    assert list(history.columns) == [
        *("generator_loss", "discriminator_loss", "real_score", "made_score", "seconds"),
    ]
    assert training.step == 15
    np.testing.assert_array_equal(training.gan.made_of(training.noise, training.labels), seen[2])


def test_the_generator_steps_once_for_so_many_of_the_critic() -> None:
    training = trainer("wgan-gp", critic_steps=4)
    before = training.gan.generator.state_dict()
    training.run(steps=3)
    for name, array in training.gan.generator.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    training.run(steps=4)
    assert any(
        not np.array_equal(array, before[name])
        for name, array in training.gan.generator.state_dict().items()
    )


def test_a_generator_step_leaves_the_discriminator_alone() -> None:
    training = trainer()
    before = training.gan.discriminator.state_dict()
    training._generator_step(8, None)
    for name, array in training.gan.discriminator.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert all(p.grad is None and p.requires_grad for p in training.gan.discriminator.parameters())


@pytest.mark.parametrize("kind", ["gan", "conditional", "wgan-gp"])
@pytest.mark.parametrize("steps", [5, 7, 9])
def test_resume_is_exact(kind: str, steps: int, tmp_path) -> None:
    whole = trainer(kind)
    whole.run()
    first = trainer(kind)
    first.run(steps=steps)
    first.save(tmp_path / "state")
    second = trainer(kind, rng=9)
    second.restore(tmp_path / "state")
    assert second.step == steps
    second.run()
    expected = whole.gan.state_dict()
    for name, array in second.gan.state_dict().items():
        assert array.tobytes() == expected[name].tobytes(), name
    for name in ("generator_loss", "discriminator_loss", "real_score", "made_score"):
        assert second.history[name] == whole.history[name]


def test_continuing_is_exact_too() -> None:
    whole, parts = trainer(), trainer()
    whole.run()
    for steps in (2, 5, 6, 14):
        parts.run(steps=steps)
    parts.run()
    assert parts.history["generator_loss"] == whole.history["generator_loss"]


def test_states_that_do_not_fit(tmp_path) -> None:
    from pellucid.training import save_checkpoint

    training = trainer()
    training.save(tmp_path / "gan")
    with pytest.raises(CheckpointError, match="another architecture"):
        trainer("conditional").restore(tmp_path / "gan")
    with pytest.raises(CheckpointError, match="critic_steps=1, this one has 2"):
        trainer(critic_steps=2).restore(tmp_path / "gan")
    save_checkpoint(tmp_path / "other", {}, {})
    with pytest.raises(CheckpointError, match="no state of an adversarial training"):
        training.restore(tmp_path / "other")


def test_divergence_names_who_and_when() -> None:
    training = trainer()
    for parameter in training.gan.discriminator.parameters():
        parameter.data[...] = np.nan
    with pytest.raises(
        NonFiniteError, match=r"the discriminator's loss is nan at batch 0 .epoch 1"
    ):
        training.run()


def test_mistakes_are_named() -> None:
    with pytest.raises(DataError, match=r"samples of shape \(2,\), the real ones have \(3,\)"):
        AdversarialTrainer(pair(), np.ones((4, 3)))
    with pytest.raises(DataError, match="needs the labels"):
        AdversarialTrainer(pair("conditional"), REAL)
    with pytest.raises(DataError, match="got str"):
        AdversarialTrainer(pair(), "digits")


def test_lines_are_printed(capsys) -> None:
    trainer(progress="lines", epochs=1).run()
    assert capsys.readouterr().out.startswith("epoch 1/1   generator_loss ")


def test_it_learns_where_the_samples_are() -> None:
    training = trainer("wgan-gp", epochs=250, lr=5e-3, critic_steps=2)
    training.run()
    made = training.gan.sample(500, rng=0)
    np.testing.assert_allclose(made.mean(axis=0), [1.0, -0.5], atol=0.25)


# --- parity ---------------------------------------------------------------------------------------


def _dense_twin(torch, layers):
    """The same dense network in PyTorch, and its parameters in the order of ours."""
    parameters = [torch.tensor(p.data.copy(), requires_grad=True) for p in layers.parameters()]

    def forward(x):
        last = len(parameters) // 2 - 1
        for i in range(last + 1):
            x = x @ parameters[2 * i] + parameters[2 * i + 1]
            if i < last:
                x = (
                    torch.relu(x)
                    if layers is not None and getattr(layers, "is_generator", False)
                    else torch.nn.functional.leaky_relu(x, 0.2)
                )
        return x

    return forward, parameters


@pytest.mark.parity
@pytest.mark.parametrize("kind", ["gan", "wgan-gp"])
def test_three_steps_are_those_of_torch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    ours = pair(kind, "float64")
    object.__setattr__(ours.generator, "is_generator", True)
    G, g = _dense_twin(torch, ours.generator)
    D, d = _dense_twin(torch, ours.discriminator)
    training = AdversarialTrainer(
        ours,
        REAL.astype(np.float64),
        batch_size=8,
        critic_steps=1,
        generator_optimizer=SGD(ours.generator.parameters(), lr=0.05),
        discriminator_optimizer=SGD(ours.discriminator.parameters(), lr=0.05),
        progress="none",
        rng=3,
    )
    twin = AdversarialTrainer(  # the same draws: order of samples, noise, and points between
        pair(kind, "float64"), REAL.astype(np.float64), batch_size=8, progress="none", rng=3
    )
    rng, batches = twin.rng, iter(twin.loader)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    for step in range(1, 4):
        training.run(steps=step)
        real = torch.tensor(next(batches)[0])
        made = G(torch.tensor(ours.noise(8, rng))).detach()
        on_real, on_made = D(real), D(made)
        if kind == "gan":
            loss = bce(on_real, torch.ones_like(on_real)) + bce(on_made, torch.zeros_like(on_made))
        else:
            share = torch.tensor(rng.random((8, 1), dtype=np.float32).astype(np.float64))
            between = (share * real + (1 - share) * made).requires_grad_()
            (slope,) = torch.autograd.grad(D(between).sum(), between, create_graph=True)
            penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
            loss = on_made.mean() - on_real.mean() + 10 * penalty
        for p, slope in zip(d, torch.autograd.grad(loss, d), strict=True):
            p.data -= 0.05 * slope
        on_made = D(G(torch.tensor(ours.noise(8, rng))))
        gloss = bce(on_made, torch.ones_like(on_made)) if kind == "gan" else -on_made.mean()
        for p, slope in zip(g, torch.autograd.grad(gloss, g), strict=True):
            p.data -= 0.05 * slope
        totals = training.totals
        if step == 1:
            assert totals["discriminator_loss"] == pytest.approx(loss.item(), abs=1e-10)
            assert totals["generator_loss"] == pytest.approx(gloss.item(), abs=1e-10)
    for net, theirs in ((ours.generator, g), (ours.discriminator, d)):
        for mine, other in zip(net.parameters(), theirs, strict=True):
            np.testing.assert_allclose(mine.data, other.detach().numpy(), rtol=0, atol=1e-10)


def _convolutional_twin(torch, net, stats):
    """Run the layers of ours in PyTorch, in training mode, with leaves of its own."""
    F = torch.nn.functional
    leaves = {id(p): torch.tensor(p.data.copy(), requires_grad=True) for p in net.parameters()}

    def forward(x):
        for layer in net:
            name = type(layer).__name__
            w = leaves.get(id(getattr(layer, "weight", None)))
            b = leaves.get(id(getattr(layer, "bias", None)))
            if name == "Linear":
                x = x @ w if b is None else x @ w + b
            elif name == "Conv2d":
                x = F.conv2d(x, w, b, 2, 1)
            elif name == "ConvTranspose2d":
                x = F.conv_transpose2d(x, w, b, 2, 1)
            elif name == "BatchNorm2d":
                x = F.batch_norm(
                    x, *stats.setdefault(id(layer), _running(torch, layer)), w, b, True
                )
            elif name == "Unflatten":
                x = x.reshape(len(x), *layer.shape)
            elif name == "Flatten":
                x = x.reshape(len(x), -1)
            else:
                x = {
                    "ReLU": torch.relu,
                    "Tanh": torch.tanh,
                    "LeakyReLU": lambda x: F.leaky_relu(x, 0.2),
                }[name](x)
        return x

    return forward, [leaves[id(p)] for p in net.parameters()]


def _running(torch, layer):
    return torch.tensor(layer.running_mean.copy()), torch.tensor(layer.running_var.copy())


@pytest.mark.parity
@pytest.mark.parametrize("kind", ["dcgan", "wgan-gp"])
def test_three_steps_of_convolutional_pairs_are_those_of_torch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    shape, options = (1, 8, 8), {"latent": 5, "channels": 3, "dtype": "float64", "rng": 0}

    def make():
        if kind == "dcgan":
            return DCGAN(shape, **options)
        return WGANGP(shape, network="convolutional", **options)

    ours, stats = make(), {}
    images = np.random.default_rng(1).uniform(-1, 1, (24, *shape))
    G, g = _convolutional_twin(torch, ours.generator, stats)
    D, d = _convolutional_twin(torch, ours.discriminator, stats)
    settings = {"batch_size": 8, "critic_steps": 1, "progress": "none", "rng": 3}
    training = AdversarialTrainer(ours, images, lr=1e-3, **settings)
    twin = AdversarialTrainer(make(), images, **settings)
    rng, batches = twin.rng, iter(twin.loader)
    adam = {
        "g": torch.optim.Adam(g, 1e-3, ours.betas),
        "d": torch.optim.Adam(d, 1e-3, ours.betas),
    }
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    for _ in range(3):
        real = torch.tensor(next(batches)[0])
        made = G(torch.tensor(ours.noise(8, rng))).detach()
        on_real, on_made = D(real), D(made)
        if kind == "dcgan":
            loss = bce(on_real, torch.ones_like(on_real)) + bce(on_made, torch.zeros_like(on_made))
        else:
            share = torch.tensor(rng.random((8, 1, 1, 1), dtype=np.float32).astype(np.float64))
            between = (share * real + (1 - share) * made).requires_grad_()
            (slope,) = torch.autograd.grad(D(between).sum(), between, create_graph=True)
            penalty = ((slope.flatten(1).norm(2, dim=1) - 1) ** 2).mean()
            loss = on_made.mean() - on_real.mean() + 10 * penalty
        adam["d"].zero_grad()
        loss.backward()
        adam["d"].step()
        on_made = D(G(torch.tensor(ours.noise(8, rng))))
        loss_g = bce(on_made, torch.ones_like(on_made)) if kind == "dcgan" else -on_made.mean()
        adam["g"].zero_grad()
        loss_g.backward()
        adam["g"].step()
    training.run(steps=2)
    before = dict(training.totals)
    training.epochs = 2
    training.run(steps=3)
    history = training.history
    for name, theirs in (("discriminator_loss", loss), ("generator_loss", loss_g)):
        third = 3 * history[name][0] - before[name]
        assert third == pytest.approx(theirs.item(), abs=1e-10)
    for net, theirs in ((ours.generator, g), (ours.discriminator, d)):
        for mine, other in zip(net.parameters(), theirs, strict=True):
            np.testing.assert_allclose(mine.data, other.detach().numpy(), rtol=0, atol=1e-10)
