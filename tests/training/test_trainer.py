"""The loop: the same bits as one written by hand, weights, accumulation, Ctrl-C, hooks."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl
from pellucid import losses, nn
from pellucid.data import Loader, Part
from pellucid.errors import DataError, ShapeError
from pellucid.optim import LBFGS, SGD, Adam, clip_grad_norm
from pellucid.optim.schedules import Cosine, OneCycle, Plateau, StepDecay
from pellucid.training import (
    Callback,
    EarlyStopping,
    LambdaCallback,
    Trainer,
    evaluate,
    fit,
    load_model,
)
from pellucid.training.callbacks.callback import HOOKS
from pellucid.training.defaults import default_lr

XOR = (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0]))


def small_net(outputs=3, inputs=4, seed=0, dtype=None):
    return nn.Sequential(
        nn.Linear(inputs, 8, rng=seed, dtype=dtype),
        nn.Tanh(),
        nn.Linear(8, outputs, rng=seed + 1, dtype=dtype),
    )


def weights(net):
    return {name: array.tobytes() for name, array in net.state_dict().items()}


# --- by hand and by fit ---------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_a_loop_written_by_hand_gives_the_same_bits(blobs, weighted):
    part = blobs.weighted(np.linspace(0.5, 2, len(blobs))) if weighted else blobs
    pl.seed(3)
    hand = nn.Sequential(*small_net(), nn.Dropout(0.2))
    optimizer = Adam(hand.parameters(), lr=0.01)
    step_losses = []
    for _ in range(3):
        for x, y, *w in Loader(part, batch_size=8, rng=4):
            loss = losses.cross_entropy(hand(x), y, sample_weight=w[0] if w else None)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            step_losses.append(loss.item())
    pl.seed(3)
    net = nn.Sequential(*small_net(), nn.Dropout(0.2))

    class FirstOrder(Loader):  # the hand-written loop makes a new loader each epoch
        def order(self, epoch):
            return super().order(0)

    history = fit(
        net,
        FirstOrder(part, batch_size=8, rng=4),
        loss=losses.cross_entropy,
        optimizer=Adam(net.parameters(), lr=0.01),
        epochs=3,
        record_steps=True,
        progress="none",
    )
    assert history.step_losses == step_losses
    assert weights(net) == weights(hand)


def test_by_hand_with_schedule_and_clipping(blobs):
    hand = small_net()
    optimizer = SGD(hand.parameters(), lr=0.5, momentum=0.9)
    schedule = OneCycle(optimizer, 16)
    loader = Loader(blobs, batch_size=8, rng=4)
    for _ in range(2):
        for x, y in loader:
            losses.cross_entropy(hand(x), y).backward()
            clip_grad_norm(hand.parameters(), 0.3)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
    net = small_net()
    optimizer = SGD(net.parameters(), lr=0.5, momentum=0.9)
    history = fit(
        net,
        Loader(blobs, batch_size=8, rng=4),
        optimizer=optimizer,
        schedule=OneCycle(optimizer, 16),
        grad_clip=0.3,
        epochs=2,
        progress="none",
    )
    assert weights(net) == weights(hand)
    assert all(norm > 0 for norm in history["grad_norm"])


def test_the_users_loader_is_not_moved(blobs):
    loader = Loader(blobs, batch_size=8, rng=4)
    before = loader.state_dict()
    fit(small_net(), loader, epochs=2, progress="none")
    assert loader.state_dict() == before
    with pytest.raises(DataError, match="batch_size"):
        fit(small_net(), loader, batch_size=16, progress="none")


def test_the_same_seed_gives_the_same_bits_and_another_does_not(blobs):
    def run(seed):
        net = small_net()
        fit(net, blobs, epochs=2, rng=seed, progress="none")
        return weights(net)

    assert run(1) == run(1) != run(2)


def test_the_default_generator_orders_the_samples(blobs):
    def run(seed):
        pl.seed(seed)
        net = small_net()
        fit(net, blobs, epochs=2, progress="none")
        return weights(net)

    assert run(1) == run(1) != run(2)


def test_float64_nets_train_in_float64(blobs):
    assert blobs.x.dtype == np.float32
    net = small_net(dtype=np.float64)
    fit(net, blobs, epochs=1, progress="none", rng=0, validation=blobs)
    assert {p.data.dtype for p in net.parameters()} == {np.dtype(np.float64)}
    hand = small_net(dtype=np.float64)
    optimizer = Adam(hand.parameters(), lr=1e-2)
    for x, y in Loader(blobs, 32, rng=0):
        losses.cross_entropy(hand(x.astype(np.float64)), y).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert weights(net) == weights(hand)


def test_float32_nets_stay_float32_on_float64_data(slope):
    net = small_net(1, 3)
    history = fit(net, (slope.x.astype(np.float64), slope.y.astype(np.float64)), progress="none")
    assert {p.data.dtype for p in net.parameters()} == {np.dtype(np.float32)}
    assert history.last["loss"] < 0.05


# --- weights, accumulation ------------------------------------------------------------------------


def test_accumulation_equals_one_large_batch(blobs):
    part = Part(blobs.x.astype(np.float64), blobs.y)
    nets = [small_net(dtype=np.float64) for _ in range(2)]
    for net, size, accumulate in zip(nets, (30, 10), (1, 3), strict=True):
        fit(
            net,
            Loader(part, size, rng=2),
            optimizer=SGD(net.parameters(), lr=0.1),
            accumulate=accumulate,
            epochs=3,
            progress="none",
        )
    for a, b in zip(*(net.state_dict().values() for net in nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_accumulation_counts_weighted_batches_by_their_weights(blobs):
    part = Part(blobs.x.astype(np.float64), blobs.y, sample_weight=np.linspace(0, 3, len(blobs)))
    nets = [small_net(dtype=np.float64) for _ in range(2)]
    histories = [
        fit(
            net,
            Loader(part, size, rng=2),
            optimizer=SGD(net.parameters(), lr=0.1),
            accumulate=accumulate,
            epochs=2,
            progress="none",
        )
        for net, size, accumulate in zip(nets, (61, 16), (1, 4), strict=True)
    ]
    for a, b in zip(*(net.state_dict().values() for net in nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)  # weights are float32
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-6)


def test_class_weight_equals_sample_weight(blobs):
    class_weight = [1.0, 2.0, 0.5]
    runs = []
    for options in (
        {"class_weight": class_weight},
        {"class_weight": {1: 2, 2: 0.5}},
        {"sample_weight": np.array(class_weight)[blobs.y]},
    ):
        net = small_net()
        fit(net, blobs, epochs=2, rng=0, progress="none", **options)
        runs.append(weights(net))
    assert runs[0] == runs[1] == runs[2]


def test_class_weight_equals_that_of_the_loss(blobs):
    nets = [small_net(dtype=np.float64) for _ in range(2)]
    part = Part(blobs.x.astype(np.float64), blobs.y)
    fit(nets[0], part, epochs=2, rng=0, class_weight=[1.0, 2.0, 0.5], progress="none")

    def weighted(logits, labels):
        return losses.cross_entropy(logits, labels, class_weight=np.array([1.0, 2.0, 0.5]))

    fit(nets[1], part, loss=weighted, epochs=2, rng=0, progress="none")
    for a, b in zip(*(net.state_dict().values() for net in nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def test_balanced_weights_are_those_of_scikit_learn():
    utils = pytest.importorskip("sklearn.utils.class_weight")
    y = np.array([0] * 7 + [1] * 2 + [2] * 3)
    x = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    trainer = Trainer(small_net(), (x, y), class_weight="balanced", progress="none")
    expected = utils.compute_sample_weight("balanced", y)
    np.testing.assert_allclose(trainer.loader.part.sample_weight, expected, rtol=1e-6)


def test_balanced_binary_weights():
    y = np.array([0] * 9 + [1] * 3)
    x = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
    trainer = Trainer(small_net(1), (x, y), class_weight="balanced", progress="none")
    np.testing.assert_allclose(trainer.loader.part.sample_weight[[0, -1]], [12 / 18, 12 / 6])


def test_weights_change_what_is_learnt_and_zero_weights_count_nothing(blobs):
    half = np.arange(len(blobs)) < 30
    part = Part(blobs.x.astype(np.float64), blobs.y)
    nets = [small_net(dtype=np.float64) for _ in range(2)]
    for net, chosen, weight in zip(
        nets, (part, part[:30]), (half.astype(float), None), strict=True
    ):
        optimizer = SGD(net.parameters(), lr=0.1)
        loader = Loader(chosen, len(chosen), shuffle=False)
        fit(net, loader, optimizer=optimizer, sample_weight=weight, epochs=5, progress="none")
    for a, b in zip(*(net.state_dict().values() for net in nets), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


# --- defaults -------------------------------------------------------------------------------------


def solves_xor(seed, outputs):
    net = nn.Sequential(
        nn.Linear(2, 8, rng=seed), nn.Tanh(), nn.Linear(8, outputs, rng=seed + 1000)
    )
    return fit(net, XOR, rng=seed, progress="none").last["accuracy"] == 1.0


@pytest.mark.parametrize("outputs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_xor_is_solved_with_the_defaults(outputs):
    assert all(solves_xor(seed, outputs) for seed in range(5))


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [1, 2])
def test_xor_is_solved_with_the_defaults_from_100_seeds(outputs):
    assert sum(solves_xor(seed, outputs) for seed in range(100)) == 100


def test_default_epochs_batch_size_and_rate(blobs):
    trainer = Trainer(small_net(), blobs, progress="none")
    assert (trainer.loader.batch_size, len(trainer.loader)) == (32, 2)
    assert trainer.epochs == 500  # 1,000 updates
    assert trainer.optimizer.groups[0]["lr"] == 0.01  # a small network
    large = nn.Sequential(nn.Linear(4, 200), nn.Linear(200, 3))
    many = Part(np.zeros((32 * 200, 4), np.float32), np.arange(32 * 200) % 3)
    trainer = Trainer(large, many, progress="none")
    assert trainer.epochs == 10
    assert trainer.optimizer.groups[0]["lr"] == 0.001


def test_lbfgs_takes_all_samples_at_once(slope):
    net = nn.Sequential(nn.Linear(3, 1, rng=0, dtype=np.float64))
    trainer = Trainer(net, slope, optimizer="lbfgs", epochs=3, progress="none", validation=slope)
    assert trainer.loader.batch_size == len(slope)
    history = trainer.run()
    a = np.column_stack([slope.x, np.ones(len(slope))]).astype(np.float64)
    solution, *_ = np.linalg.lstsq(a, slope.y.astype(np.float64), rcond=None)
    np.testing.assert_allclose(net[0].weight.data, solution[:3], rtol=1e-4)
    residual = np.mean((a @ solution - slope.y) ** 2)
    assert history.last["val_loss"] == pytest.approx(residual, rel=1e-6)
    for option in ({"grad_clip": 1.0}, {"accumulate": 2}):
        with pytest.raises(DataError, match="true gradient"):
            Trainer(net, slope, optimizer=LBFGS(net.parameters()), **option)


def test_schedules_by_name_span_the_training(blobs):
    net = small_net()
    trainer = Trainer(net, blobs, schedule="cosine", lr=0.1, epochs=3, progress="none")
    assert isinstance(trainer.schedule, Cosine)
    trainer.run()
    assert trainer.schedule.count == 6
    assert trainer.optimizer.groups[0]["lr"] == pytest.approx(0, abs=1e-12)


def test_a_schedule_per_epoch_and_one_on_a_metric(blobs):
    net = small_net()
    optimizer = SGD(net.parameters(), lr=1.0)
    history = fit(
        net,
        blobs,
        optimizer=optimizer,
        schedule=StepDecay(optimizer, 2, per="epoch"),
        epochs=5,
        progress="none",
    )
    assert history["lr"] == pytest.approx([1.0, 1.0, 0.1, 0.1, 0.01])
    seen = []

    class Recorded(Plateau):
        def step(self, metric=None):
            seen.append(metric)
            super().step(metric)

    optimizer = SGD(net.parameters(), lr=0.01)
    history = fit(
        net,
        blobs,
        validation=blobs,
        optimizer=optimizer,
        schedule=Recorded(optimizer),
        epochs=3,
        progress="none",
    )
    assert seen == history["val_loss"]


# --- history and evaluation -----------------------------------------------------------------------


def test_the_history_has_every_curve(blobs):
    history = fit(
        small_net(),
        blobs,
        validation=blobs,
        metrics=["f1"],
        epochs=3,
        grad_clip=1.0,
        progress="none",
    )
    measured = ["loss", "accuracy", "f1"]
    judged = [f"val_{name}" for name in measured]
    assert list(history.columns) == [*measured, *judged, "grad_norm", "lr", "seconds"]
    assert len(history) == 3
    assert all(type(v) is float for curve in history.columns.values() for v in curve)
    assert all(s > 0 for s in history["seconds"])


def test_the_training_loss_is_the_mean_over_samples(blobs):
    """With a rate of (nearly) zero the network stays, so the mean is that of one pass."""
    net = small_net(dtype=np.float64)
    expected = evaluate(net, blobs, metrics=["f1"])
    optimizer = SGD(net.parameters(), lr=1e-300)
    history = fit(
        net, blobs, validation=blobs, optimizer=optimizer, metrics=["f1"], epochs=1, batch_size=7,
        progress="none",
    )  # fmt: skip
    for name, value in expected.items():
        assert history[name][0] == pytest.approx(value, rel=1e-12)
        assert history[f"val_{name}"][0] == pytest.approx(value, rel=1e-12)


def test_layers_keep_their_modes_through_evaluation(blobs):
    net = nn.Sequential(*small_net(), nn.Dropout(0.5))
    seen = []
    watch = LambdaCallback(
        on_batch_end=lambda trainer: seen.append(net.training),
        on_epoch_end=lambda trainer: seen.append(net.training),
    )
    fit(net, blobs, validation=blobs, epochs=2, callbacks=[watch], progress="none")
    assert all(seen)
    assert net.training


# --- callbacks ------------------------------------------------------------------------------------


def test_every_hook_is_called_in_order(blobs):
    calls = []

    def note(name):
        return lambda trainer, *rest: calls.append((name, trainer.epoch, trainer.step))

    told = {name: note(name) for name in HOOKS if name not in ("evaluation_weights",)}
    fit(small_net(), blobs, epochs=2, callbacks=[LambdaCallback(**told)], progress="none")
    epoch = ["on_epoch_begin", *["on_loss", "on_gradients", "on_batch_end"] * 2]
    epoch += ["on_epoch_evaluated", "on_epoch_end"]
    assert [name for name, _, _ in calls] == ["on_train_begin", *epoch, *epoch, "on_train_end"]
    assert calls[0][1:] == (0, 0)
    assert calls[-1][1:] == (2, 4)
    assert [c[1:] for c in calls if c[0] == "on_epoch_end"] == [(1, 2), (2, 4)]


def test_the_error_hook(blobs):
    calls = []

    def fail(trainer):
        raise ZeroDivisionError

    callback = LambdaCallback(on_batch_end=fail, on_train_error=lambda t: calls.append("error"))
    with pytest.raises(ZeroDivisionError):
        fit(small_net(), blobs, callbacks=[callback], progress="none")
    assert calls == ["error"]


def test_training_goes_on_after_an_error_in_a_callback(blobs):
    """The batch was done when the error came, and is not done twice."""
    trainer = Trainer(small_net(), blobs, epochs=3, rng=0, batch_size=8, progress="none")
    failing = LambdaCallback(on_batch_end=_raise_at(5))
    trainer.callbacks.append(failing)
    with pytest.raises(ZeroDivisionError):
        trainer.run()
    assert trainer.step == 5
    trainer.callbacks.remove(failing)
    trainer.run()
    whole = Trainer(small_net(), blobs, epochs=3, rng=0, batch_size=8, progress="none")
    whole.run()
    assert weights(trainer.net) == weights(whole.net)
    assert trainer.history["loss"] == whole.history["loss"]


def _raise_at(step):
    def hook(trainer):
        if trainer.step == step:
            raise ZeroDivisionError

    return hook


def test_stopping_by_a_callback(blobs):
    class Enough(Callback):
        def on_epoch_end(self, trainer):
            if trainer.epoch == 2:
                trainer.stop("that is enough")

    history = fit(small_net(), blobs, epochs=9, callbacks=[Enough()], progress="none")
    assert len(history) == 2
    assert history.stopped_by == "that is enough"
    assert "that is enough" in repr(history)


def test_early_stopping_brings_the_best_weights_back_and_training_can_go_on(blobs):
    net = small_net()
    kept = {}

    class Keep(Callback):
        def on_epoch_evaluated(self, trainer, row):
            kept[trainer.epoch + 1] = weights(trainer.net)

    rates = SGD(net.parameters(), lr=3.0)  # too high: it jumps
    trainer = Trainer(
        net,
        blobs,
        validation=blobs[:20],
        optimizer=rates,
        epochs=30,
        batch_size=8,
        callbacks=[Keep(), EarlyStopping(4)],
        progress="none",
        rng=0,
    )
    history = trainer.run()
    best = history.best("val_loss")
    assert len(history) == best.epoch + 5 < 30
    assert weights(net) == kept[best.epoch]
    assert evaluate(net, blobs[:20])["loss"] == best.value
    trainer.withdraw()
    assert weights(net) == kept[len(history)]


def test_a_curve_that_is_not_there(blobs):
    with pytest.raises(pl.errors.UnknownNameError, match="val_acc"):
        fit(small_net(), blobs, callbacks=[EarlyStopping(monitor="val_acc")], progress="none")


@pytest.mark.parametrize("callback", [EarlyStopping, "early", None])
def test_what_is_not_a_callback(blobs, callback):
    with pytest.raises(DataError, match="a callback is a Callback"):
        Trainer(small_net(), blobs, callbacks=[callback])


# --- Ctrl-C ---------------------------------------------------------------------------------------


def press_ctrl_c_at(*steps):
    def hook(trainer):
        if trainer.step in steps:
            os.kill(os.getpid(), signal.SIGINT)

    return LambdaCallback(on_batch_end=hook)


def test_the_first_ctrl_c_ends_the_training_with_everything_saved(tmp_path, blobs):
    before = signal.getsignal(signal.SIGINT)
    options = {"epochs": 4, "batch_size": 8, "rng": 0, "progress": "none"}
    net = small_net()
    trainer = Trainer(
        net, blobs, callbacks=[press_ctrl_c_at(11)], run_dir=tmp_path / "run", **options
    )
    history = trainer.run()
    assert history.interrupted
    assert (trainer.step, trainer.epoch, len(history)) == (11, 1, 1)
    assert signal.getsignal(signal.SIGINT) is before
    whole = Trainer(small_net(), blobs, **options)
    whole.run()
    resumed = Trainer(small_net(), blobs, run_dir=tmp_path / "run", **options)
    resumed.restore(tmp_path / "run")
    assert resumed.step == 11
    assert not resumed.run().interrupted
    assert weights(resumed.net) == weights(whole.net)
    assert not trainer.run().interrupted  # and in the same process
    assert weights(trainer.net) == weights(whole.net)


@pytest.mark.parametrize("step", [8, 32])
def test_ctrl_c_at_the_last_batch_of_an_epoch_and_of_all(blobs, step):
    trainer = Trainer(
        small_net(), blobs, epochs=4, batch_size=8, callbacks=[press_ctrl_c_at(step)], rng=0,
        progress="none",
    )  # fmt: skip
    history = trainer.run()
    assert history.interrupted
    assert trainer.step == step
    trainer.run()
    whole = Trainer(small_net(), blobs, epochs=4, batch_size=8, rng=0, progress="none")
    whole.run()
    assert trainer.history["loss"] == whole.history["loss"]
    assert weights(trainer.net) == weights(whole.net)


def test_the_second_ctrl_c_interrupts_at_once(blobs):
    def twice(trainer):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    trainer = Trainer(
        small_net(), blobs, callbacks=[LambdaCallback(on_batch_end=twice)], progress="none"
    )
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    assert trainer.step == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_training_in_another_thread_leaves_signals_alone(blobs):
    found = []

    def train():
        found.append(fit(small_net(), blobs, epochs=1, progress="none"))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert len(found[0]) == 1


# --- imports --------------------------------------------------------------------------------------


def test_importing_loads_no_extra():
    code = "import sys, pellucid.training; print(*sys.modules)"
    source = Path(pl.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    extras = {"sklearn", "matplotlib", "rich", "click", "scipy", "IPython", "pandas"}
    assert not extras & {name.split(".")[0] for name in done.stdout.split()}


# --- what fit makes of what it is given -----------------------------------------------------------


def test_a_run_folder_holds_config_model_checkpoint_and_history(tmp_path):
    net = small_net(outputs=2, inputs=2)
    fit(net, XOR, epochs=2, progress="none", run_dir=tmp_path / "run")
    found = {path.name for path in (tmp_path / "run").iterdir()}
    assert found == {"config.json", "model.safetensors", "checkpoint.safetensors", "history.csv"}
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["loss"], config["epochs"], config["samples"]) == ("cross_entropy", 2, 4)
    saved = load_model(tmp_path / "run" / "model.safetensors", small_net(outputs=2, inputs=2))
    assert weights(saved.net) == weights(net)
    assert saved.loss == "cross_entropy"


def test_whole_numbers_that_one_output_predicts_ask_for_a_loss():
    ages = np.array([23, 35, 61, 40])
    with pytest.raises(DataError, match=r"y is 23 for sample 0.*for measurements mean_squared"):
        Trainer(small_net(1, 2), (XOR[0], ages))
    assert Trainer(small_net(1, 2), (XOR[0], ages), loss="mse").objective.task == "values"


def test_labels_in_floats_are_told_from_missing_outputs():
    with pytest.raises(ShapeError, match=r"cross_entropy and y\.astype\(int\)"):
        Trainer(small_net(3, 2), (XOR[0], np.array([0.0, 1.0, 2.0, 1.0], np.float32)))


def test_one_callback_needs_no_list():
    stopping = EarlyStopping(monitor="loss")
    trainer = Trainer(small_net(2, 2), XOR, callbacks=stopping, progress="none")
    assert stopping in trainer.callbacks


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(DataError, match="all sample weights of train are 0"):
        Trainer(small_net(2, 2), XOR, sample_weight=np.zeros(4))


def test_a_loss_without_a_place_for_weights_is_refused():
    def own(outputs, targets):
        return losses.cross_entropy(outputs, targets)

    with pytest.raises(DataError, match="the loss 'own' does not take sample_weight="):
        Trainer(small_net(2, 2), XOR, loss=own, class_weight="balanced")


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda self, x: None, "gave a NoneType.*does forward.. end with return"),
        (lambda self, x: {"outputs": x}, "gave a dict"),
    ],
)
def test_a_forward_without_outputs_is_named(forward, message):
    broken = type("Broken", (nn.Module,), {"forward": forward})()
    with pytest.raises(DataError, match=message):
        Trainer(broken, XOR)


@pytest.mark.parametrize(
    ("name", "parameters", "rate"),
    [("sgd", 17_226, 0.01), ("SGD", 30, 0.01), ("adam", 17_226, 0.001), ("adam", 30, 0.01)],
)
def test_the_learning_rate_of_an_optimizer_by_name(name, parameters, rate):
    assert default_lr(name, parameters) == rate
