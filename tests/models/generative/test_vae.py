"""The variational autoencoder: its bound, its draws, and its samples."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.errors import DataError, ShapeError
from pellucid.models import VAE
from pellucid.tensor import Tensor
from pellucid.training import Trainer, fit, predict

RNG = np.random.default_rng(0)
X = (RNG.random((40, 1, 4, 4)) < 0.3).astype(np.float32)


def vae(**options) -> VAE:
    return VAE((1, 4, 4), 12, 3, **{"rng": 0, **options})


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_bound_is_that_of_the_formulas(likelihood: str) -> None:
    net = vae(likelihood=likelihood, beta=0.7, sigma=0.5, dtype="float64")
    decoded, mean, log_variance = (
        RNG.normal(size=(40, 1, 4, 4)),
        RNG.normal(size=(40, 3)),
        RNG.normal(size=(40, 3)),
    )
    if likelihood == "bernoulli":
        q = 1 / (1 + np.exp(-decoded))
        error = -(X * np.log(q) + (1 - X) * np.log(1 - q)).sum(axis=(1, 2, 3))
    else:
        each = ((decoded - X) / 0.5) ** 2 / 2 + np.log(0.5 * np.sqrt(2 * np.pi))
        error = each.sum(axis=(1, 2, 3))
    variance = np.exp(log_variance)
    divergence = 0.5 * (mean**2 + variance - 1 - np.log(variance)).sum(axis=1)
    outputs = (None, Tensor(decoded), Tensor(mean), Tensor(log_variance))
    each = error + 0.7 * divergence
    assert net.loss(outputs, X).item() == pytest.approx(each.mean(), rel=1e-6)
    weights = np.arange(40.0)
    found = net.loss(outputs, X, sample_weight=weights).item()
    assert found == pytest.approx(np.average(each, weights=weights), rel=1e-6)


def test_codes_are_drawn_in_training_and_means_in_evaluation() -> None:
    net = vae()
    assert not np.array_equal(net(X)[0].data, net(X)[0].data)
    net.eval()
    np.testing.assert_array_equal(net(X)[0].data, net(X)[0].data)
    np.testing.assert_array_equal(predict(net, X), net.decode(net.encode(X)[0]).data)
    mean, log_variance = Tensor(np.full((20000, 1), 2.0)), Tensor(np.full((20000, 1), np.log(9.0)))
    z = net.draw(mean, log_variance).data
    assert z.mean() == pytest.approx(2, abs=0.1)
    assert z.std() == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_it_learns(likelihood: str) -> None:
    net = vae(likelihood=likelihood)
    history = fit(net, X, validation=X, loss=net.loss, epochs=60, lr=1e-2, progress="none", rng=0)
    assert history["val_loss"][-1] < 0.9 * history["val_loss"][0]
    assert all(p.data.any() for p in net.parameters())


def test_resuming_draws_the_same_codes(tmp_path) -> None:
    def trainer() -> Trainer:
        net = vae()
        return Trainer(net, X, loss=net.loss, epochs=4, batch_size=8, progress="none", rng=0)

    whole, first, second = trainer(), trainer(), trainer()
    whole.run()
    first.run(epochs=2)
    first.save(tmp_path / "state")
    second.restore(tmp_path / "state")
    second.run()
    assert second.history["loss"] == whole.history["loss"]
    assert whole.objective.name == "VAE.loss"


def test_samples_and_ways_between() -> None:
    net = vae()
    made = net.sample(5, rng=1)
    assert made.shape == (5, 1, 4, 4)
    assert 0 < made.min() < made.max() < 1
    np.testing.assert_array_equal(made, net.sample(5, rng=1))
    way = net.interpolate(X[0], X[1], steps=4)
    np.testing.assert_allclose(way[[0, -1]], net.eval()(X[:2])[0].data, rtol=1e-5)
    with pytest.raises(ShapeError, match=r"two samples of shape \(1, 4, 4\), got \(4, 4\)"):
        net.interpolate(X[0, 0], X[1, 0])


def test_settings_out_of_range() -> None:
    with pytest.raises(DataError, match="likelihood is"):
        vae(likelihood="poisson")
    with pytest.raises(DataError, match="sigma is above 0"):
        vae(sigma=0.0)
