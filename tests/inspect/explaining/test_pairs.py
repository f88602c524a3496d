"""Two networks trained against each other, and models that are trained by a loss of their own."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.printed_arithmetic import check_tables, check_workings

import pellucid as pl
from pellucid import models, nn
from pellucid.errors import DataError
from pellucid.training import AdversarialTrainer

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(8, 2)).astype(np.float32)
IMAGES = RNG.uniform(-1, 1, size=(8, 1, 8, 8)).astype(np.float32)
PAIRS = {
    "gan": (models.GAN, {"input_shape": 2, "latent": 1, "hidden": 2, "output": "linear"}, ROWS),
    "conditional": (
        models.ConditionalGAN,
        {"input_shape": 2, "classes": 2, "latent": 1, "hidden": 2, "output": "linear"},
        (ROWS, np.arange(8) % 2),
    ),
    "wgan-gp": (
        models.WGANGP,
        {"input_shape": 2, "latent": 1, "hidden": 2, "output": "linear"},
        ROWS,
    ),
    "dcgan": (models.DCGAN, {"input_shape": (1, 8, 8), "latent": 3, "channels": 2}, IMAGES),
}


def _trainer(name):
    kind, options, data = PAIRS[name]
    pair = kind(**options, rng=0)
    return AdversarialTrainer(pair, data, batch_size=4, progress="none", rng=3), data


def _first(data, count):
    return tuple(part[:count] for part in data) if isinstance(data, tuple) else data[:count]


def _sections(explanation, title):
    return [section for section in explanation.sections() if section.title == title]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", PAIRS)
def test_both_halves_of_the_step(name, count):
    trainer, data = _trainer(name)
    explanation = pl.explain(trainer, _first(data, count))
    for half in ("The discriminator's step", "The generator's step"):
        (section,) = _sections(explanation, half)
        phases = [block.phase for block in section.blocks if hasattr(block, "phase")]
        assert phases == ["forward", "loss", "backward", "update"]
    assert check_workings(explanation) > 20
    check_tables(explanation)
    text = explanation.text(full=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "z = drawn at random from N(0, 1)" in text
    assert "D(G(z)) = " in text
    assert explanation.html()
    assert explanation.markdown()


def test_the_losses_are_those_of_the_game():
    trainer, data = _trainer("gan")
    explanation = pl.explain(trainer, data[:2])
    shown = {
        working.left.symbol.sub: working.result.value
        for section in explanation.sections()
        if section.phase == "loss"
        for working in section.blocks
        if hasattr(working, "result") and working.left.symbol.name == "L"
    }
    noise = next(
        q.variable.value
        for q in explanation.quantities()
        if q.symbol is not None and q.symbol.name == "z"
    )
    pair = trainer.gan
    made = pair.generate(noise).data
    real, fake = (np.asarray(pair.judge(x).data, np.float64) for x in (data[:2], made))
    assert shown["real"] == pytest.approx(np.log1p(np.exp(-real)).mean(), rel=1e-5)
    assert shown["made"] == pytest.approx(np.log1p(np.exp(fake)).mean(), rel=1e-5)


def test_the_update_is_that_of_the_trainer():
    trainer, data = _trainer("gan")
    explanation = pl.explain(trainer, data[:2])
    again, _ = _trainer("gan")
    again.both_steps(data[:2])
    new = {path: p.data for path, p in again.gan.named_parameters()}
    shown = {
        v.path: v
        for v in explanation.program.variables
        if v.replaces is not None and v.replaces.role == "parameter"
    }
    assert set(shown) == set(new)
    for path, variable in shown.items():
        np.testing.assert_array_equal(variable.value, new[path])


def test_nothing_of_a_pair_changes():
    trainer, data = _trainer("dcgan")
    before = {name: value.copy() for name, value in trainer.gan.state_dict().items()}
    first = pl.explain(trainer, data[:1]).text()
    for name, value in trainer.gan.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert pl.explain(trainer, data[0]).text() == first


def test_one_layer_of_a_pair():
    trainer, data = _trainer("gan")
    explanation = pl.explain(trainer, data[:1], layer="generator.0", unit=1)
    assert {s.path for s in explanation.sections() if s.path} == {"generator.0"}
    assert len(_sections(explanation, "Forward")) == 2
    with pytest.raises(DataError, match="is out of range"):
        pl.explain(trainer, data[:1], layer="generator.0", unit=9)


def test_what_a_pair_does_not_take():
    trainer, data = _trainer("gan")
    with pytest.raises(DataError, match="real samples of shape \\(2,\\)"):
        pl.explain(trainer, np.zeros((3, 5)))
    with pytest.raises(DataError, match="leave out loss="):
        pl.explain(trainer, data[:1], optimizer="sgd")


# --- several outputs ------------------------------------------------------------------------------

X = np.array([[0.2, 0.9, 0.5]])


def _vae(**options):
    return models.VAE(3, hidden=3, latent=2, rng=0, **options)


def test_a_variational_autoencoder():
    net = _vae()
    explanation = pl.explain(net, X, optimizer="sgd")
    text = explanation.text()
    for formula in (
        "μ = z₂    (picked out [:, :2]: 1 × 4 → 1 × 2)",
        "ε = drawn at random from N(0, 1)",
        "σ = exp(lnσ²·0.5)",
        "z = μ + σ·ε",
        "sum = Σ (μ² + exp(lnσ²) − (lnσ² + 1))",
        "L = (1 / n)·Σ (reconstruction + KL)",
        "The target y is the sample itself.",
    ):
        assert formula in text
    assert check_workings(explanation) > 40
    known = {v.symbol: v.value for v in explanation.program.variables if v.symbol}
    mean, log_variance = known["μ"].astype(float), known["lnσ²"].astype(float)
    expected = 0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1).sum()
    assert known["KL"].sum() == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(known["z"], mean + np.exp(log_variance / 2) * known["ε"], rtol=1e-5)
    total = known["reconstruction"].sum() + known["KL"].sum()
    assert explanation.program.results["loss"].value == pytest.approx(total, rel=1e-6)


def test_the_weight_of_the_divergence_is_shown():
    text = pl.explain(_vae(beta=4.0), X).text()
    assert "L = (1 / n)·Σ (reconstruction + KL·4)" in text


def test_the_forward_pass_of_a_network_with_several_outputs():
    for net in (_vae(), models.SparseAutoencoder(3, code=2, rng=0), _Two()):
        explanation = pl.explain(net, X, loss=None)
        forward = next(s for s in explanation.sections() if s.phase == "forward" and not s.path)
        assert len(forward.blocks) >= 2
        assert check_workings(explanation) > 3
    assert set(explanation.program.results) == {"output", "output_2"}


class _Two(nn.Module):
    """Two heads on one layer."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 2, rng=0)
        self.first, self.second = nn.Linear(2, 1, rng=1), nn.Linear(2, 2, rng=2)

    def forward(self, x):
        hidden = pl.tanh(self.body(x))
        return self.first(hidden), self.second(hidden)


def test_a_loss_of_both_heads():
    def loss(outputs, y):
        return ((outputs[0] - y) ** 2).mean() + 0.5 * (outputs[1] ** 2).mean()

    explanation = pl.explain(_Two(), X, np.array([[1.0]]), loss=loss)
    assert check_workings(explanation) > 10
    (own,) = [s for s in explanation.sections() if s.between and s.phase == "forward"]
    assert own.title == "_Two itself"


def test_a_loss_of_one_output_for_several_is_told():
    with pytest.raises(DataError, match=r"VAE returns 4 outputs.*loss=net\.loss"):
        pl.explain(_vae(), X, X, loss="mse")
    with pytest.raises(DataError, match="_Two returns 2 outputs"):
        pl.explain(_Two(), X, np.array([[1.0]]), loss="mse")
