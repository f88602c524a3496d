"""Bit-exact resume: N epochs, stop, M more equal N+M in one go, byte for byte."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import CheckpointError
from pellucid.optim import EMA, OPTIMIZERS, SCHEDULES, SWA, Adam, make_optimizer, make_schedule
from pellucid.optim import schedules as sc
from pellucid.training import (
    Averaging,
    Checkpoint,
    CSVLog,
    EarlyStopping,
    History,
    LambdaCallback,
    Trainer,
    load_checkpoint,
)

EPOCHS = 4
BATCHES = 9  # of 7 samples, the last one smaller

# Schedules that cannot be made by name alone.
SCHEDULE_MAKERS = {
    "function": lambda optimizer: sc.Function(optimizer, lambda count: 0.9**count),
    "warm-up": lambda optimizer: sc.WarmUp(sc.Cosine(optimizer, 20), 5),
    "sequential": lambda optimizer: sc.Sequential(
        [sc.Constant(optimizer), sc.Exponential(optimizer, 0.9)], [10]
    ),
    "chained": lambda optimizer: sc.Chained(
        [sc.Exponential(optimizer, 0.95), sc.Linear(optimizer, 30)]
    ),
}


def make_trainer(
    part, *, optimizer="adam", schedule=None, dropout=True, callbacks=None, seed=5, **options
):
    pl.seed(seed)
    layers = [nn.Linear(4, 6, rng=seed), nn.Tanh(), nn.Linear(6, 3, rng=seed + 1)]
    if dropout:
        layers[2:2] = [nn.Dropout(0.3), nn.Dropout(0.1, rng=seed)]
    net = nn.Sequential(*layers)
    steps = make_optimizer(optimizer, net.parameters())
    if isinstance(schedule, str):
        if schedule in SCHEDULE_MAKERS:
            schedule = SCHEDULE_MAKERS[schedule](steps)
        else:
            schedule = make_schedule(schedule, steps, total_steps=EPOCHS * BATCHES)
    return Trainer(
        net,
        part,
        optimizer=steps,
        schedule=schedule,
        batch_size=7,
        epochs=EPOCHS,
        progress="none",
        callbacks=[] if callbacks is None else callbacks(net),
        **options,
    )


def finished(trainer, path):
    """Return everything that there is in the end, without the seconds that it took."""
    trainer.save(path)
    arrays, values = load_checkpoint(path)
    values["seconds"] = None
    values["history"]["columns"].pop("seconds", None)
    content = {name: (str(a.dtype), a.shape, a.tobytes()) for name, a in arrays.items()}
    shown = {name: a.tobytes() for name, a in trainer.net.state_dict().items()}
    return content, shown, json.dumps(values, sort_keys=True)


def assert_same_after_resume(tmp_path, make, stop_after):
    whole = make()
    whole.run()
    first = make()
    first.run(stop_after)
    first.save(tmp_path / "stop")
    second = make()
    second.restore(tmp_path / "stop")
    second.run(EPOCHS)
    assert second.epoch == EPOCHS
    assert finished(second, tmp_path / "b") == finished(whole, tmp_path / "a")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(tmp_path, blobs, name):
    def make():
        return make_trainer(blobs, optimizer=name, dropout=name != "lbfgs", record_steps=True)

    assert_same_after_resume(tmp_path, make, 2)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule(tmp_path, blobs, name):
    def make():
        return make_trainer(blobs, optimizer="sgd", schedule=name, validation=blobs)

    assert_same_after_resume(tmp_path, make, 3)


@pytest.mark.parametrize(
    "name", ["step", "multi-step", "exponential", "cosine", "one-cycle", "plateau"]
)
def test_schedules_per_epoch(tmp_path, blobs, name):
    def make():
        trainer = make_trainer(blobs)
        trainer.schedule = make_schedule(name, trainer.optimizer, total_steps=EPOCHS, per="epoch")
        return trainer

    assert_same_after_resume(tmp_path, make, 1)


WITH_STATE = {
    "early stopping": lambda net: [EarlyStopping(5)],
    "EMA": lambda net: [Averaging(EMA(net, 0.8))],
    "SWA": lambda net: [Averaging(SWA(net), per="epoch", start=1)],
    "both": lambda net: [EarlyStopping(5), Averaging(EMA(net, 0.8))],
    "both, the other way round": lambda net: [Averaging(EMA(net, 0.8)), EarlyStopping(5)],
    "two of a kind": lambda net: [
        EarlyStopping(5, monitor="loss"),
        EarlyStopping(9, monitor="val_accuracy"),
    ],
}


@pytest.mark.parametrize("name", WITH_STATE)
def test_callbacks_with_state(tmp_path, blobs, name):
    def make():
        return make_trainer(
            blobs, callbacks=WITH_STATE[name], validation=blobs[:20], metrics=["f1", "roc_auc"]
        )

    assert_same_after_resume(tmp_path, make, 2)


@pytest.mark.parametrize(
    "options",
    [
        {"grad_clip": 0.5},
        {"grad_clip_value": 0.01},
        {"accumulate": 2},
        {"class_weight": "balanced"},
        {"schedule": "cosine", "optimizer": "nadam"},
    ],
    ids=str,
)
def test_options(tmp_path, blobs, options):
    assert_same_after_resume(tmp_path, lambda: make_trainer(blobs, **options), 2)


def test_a_training_that_stopped_early_stays_stopped(tmp_path, blobs):
    def make():
        return make_trainer(
            blobs, callbacks=lambda net: [EarlyStopping(0, monitor="lr")], validation=blobs
        )

    first = make()
    first.run()
    assert first.epoch == 2  # the learning rate never falls
    first.save(tmp_path / "c")
    second = make()
    second.restore(tmp_path / "c")
    history = second.run(EPOCHS)
    assert second.epoch == 2
    assert history.stopped_by == first.history.stopped_by is not None
    assert finished(first, tmp_path / "a") == finished(second, tmp_path / "b")


@pytest.mark.parametrize("accumulate", [1, 2])
def test_from_the_middle_of_any_epoch(tmp_path, blobs, accumulate):
    """Every update of the first two epochs is a place to go on from."""
    folder = tmp_path / "steps"
    saving = LambdaCallback(on_batch_end=lambda trainer: trainer.save(folder / str(trainer.step)))

    def make(*extra):
        return make_trainer(
            blobs,
            schedule="one-cycle",
            validation=blobs[:10],
            metrics=["f1"],
            accumulate=accumulate,
            callbacks=lambda net: [*WITH_STATE["both"](net), *extra],
            record_steps=True,
        )

    whole = make(saving)
    whole.run(2)
    expected = finished(whole, tmp_path / "a")
    assert len(list(folder.iterdir())) == whole.step
    for step in range(1, whole.step + 1):
        resumed = make()
        resumed.restore(folder / str(step))
        assert resumed.step == step
        resumed.run(2)
        assert finished(resumed, tmp_path / "b") == expected


def test_each_run_goes_on_where_the_last_ended(tmp_path, blobs):
    def make():
        return make_trainer(blobs, callbacks=WITH_STATE["both"], validation=blobs)

    whole = make()
    whole.run(EPOCHS)
    stepwise = make()
    for epochs in (1, 1, 2, EPOCHS):
        assert len(stepwise.run(epochs)) == max(epochs, 1)
    assert finished(stepwise, tmp_path / "a") == finished(whole, tmp_path / "b")


def test_saving_does_not_change_anything(tmp_path, blobs):
    def make(*extra):
        return make_trainer(blobs, callbacks=lambda net: [*extra], schedule="cosine")

    busy = make(Checkpoint(tmp_path / "c", every_steps=1))
    busy.run()
    quiet = make()
    quiet.run()
    for name, array in quiet.net.state_dict().items():
        np.testing.assert_array_equal(busy.net.state_dict()[name], array)
    assert busy.history["loss"] == quiet.history["loss"]


def test_other_bit_generators(tmp_path, blobs):
    def make():
        pl.seed(1)
        philox, mersenne = np.random.Philox(4), np.random.MT19937(3)
        net = nn.Sequential(
            nn.Linear(4, 6, rng=1),
            nn.Dropout(0.5, rng=np.random.Generator(philox)),
            nn.Dropout(0.5, rng=np.random.Generator(mersenne)),
            nn.Linear(6, 3, rng=2),
        )
        return Trainer(net, blobs, batch_size=7, epochs=EPOCHS, progress="none", rng=1)

    assert_same_after_resume(tmp_path, make, 2)


def test_a_lazy_layer_in_a_new_process(tmp_path, blobs):
    def make():
        pl.seed(3)
        net = nn.Sequential(nn.Linear(None, 6), nn.ReLU(), nn.Linear(3))
        return Trainer(net, blobs, epochs=EPOCHS, batch_size=7, progress="none")

    assert_same_after_resume(tmp_path, make, 2)


# --- what does not fit ----------------------------------------------------------------------------


def test_a_checkpoint_of_something_else_changes_nothing(tmp_path, blobs):
    make_trainer(blobs).save(tmp_path / "c")
    pl.seed(0)
    wider = nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 3))
    others = {
        "another architecture": Trainer(wider, blobs, batch_size=7, progress="none"),
        "optimizer was 'Adam' and is now 'SGD'": make_trainer(blobs, optimizer="sgd"),
        "accumulate was 1 and is now 2": make_trainer(blobs, accumulate=2),
        "schedule was None": make_trainer(blobs, schedule="cosine"),
        "samples=61": make_trainer(blobs[:50]),
    }
    for message, trainer in others.items():
        trainer.run(1)
        before = finished(trainer, tmp_path / "before")
        with pytest.raises(CheckpointError, match=message):
            trainer.restore(tmp_path / "c")
        assert finished(trainer, tmp_path / "after") == before


def test_a_missing_callback_is_named(tmp_path, blobs):
    make_trainer(blobs, callbacks=WITH_STATE["both"]).save(tmp_path / "c")
    with pytest.raises(CheckpointError, match="EarlyStopping"):
        make_trainer(blobs).restore(tmp_path / "c")


def test_restore_from_a_folder_and_its_errors(tmp_path, blobs):
    trainer = make_trainer(blobs, run_dir=tmp_path / "run")
    trainer.run(1)
    again = make_trainer(blobs, run_dir=tmp_path / "run")
    again.restore(tmp_path / "run")
    assert again.epoch == 1
    with pytest.raises(CheckpointError, match="no such file"):
        again.restore(tmp_path / "nothing")
    from pellucid.training import save_model

    save_model(tmp_path / "model", trainer.net)
    with pytest.raises(CheckpointError, match="no training state"):
        again.restore(tmp_path / "model")


# --- real processes, really killed ----------------------------------------------------------------

PROGRAM = """
    import sys
    from pathlib import Path

    import numpy as np
    import pellucid as pl
    from pellucid import nn
    from pellucid.optim import EMA
    from pellucid.training import Averaging, Checkpoint, CSVLog, EarlyStopping, Trainer

    folder, optimizer, epochs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    pl.seed(1)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    net = nn.Sequential(
        nn.Linear(8, 16, rng=0), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2, rng=1)
    )
    trainer = Trainer(
        net,
        (x, y),
        validation=(x[:50], y[:50]),
        optimizer=optimizer,
        schedule="one-cycle",
        epochs=epochs,
        batch_size=10,
        metrics=["f1"] if len(sys.argv) > 4 else [],
        progress="none",
        callbacks=[
            EarlyStopping(1000),
            Averaging(EMA(net, 0.9)),
            CSVLog(folder / "history.csv"),
            Checkpoint(folder / "checkpoint.safetensors", every_steps=7),
        ],
    )
    if (folder / "checkpoint.safetensors").exists():
        trainer.restore(folder)
    print(trainer.step, flush=True)
    trainer.run()
    trainer.save(folder / "final.safetensors")
"""


def run_program(tmp_path, folder, optimizer, epochs):
    program = tmp_path / "train.py"
    program.write_text(textwrap.dedent(PROGRAM))
    source = Path(pl.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, str(program), str(folder), optimizer, str(epochs)],
        env={**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def without_seconds(path):
    arrays, values = load_checkpoint(path)
    values["seconds"] = None
    values["history"]["columns"].pop("seconds")
    return {name: array.tobytes() for name, array in arrays.items()}, values


def assert_kills_leave_no_trace(tmp_path, optimizer, epochs, delays):
    whole = tmp_path / "whole"
    with run_program(tmp_path, whole, optimizer, epochs) as process:
        process.communicate(timeout=120)
        assert process.returncode == 0
    broken = tmp_path / "broken"
    starts = []
    for delay in delays:
        with run_program(tmp_path, broken, optimizer, epochs) as process:
            starts.append(int(process.stdout.readline()))
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
    with run_program(tmp_path, broken, optimizer, epochs) as process:
        starts.append(int(process.communicate(timeout=120)[0]))
        assert process.returncode == 0
    assert starts == sorted(starts)
    assert starts[-1] > 0  # something was done before a kill, and not lost by it
    assert without_seconds(broken / "final.safetensors") == without_seconds(
        whole / "final.safetensors"
    )
    logs = [History.from_csv(folder / "history.csv") for folder in (whole, broken)]
    for log in logs:
        log.columns.pop("seconds")
    assert repr(logs[0].columns) == repr(logs[1].columns)
    assert not list(broken.glob(".*.tmp"))


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_processes(tmp_path):
    assert_kills_leave_no_trace(tmp_path, "adam", 12, [0.15, 0.3])


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adafactor", "lamb", "nadam"])
def test_processes_killed_many_times(tmp_path, optimizer):
    delays = np.random.default_rng(sum(map(ord, optimizer))).uniform(0.0, 0.4, 12)
    assert_kills_leave_no_trace(tmp_path, optimizer, 25, list(delays))


def test_the_log_of_a_killed_process_is_repaired(tmp_path, blobs):
    def make():
        return make_trainer(blobs, callbacks=lambda net: [CSVLog(tmp_path / "history.csv")])

    first = make()
    first.run(2)
    first.save(tmp_path / "c")
    with (tmp_path / "history.csv").open("a") as log:
        log.write("3,0.1,0.5,0.001,0.01\n4,0.")  # an epoch after the checkpoint, and half a line
    second = make()
    second.restore(tmp_path / "c")
    second.run(3)
    assert History.from_csv(tmp_path / "history.csv")["loss"] == second.history["loss"]


def test_adam_by_hand_equals_adam_by_name(blobs):
    """The state of an optimizer made by hand is found under the same names."""
    pl.seed(5)
    net = nn.Sequential(nn.Linear(4, 3, rng=0))
    by_hand = Trainer(net, blobs, optimizer=Adam(net.parameters(), lr=0.01), rng=0, progress="none")
    other = nn.Sequential(nn.Linear(4, 3, rng=0))
    by_name = Trainer(other, blobs, optimizer="adam", lr=0.01, rng=0, progress="none")
    assert by_hand.run(3)["loss"] == by_name.run(3)["loss"]
