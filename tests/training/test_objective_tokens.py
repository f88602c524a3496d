"""Training on tokens, on tuples of outputs, and on samples that are their own targets."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from pellucid import nn
from pellucid.data import Part
from pellucid.errors import DataError, UnsupportedError
from pellucid.losses import mean_squared_error, token_cross_entropy
from pellucid.training import Callback, Trainer, evaluate, fit, predict

RNG = np.random.default_rng(0)
TOKENS = RNG.integers(0, 5, (30, 6))
NEXT = (TOKENS + 1) % 5


def language_model(rng: int = 0) -> nn.Module:
    return nn.Sequential(nn.Embedding(5, 8, rng=rng), nn.Linear(8, 5, rng=rng + 1))


def test_tokens_are_learnt_by_the_loss_that_auto_finds() -> None:
    net = language_model()
    history = fit(
        net, (TOKENS, NEXT), epochs=30, lr=0.05, metrics="perplexity", progress="none", rng=0
    )
    assert history.last["accuracy"] == 1.0
    assert history.last["perplexity"] < 1.1
    assert predict(net, TOKENS).shape == (30, 6, 5)


def test_perplexity_and_bits_are_of_the_mean_loss() -> None:
    found = evaluate(
        language_model(), (TOKENS, NEXT), metrics=["perplexity", "bits_per_token"], batch_size=7
    )
    assert found["perplexity"] == pytest.approx(np.exp(found["loss"]), rel=1e-5)
    assert found["bits_per_token"] == pytest.approx(found["loss"] / np.log(2), rel=1e-5)


def test_smoothing_changes_the_loss_and_not_the_perplexity() -> None:
    net = language_model()
    plain = evaluate(net, (TOKENS, NEXT), metrics="perplexity")
    smooth = evaluate(
        net,
        (TOKENS, NEXT),
        loss=partial(token_cross_entropy, label_smoothing=0.3),
        metrics="perplexity",
    )
    assert smooth["loss"] != pytest.approx(plain["loss"], rel=1e-3)
    assert smooth["perplexity"] == pytest.approx(plain["perplexity"])


@pytest.mark.parametrize("ignored", [0, -1])
def test_ignored_tokens_do_not_count_anywhere(ignored: int) -> None:
    net = language_model()
    targets = NEXT.copy()
    targets[:, 4:] = ignored
    targets[:7] = ignored  # a whole batch of padding
    loss = partial(token_cross_entropy, ignore_index=ignored)
    metrics = ["perplexity", "f1"]
    found = evaluate(net, (TOKENS, targets), loss=loss, metrics=metrics, batch_size=7)
    z = predict(net, TOKENS).astype(np.float64)
    log_q = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    kept = targets != ignored
    each = -np.take_along_axis(log_q, np.where(kept, targets, 0)[..., None], -1)[..., 0][kept]
    assert found["loss"] == pytest.approx(each.mean(), rel=1e-5)
    assert found["perplexity"] == pytest.approx(np.exp(each.mean()), rel=1e-5)
    assert found["accuracy"] == np.mean(z.argmax(axis=-1)[kept] == targets[kept])
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    expected = sklearn_metrics.f1_score(targets[kept], z.argmax(axis=-1)[kept], average="macro")
    assert found["f1"] == pytest.approx(expected)


def test_a_token_that_is_not_in_the_vocabulary_is_named() -> None:
    with pytest.raises(DataError, match="label 9 at sample 3"):
        targets = NEXT.copy()
        targets[3, 2] = 9
        fit(language_model(), (TOKENS, targets), progress="none")


def test_perplexity_of_measurements_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="'perplexity' is of probabilities of tokens"):
        fit(nn.Linear(2, 1), (np.ones((4, 2)), np.ones(4)), metrics="perplexity", progress="none")


def test_resume_in_the_midst_of_an_epoch_keeps_the_perplexity(tmp_path) -> None:
    class SaveThird(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            if trainer.step == 3:
                trainer.save(tmp_path / "state")

    def trainer() -> Trainer:
        return Trainer(
            language_model(),
            (TOKENS, NEXT),
            epochs=2,
            batch_size=4,
            metrics="perplexity",
            callbacks=SaveThird(),
            progress="none",
            rng=0,
        )

    whole = trainer()
    whole.run()
    rest = trainer()
    rest.restore(tmp_path / "state")
    rest.run()
    assert rest.history["perplexity"] == whole.history["perplexity"]


class TwoHeads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 2, rng=0)
        self.second = nn.Linear(3, 1, rng=1)

    def forward(self, x):
        return self.first(x), self.second(x)


def test_a_loss_of_ones_own_is_given_all_outputs() -> None:
    seen = []

    def loss(outputs, targets):
        seen.append(len(outputs))
        first, second = outputs
        return mean_squared_error(first, targets[:, :2]) + mean_squared_error(
            second, targets[:, 2:]
        )

    x = RNG.normal(size=(40, 3)).astype(np.float32)
    y = np.concatenate([x[:, :2], x[:, :1] + x[:, 1:2]], axis=1)
    net = TwoHeads()
    history = fit(net, (x, y), validation=(x, y), loss=loss, lr=0.05, epochs=60, progress="none")
    assert set(seen) == {2}
    assert history.last["val_loss"] < 1e-2
    np.testing.assert_array_equal(predict(net, x), net(x)[0].data)


def test_samples_alone_are_their_own_targets() -> None:
    x = RNG.normal(size=(50, 2)).astype(np.float32) @ RNG.normal(size=(2, 6)).astype(np.float32)
    net = nn.Sequential(nn.Linear(6, 2, rng=0), nn.Linear(2, 6, rng=1))
    history = fit(net, x, validation=x, loss="mse", lr=0.02, epochs=150, progress="none", rng=0)
    assert history.last["val_loss"] < 0.02 * x.var()


def test_images_are_compared_with_flat_reconstructions() -> None:
    x = RNG.random((12, 1, 3, 3)).astype(np.float32)
    net = nn.Sequential(nn.Flatten(), nn.Linear(9, 9, rng=0))
    assert fit(net, Part(x, x), epochs=1, progress="none").last["loss"] > 0
    with pytest.raises(DataError, match=r"pass the array of samples alone: part\.x"):
        fit(net, Part(x), progress="none")
