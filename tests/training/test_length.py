"""Trainings by updates instead of epochs, rows every so many updates, and augmented batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.data import Loader, Part
from pellucid.errors import DataError
from pellucid.training import Callback, Trainer, fit
from pellucid.training.length import Length

PER_PASS = 4  # batches of 16 of 61 samples


def trainer_of(part: Part, **options: Any) -> Trainer:
    pl.seed(2)
    net = nn.Sequential(nn.Linear(4, 6, rng=0), nn.Dropout(0.2), nn.Tanh(), nn.Linear(6, 3, rng=1))
    settings = {"batch_size": 16, "progress": "none", "rng": 0, "validation": part, **options}
    return Trainer(net, part, **settings)


class Seen(Callback):
    """Notes the first sample of each batch, and the update at each end of an epoch."""

    def __init__(self) -> None:
        self.batches: list[float] = []
        self.ends: list[int] = []

    def on_batch_end(self, trainer: Trainer) -> None:
        self.batches.append(float(trainer.batch[0][0, 0]))

    def on_epoch_end(self, trainer: Trainer) -> None:
        self.ends.append(trainer.step)


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        ({"epochs": 3}, [4, 8, 12]),
        ({"max_steps": 12}, [4, 8, 12]),
        ({"max_steps": 10}, [4, 8, 10]),
        ({"max_steps": 3}, [3]),
        ({"max_steps": 10, "validate_every": 3}, [3, 6, 9, 10]),
        ({"max_steps": 12, "validate_every": 6}, [6, 12]),
        ({"max_steps": 13, "validate_every": 9}, [9, 13]),
        ({"epochs": 3, "validate_every": 5}, [5, 10, 12]),
        ({"max_steps": 8, "validate_every": 100}, [8]),
    ],
)
def test_where_epochs_end_and_that_batches_are_the_same(
    blobs: Part, options: dict[str, int], ends: list[int]
) -> None:
    seen, plain = Seen(), Seen()
    history = trainer_of(blobs, callbacks=seen, **options).run()
    assert seen.ends == ends
    assert len(history) == len(ends)
    assert all(value is not None for value in history["val_loss"])
    trainer_of(blobs, callbacks=plain, epochs=4).run()
    assert seen.batches == plain.batches[: ends[-1]]


@pytest.mark.parametrize("every", [None, 3, 6])
@pytest.mark.parametrize("first", [2, 4, 7, 8])
def test_to_go_on_is_the_same_as_not_to_have_stopped(
    blobs: Part, tmp_path: Any, every: int | None, first: int
) -> None:
    whole = trainer_of(blobs, max_steps=11, validate_every=every)
    whole.run()
    begun = trainer_of(blobs, max_steps=first, validate_every=every)
    begun.run()
    begun.save(tmp_path / "begun.safetensors")
    begun.run(steps=11)
    resumed = trainer_of(blobs, max_steps=11, validate_every=every)
    resumed.restore(tmp_path / "begun.safetensors")
    resumed.run()
    for name, array in whole.net.state_dict().items():
        np.testing.assert_array_equal(begun.net.state_dict()[name], array, err_msg=name)
        np.testing.assert_array_equal(resumed.net.state_dict()[name], array, err_msg=name)
    assert resumed.history.last["val_loss"] == whole.history.last["val_loss"]


@pytest.mark.parametrize("at", [1, 3, 4, 5, 8, 9, 11])
def test_a_save_in_the_middle_resumes_to_the_same_rows(blobs: Part, tmp_path: Any, at: int) -> None:
    class Save(Callback):
        def on_batch_end(self, trainer: Trainer) -> None:
            if trainer.step == at:
                trainer.save(tmp_path / "middle.safetensors")

    whole = trainer_of(blobs, max_steps=11, validate_every=3, grad_clip=0.5)
    whole.callbacks.append(Save())
    whole.run()
    resumed = trainer_of(blobs, max_steps=11, validate_every=3, grad_clip=0.5)
    resumed.restore(tmp_path / "middle.safetensors")
    resumed.run()
    for column in ("loss", "accuracy", "val_loss", "grad_norm"):
        assert resumed.history[column] == whole.history[column], column


def test_accumulated_batches_count_as_one_update(blobs: Part) -> None:
    seen = Seen()
    trainer = trainer_of(blobs, callbacks=seen, max_steps=5, validate_every=3, accumulate=3)
    trainer.run()
    assert seen.ends == [3, 5]
    assert trainer.step == 5


def test_a_schedule_by_name_is_laid_out_over_the_updates(blobs: Part) -> None:
    trainer = trainer_of(blobs, max_steps=10, schedule="linear", optimizer="sgd", lr=1.0)
    trainer.run()
    rate = float(trainer.optimizer.groups[0]["lr"])
    other = trainer_of(blobs, max_steps=40, schedule="linear", optimizer="sgd", lr=1.0)
    other.run(steps=10)
    assert rate < float(other.optimizer.groups[0]["lr"])


def test_fit_takes_steps(blobs: Part) -> None:
    net = nn.Sequential(nn.Linear(4, 6, rng=0), nn.Tanh(), nn.Linear(6, 3, rng=1))
    options = {"batch_size": 16, "progress": "none", "rng": 0}
    assert len(fit(net, blobs, steps=9, validate_every=2, **options)) == 5


def test_the_length_is_given_once() -> None:
    with pytest.raises(DataError, match="given twice, as 3 epochs and as 10 steps"):
        Length(3, 10, None, 4)
    with pytest.raises(DataError, match="steps is a whole number ≥ 1, got 0"):
        Length(None, 0, None, 4)
    with pytest.raises(DataError, match="validate_every is a whole number ≥ 1, got 0"):
        Length(None, 5, 0, 4)


# --- augmentation ---------------------------------------------------------------------------------


def shifted(x: Any, y: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    return x + rng.normal(size=(len(x), 1)).astype(x.dtype), y


def test_training_batches_are_changed_and_validation_is_not(blobs: Part) -> None:
    plain, changed = Seen(), Seen()
    first = trainer_of(blobs, callbacks=plain, epochs=1).run()
    second = trainer_of(blobs, callbacks=changed, epochs=1, augment=shifted).run()
    assert len(plain.batches) == len(changed.batches) == PER_PASS
    assert all(a != b for a, b in zip(plain.batches, changed.batches, strict=True))
    assert first["loss"] != second["loss"]
    identity = trainer_of(blobs, epochs=1, augment=lambda x, y, rng: (x, y)).run()
    assert identity["val_loss"] == first["val_loss"]


def test_the_loader_given_is_left_as_it_is(blobs: Part) -> None:
    loader = Loader(blobs, 16, rng=0)
    trainer_of(loader, validation=None, batch_size=None, epochs=1, augment=shifted).run()
    assert loader.transform is None


def test_messages_about_augmentation(blobs: Part) -> None:
    with pytest.raises(DataError, match=r"augment is a function \(x, y, rng\) -> \(x, y\)"):
        trainer_of(blobs, augment="flip")
    loader = Loader(blobs, 16, transform=shifted, rng=0)
    with pytest.raises(DataError, match="the loader has a transform already"):
        trainer_of(loader, validation=None, batch_size=None, augment=shifted)
