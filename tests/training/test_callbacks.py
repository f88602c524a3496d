"""Callbacks: early stopping, checkpoints at the right moments, averaging, the log."""

import errno
import os

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import CheckpointError, DataError, UnknownNameError
from pellucid.optim import EMA, SGD, SWA
from pellucid.training import (
    Averaging,
    Callback,
    Checkpoint,
    CSVLog,
    EarlyStopping,
    History,
    LambdaCallback,
    Trainer,
    evaluate,
    load_checkpoint,
)
from pellucid.training.callbacks.early_stopping import Watch


def make(part, *callbacks, **options):
    options = {"epochs": 4, "batch_size": 16, "rng": 0, "progress": "none", **options}
    net = nn.Sequential(nn.Linear(4, 3, rng=0))
    return Trainer(net, part, callbacks=callbacks, **options)


# --- what is best ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "options", "improving"),
    [
        ([3.0, 2.0, 2.0, 1.0], {}, [1, 1, 0, 1]),
        ([3.0, 2.0, 1.95, 1.0], {"min_delta": 0.1}, [1, 1, 0, 1]),
        ([1.0, 2.0, float("nan"), 3.0], {"mode": "max"}, [1, 1, 0, 1]),
        ([float("nan"), 2.0, None, 1.0], {}, [0, 1, 0, 1]),
        ([-1.0, -2.0, -1.5, -2.5], {}, [1, 1, 0, 1]),
    ],
)
def test_watching(values, options, improving):
    watch = Watch("m", **options)
    assert [watch.improves({"m": v}, i) for i, v in enumerate(values)] == [
        bool(i) for i in improving
    ]


def test_what_is_watched_by_default_and_its_direction():
    watch = Watch()
    assert watch.improves({"loss": 1.0, "val_loss": 5.0}, 1)
    assert not watch.improves({"loss": 0.5, "val_loss": 6.0}, 2)
    accuracy = Watch("val_accuracy")
    assert [accuracy.improves({"val_accuracy": v}, 1) for v in (0.5, 0.4, 0.6)] == [
        True,
        False,
        True,
    ]
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        Watch("valloss").improves({"loss": 1.0, "val_loss": 1.0}, 1)


@pytest.mark.parametrize(
    "bad", [{"patience": -1}, {"patience": 1.5}, {"mode": "up"}, {"min_delta": -1.0}]
)
def test_options_are_checked(bad):
    with pytest.raises(DataError):
        EarlyStopping(**bad)


def test_early_stopping_counts_its_patience(blobs):
    curve = iter([5.0, 4.0, 4.5, 4.6, 3.0, 3.5, 3.6, 3.7, 1.0])

    class Scripted(Callback):
        def on_epoch_evaluated(self, trainer, row):
            row["scripted"] = next(curve)

    trainer = make(blobs, Scripted(), EarlyStopping(2, monitor="scripted"), epochs=20)
    history = trainer.run()
    assert history["scripted"] == [5.0, 4.0, 4.5, 4.6, 3.0, 3.5, 3.6, 3.7]
    assert "epoch 5 was best" in history.stopped_by


def test_best_weights_also_without_stopping_unless_not_wanted(blobs):
    for restore in (True, False):
        kept = []
        keep = LambdaCallback(on_epoch_end=lambda t, kept=kept: kept.append(t.net.state_dict()))
        trainer = make(
            blobs, keep, EarlyStopping(50, monitor="lr", restore_best=restore), schedule="cosine"
        )
        trainer.run()
        expected = kept[trainer.history.best("lr").epoch - 1] if restore else kept[-1]
        np.testing.assert_array_equal(trainer.net[0].weight.data, expected["0.weight"])


# --- checkpoints ----------------------------------------------------------------------------------


def saved_at(part, path, **options):
    """Return (epoch, step) of every save."""
    saves = []

    class Counting(Checkpoint):
        def _save(self, trainer):
            saves.append((trainer.epoch, trainer.step))
            super()._save(trainer)

    make(part, Counting(path, **options)).run()  # 4 batches per epoch
    return saves


def test_when_checkpoints_are_saved(tmp_path, blobs):
    path = tmp_path / "c"
    ends = [(1, 4), (2, 8), (3, 12), (4, 16), (4, 16)]
    assert saved_at(blobs, path) == ends
    assert saved_at(blobs, path, every_steps=5) == [(1, 5), (2, 10), (3, 15), (4, 16)]
    assert saved_at(blobs, path, every_seconds=1000.0) == [(4, 16)]
    assert len(saved_at(blobs, path, every_seconds=0.0)) == 16 + 4 + 1
    lr = {"monitor": "lr", "mode": "min"}
    assert saved_at(blobs, path, best_only=True, **lr) == [(1, 4)]
    assert load_checkpoint(path)[1]["epoch"] == 1


@pytest.mark.parametrize(
    "bad",
    [{"every_steps": 0}, {"every_seconds": -1.0}, {"best_only": True, "every_steps": 3}],
)
def test_checkpoint_options_are_checked(bad):
    with pytest.raises(DataError):
        Checkpoint("c", **bad)


def test_a_checkpoint_holds_what_callbacks_after_it_in_the_list_remember(tmp_path, blobs):
    """Checkpoint comes last, wherever it stands."""
    early = EarlyStopping(9)
    trainer = make(blobs, Checkpoint(tmp_path / "c"), early)
    trainer.run()
    assert load_checkpoint(tmp_path / "c")[1]["callbacks"]["EarlyStopping-1"]["best_epoch"] == 4


def test_a_full_disk_ends_the_training_with_the_old_checkpoint_whole(tmp_path, blobs, monkeypatch):
    path = tmp_path / "c"
    write = os.write

    def fill(trainer):
        if trainer.epoch == 2:
            monkeypatch.setattr(os, "write", full)

    def full(descriptor, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    trainer = make(blobs, Checkpoint(path), LambdaCallback(on_epoch_evaluated=lambda t, r: fill(t)))
    with pytest.raises(CheckpointError, match="disk is full; the file that was there is unchanged"):
        trainer.run()
    monkeypatch.setattr(os, "write", write)
    assert load_checkpoint(path)[1]["epoch"] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["c"]
    trainer.save(path)  # nothing is lost in memory either
    assert load_checkpoint(path)[1]["epoch"] == 3


def test_the_log_follows_the_history(tmp_path, blobs):
    path = tmp_path / "inner" / "history.csv"
    sizes = []
    watch = LambdaCallback(on_epoch_end=lambda t: sizes.append(len(History.from_csv(path))))
    trainer = make(blobs, CSVLog(path), watch, validation=blobs)
    trainer.run()
    assert sizes == [1, 2, 3, 4]
    assert History.from_csv(path).columns == trainer.history.columns


def test_a_log_that_cannot_be_written(tmp_path, blobs, monkeypatch):
    path = tmp_path / "history.csv"

    def block(trainer):
        if trainer.epoch == 1:
            path.unlink()
            path.mkdir()

    with pytest.raises(CheckpointError, match=r"history\.csv.*folder"):
        make(blobs, CSVLog(path), LambdaCallback(on_epoch_begin=block)).run()


# --- averaging ------------------------------------------------------------------------------------


def test_an_ema_is_judged_and_left_in_the_network(blobs):
    seen, decay = [], 0.7

    class Noting(Callback):
        def on_batch_end(self, trainer):
            seen.append(trainer.net[0].weight.data.copy())

    net = nn.Sequential(nn.Linear(4, 3, rng=0, dtype=np.float64))
    start = net[0].weight.data.copy()
    trainer = Trainer(
        net,
        blobs,
        validation=blobs,
        optimizer=SGD(net.parameters(), lr=0.3),
        callbacks=[Noting(), Averaging(EMA(net, decay))],
        epochs=3,
        rng=0,
        progress="none",
    )
    history = trainer.run()
    average = start
    for weights in seen:
        average = decay * average + (1 - decay) * weights
    np.testing.assert_allclose(net[0].weight.data, average, rtol=1e-12)
    assert history.last["val_loss"] == evaluate(net, blobs)["loss"]
    trainer.withdraw()
    np.testing.assert_array_equal(net[0].weight.data, seen[-1])
    assert history.last["val_loss"] != evaluate(net, blobs)["loss"]


def test_swa_averages_the_ends_of_the_last_epochs(blobs):
    seen = []
    keep = LambdaCallback(on_epoch_end=lambda t: seen.append(t.net[0].weight.data.copy()))
    net = nn.Sequential(nn.Linear(4, 3, rng=0, dtype=np.float64))
    callbacks = [keep, Averaging(SWA(net), per="epoch", start=2)]
    Trainer(net, blobs, epochs=5, callbacks=callbacks, rng=0, progress="none").run()
    np.testing.assert_allclose(net[0].weight.data, np.mean(seen[2:], axis=0), rtol=1e-12)


def test_early_stopping_keeps_the_best_average(blobs):
    for order in (1, -1):
        net = nn.Sequential(nn.Linear(4, 3, rng=0))
        callbacks = [EarlyStopping(2), Averaging(EMA(net, 0.5))][::order]
        trainer = Trainer(
            net,
            blobs,
            validation=blobs[:20],
            optimizer=SGD(net.parameters(), lr=5.0),
            callbacks=callbacks,
            epochs=40,
            rng=0,
            progress="none",
        )
        history = trainer.run()
        assert evaluate(net, blobs[:20])["loss"] == history.best("val_loss").value


def test_averaging_options_are_checked(blobs):
    net = nn.Sequential(nn.Linear(4, 3))
    with pytest.raises(DataError, match="'step' or 'epoch'"):
        Averaging(EMA(net), per="batch")
    with pytest.raises(DataError, match="epochs"):
        Averaging(EMA(net), start=-1)


def test_a_function_for_a_hook_that_is_not_there():
    with pytest.raises(UnknownNameError, match="did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)
