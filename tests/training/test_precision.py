"""Mixed precision: float16 in between, float32 in the end, scaled losses, bit-exact resume."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid import primitives as p
from pellucid.data import Part
from pellucid.errors import DataError, NonFiniteError, UnknownNameError, UnsupportedError
from pellucid.losses import cross_entropy
from pellucid.training import Callback, LossScaler, Trainer, fit, load_checkpoint
from pellucid.training.half_storage import half_storage

HALF = np.float16


def net_of(seed: int = 0, drop: float = 0.0) -> nn.Module:
    return nn.Sequential(
        nn.Linear(4, 16, rng=seed),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(drop, rng=seed),
        nn.Linear(16, 3, rng=seed + 1),
    )


def trainer_of(part: Part, precision: Any = "mixed", **options: Any) -> Trainer:
    settings = {"batch_size": 16, "epochs": 4, "progress": "none", "rng": 0, "lr": 0.01, **options}
    return Trainer(settings.pop("net", None) or net_of(), part, precision=precision, **settings)


# --- float16 storage, float32 computation ---------------------------------------------------------


def test_products_are_accumulated_in_float32() -> None:
    x = np.full((1, 4096), 0.1, HALF)
    ones = np.ones((4096, 1), HALF)
    with half_storage():
        found = p.matmul(x, ones)
    assert found.dtype == HALF
    # 0.1 in float16 is 0.0999755859375, and 4096 of it 409.5; float16 has steps of 0.25 there
    assert float(found[0, 0]) == 409.5
    stepwise = HALF(0)
    for value in x[0]:
        stepwise = HALF(stepwise + value)
    assert float(stepwise) == 256.0


@pytest.mark.parametrize(
    "function",
    [p.exp, p.tanh, p.sigmoid, lambda x: p.log_softmax(x, axis=-1), lambda x: p.sum(x, axis=0)],
)
def test_functions_round_once_what_float32_gives(function: Any) -> None:
    x = np.random.default_rng(0).normal(size=(50, 7)).astype(HALF)
    with half_storage():
        found = function(x)
    np.testing.assert_array_equal(found, function(x.astype(np.float32)).astype(HALF))


def test_gradients_are_computed_in_float32_too() -> None:
    drawn = np.random.default_rng(0)
    x, w = drawn.normal(size=(200, 30)).astype(HALF), drawn.normal(size=(30, 5)).astype(HALF)
    with half_storage():
        weight = pl.tensor(w, requires_grad=True)
        y = p.matmul(x, weight)
        assert y.dtype == HALF
        y.backward(np.ones(y.shape, HALF))
    expected = x.astype(np.float32).T @ np.ones((200, 5), np.float32)
    np.testing.assert_array_equal(weight.grad, expected.astype(HALF))


def test_other_types_and_the_time_after_are_not_concerned() -> None:
    x = np.random.default_rng(0).normal(size=(20, 20)).astype(np.float32)
    before = p.matmul.forward, p.matmul.vjps
    plain = p.matmul(x, x)
    with half_storage(), half_storage():
        np.testing.assert_array_equal(p.matmul(x, x), plain)
        assert p.matmul(x, x).dtype == np.float32
    assert (p.matmul.forward, p.matmul.vjps) == before
    with pytest.raises(ZeroDivisionError), half_storage():
        raise ZeroDivisionError
    assert (p.matmul.forward, p.matmul.vjps) == before


def test_two_threads_may_use_it() -> None:
    before = p.matmul.forward
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with half_storage():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with half_storage():
        thread.start()
        assert entered.wait(10)
    assert p.matmul.forward is not before
    leave.set()
    thread.join()
    assert p.matmul.forward is before


def test_values_in_between_are_float16_and_what_is_learnt_float32(blobs: Part) -> None:
    seen: dict[str, set[str]] = {"values": set(), "weights": set()}
    net = net_of()

    def watch(path: str, module: nn.Module, inputs: Any, output: Any) -> None:
        if module.training:
            seen["values"].add(str(output.dtype))
            seen["weights"] |= {str(q.dtype) for q in module.parameters()}

    with nn.observe_calls(net, watch):
        trainer = trainer_of(blobs, net=net)
        trainer.run()
    assert seen == {"values": {"float16"}, "weights": {"float16"}}
    state = trainer.net.state_dict()
    assert {str(a.dtype) for name, a in state.items() if "tracked" not in name} == {"float32"}
    moments = trainer.optimizer.state_dict()["arrays"]
    assert {str(a.dtype) for a in moments.values() if a.dtype.kind == "f"} == {"float32"}


# --- the same learning ----------------------------------------------------------------------------


@pytest.mark.parametrize("accumulate", [1, 3])
def test_one_update_is_that_of_float32_up_to_rounding(blobs: Part, accumulate: int) -> None:
    weights = {}
    for precision in ("float32", "mixed"):
        trainer = trainer_of(
            blobs, precision, epochs=1, optimizer="sgd", lr=0.5, accumulate=accumulate
        )
        trainer.run()
        weights[precision] = trainer.net.state_dict()
    for name, array in weights["float32"].items():
        np.testing.assert_allclose(weights["mixed"][name], array, atol=5e-3, err_msg=name)
    assert not np.array_equal(weights["mixed"]["0.weight"], weights["float32"]["0.weight"])


def test_digits_are_learnt_as_well_as_in_float32() -> None:
    digits = pl.data.load("digits")
    right: dict[str, list[float]] = {"float32": [], "mixed": []}
    for precision, found in right.items():
        for seed in range(3):
            net = nn.Sequential(nn.Linear(64, 32, rng=seed), nn.ReLU(), nn.Linear(32, 10, rng=seed))
            history = fit(
                net,
                digits.train,
                validation=digits.test,
                epochs=15,
                lr=3e-3,
                rng=seed,
                progress="none",
                precision=precision,
            )
            found.append(float(history.last["val_accuracy"] or 0))
    means = {name: np.mean(found) for name, found in right.items()}
    assert means["float32"] > 0.95
    # 360 test samples: one of them is 0.003
    assert abs(means["mixed"] - means["float32"]) < 0.008


def tiny(outputs: Any, targets: Any) -> Any:
    """A loss whose gradients are below 6·10⁻⁸, the smallest number of float16."""
    return 1e-7 * cross_entropy(outputs, targets)


def test_small_gradients_vanish_without_scaling_and_survive_with_it(blobs: Part) -> None:
    def learnt(precision: Any) -> float:
        net = nn.Sequential(nn.Linear(4, 16, rng=0), nn.ReLU(), nn.Linear(16, 3, rng=1))
        options = {"loss": tiny, "optimizer": "sgd", "lr": 1e6, "epochs": 10}
        trainer = trainer_of(blobs, precision, net=net, **options)
        before = net[0].weight.data.copy()
        history = trainer.run()
        if np.array_equal(net[0].weight.data, before):
            return 0.0
        return float(history["loss"][0] / history["loss"][-1])

    unscaled = LossScaler(initial=1.0, growth_interval=10**9)
    assert learnt(unscaled) == 0.0
    assert learnt("mixed") > 1.5
    assert learnt("mixed") == pytest.approx(learnt("float32"), rel=0.05)


# --- overflow and scaling -------------------------------------------------------------------------


def test_an_update_that_overflows_is_left_out_and_the_scale_backs_off(blobs: Part) -> None:
    trainer = trainer_of(blobs, LossScaler(initial=2.0**30, growth_interval=5), epochs=1)
    before = {name: array.copy() for name, array in trainer.net.state_dict().items()}
    changed = []

    class Watch(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            now = trainer.net.state_dict()["0.weight"]
            changed.append(not np.array_equal(now, before["0.weight"]))

    trainer.callbacks.append(Watch())
    history = trainer.run()
    assert changed[0] is False
    assert history["skipped_steps"] == [4.0]
    assert history["loss_scale"] == [2.0**26]
    history = trainer.run(epochs=12)
    assert changed[-1] is True
    assert np.isfinite(history["loss"]).all()  # no error: the scaler dealt with it
    assert sum(history["skipped_steps"]) == trainer.mixed.scaler.skipped


def test_the_scale_grows_after_a_streak() -> None:
    scaler = LossScaler(initial=4.0, growth=3.0, backoff=0.25, growth_interval=3)
    scales = []
    for overflowed in (False, False, True, False, False, False, False):
        scaler.update(overflowed)
        scales.append(scaler.scale)
    assert scales == [4, 4, 1, 1, 1, 3, 3]
    assert scaler.skipped == 1


def test_gradients_that_overflow_at_any_scale_are_an_error() -> None:
    scaler = LossScaler(initial=2.0**-13)
    scaler.update(True)
    with pytest.raises(NonFiniteError, match=r"overflow float16 .* even with the loss scaled by"):
        scaler.update(True)


def test_values_beyond_float16_are_named_with_their_layer(blobs: Part) -> None:
    net = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Lambda(lambda x: x * 1e5), nn.Linear(8, 3))
    with pytest.raises(NonFiniteError) as caught:
        trainer_of(blobs, net=net).run()
    text = str(caught.value)
    assert "forward pass in layer '1': Lambda gave" in text
    assert 'precision="float32" has room for them' in text
    assert net[0].weight.dtype == np.float32


def test_gradients_are_clipped_after_unscaling(blobs: Part) -> None:
    norms = {}
    for precision in ("float32", "mixed"):
        history = trainer_of(blobs, precision, grad_clip=0.1, epochs=2).run()
        norms[precision] = history["grad_norm"]
    np.testing.assert_allclose(norms["mixed"], norms["float32"], rtol=0.02)


# --- resume ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [3, 4, 9])
def test_resume_is_bit_exact_with_the_state_of_the_scaler(
    blobs: Part, tmp_path: Any, at: int
) -> None:
    def made() -> Trainer:
        pl.seed(3)
        scaler = LossScaler(initial=2.0**27, growth_interval=4)
        return trainer_of(blobs, scaler, net=net_of(drop=0.2))

    whole = made()
    whole.run()

    class Save(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            if trainer.step == at:
                trainer.save(tmp_path / "half.safetensors")

    first = made()
    first.callbacks.append(Save())
    first.run()
    resumed = made()
    resumed.restore(tmp_path / "half.safetensors")
    assert resumed.step == at
    resumed.run()
    for name, array in whole.net.state_dict().items():
        np.testing.assert_array_equal(resumed.net.state_dict()[name], array, err_msg=name)
    assert resumed.mixed.state_dict() == whole.mixed.state_dict()
    assert whole.mixed.scaler.skipped > 0
    for column in ("loss", "loss_scale", "skipped_steps"):
        assert resumed.history[column] == whole.history[column]
    _, values = load_checkpoint(tmp_path / "half.safetensors")
    assert values["precision"]["scale"] > 0


def test_a_checkpoint_of_another_precision_is_refused(blobs: Part, tmp_path: Any) -> None:
    trainer_of(blobs).save(tmp_path / "mixed.safetensors")
    with pytest.raises(pl.errors.CheckpointError, match="precision was 'mixed' and is now"):
        trainer_of(blobs, "float32").restore(tmp_path / "mixed.safetensors")


# --- messages -------------------------------------------------------------------------------------


def test_messages(blobs: Part) -> None:
    with pytest.raises(UnsupportedError, match="NumPy has no bfloat16"):
        trainer_of(blobs, "bfloat16")
    with pytest.raises(UnknownNameError, match="unknown precision 'mixd'; did you mean 'mixed'"):
        trainer_of(blobs, "mixd")
    with pytest.raises(UnsupportedError, match="L-BFGS compares losses"):
        trainer_of(blobs, "mixed", optimizer="lbfgs", lr=None)
    with pytest.raises(DataError, match="a parameter is float64; convert the network first"):
        trainer_of(blobs, net=net_of().astype("float64"))
    with pytest.raises(DataError, match="a LossScaler needs initial > 0"):
        LossScaler(backoff=2.0)
