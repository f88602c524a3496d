"""What it costs that the doctor looks on while a network trains.

The same training with and without ``DoctorCallback()`` at its default interval, in turns, in one
process; the medians of the rounds are compared. Everything is counted, the look before the first
update too. The weights must be the same to the last bit.

    python benchmarks/doctor_cost.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.inspect import DoctorCallback


def _rows(count: int, features: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, count)
    x = rng.standard_normal((count, features)).astype(np.float32)
    x[np.arange(count), y] += 2
    return x, y


def _small() -> tuple[nn.Module, Any, int]:
    net = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))
    return net, _rows(2000, 64), 300


def _large() -> tuple[nn.Module, Any, int]:
    net = nn.Sequential(
        nn.Linear(784, 1024, rng=0), nn.ReLU(), nn.Linear(1024, 1024, rng=1), nn.ReLU(),
        nn.Linear(1024, 10, rng=2),
    )  # fmt: skip
    return net, _rows(4000, 784), 5


def _cnn() -> tuple[nn.Module, Any, int]:
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, rng=0), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, rng=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.2, rng=2), nn.Linear(32 * 49, 10, rng=3),
    )  # fmt: skip
    x, y = _rows(1000, 784)
    return net, (x.reshape(-1, 1, 28, 28), y), 8


CASES: dict[str, Callable[[], tuple[nn.Module, Any, int]]] = {
    "64-32-10, batch 32": _small,
    "784-1024-1024-10, batch 64": _large,
    "convolutions on 28 × 28, batch norm, dropout": _cnn,
}


def _train(make: Callable[[], tuple[nn.Module, Any, int]], watched: bool) -> Any:
    net, samples, epochs = make()
    doctor = DoctorCallback()
    began = time.perf_counter()
    pl.fit(
        net,
        samples,
        epochs=epochs,
        batch_size=64 if len(samples[0]) == 4000 else 32,
        callbacks=[doctor] if watched else [],
        progress="none",
        rng=0,
    )
    seconds = time.perf_counter() - began
    return seconds, net.state_dict(), len(doctor.past.looks), doctor.pace.spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    for name, make in CASES.items():
        _train(make, True)  # warm up
        with_doctor, without, inside = [], [], []
        looks = 0
        for _ in range(rounds):
            plain, weights, _, _ = _train(make, False)
            watched, same, looks, spent = _train(make, True)
            assert all(np.array_equal(weights[path], same[path]) for path in weights)
            without.append(plain)
            with_doctor.append(watched)
            inside.append(spent / watched)
        ratio = statistics.median(w / p for w, p in zip(with_doctor, without, strict=True))
        print(
            f"{name}: {statistics.median(without):.2f} s without, "
            f"{statistics.median(with_doctor):.2f} s with {looks} looks: {ratio - 1:+.1%} by the "
            f"clock, {statistics.median(inside):.1%} spent in looks",
            flush=True,
        )


if __name__ == "__main__":
    main()
