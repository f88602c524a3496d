"""Train in mixed precision: float16 storage, float32 computation; same accuracy, less memory.

A network of 784-256-128-10 units learns handwritten digits (MNIST) from three seeds, in float32 and
in mixed precision. Then three measurements: how much memory one update of a large batch takes, how
long an update takes, and what becomes of small gradients without loss scaling.

What to expect: the same accuracy within the spread of the seeds; less memory, because the values
that wait for the backward pass take half the room; and no gain of time, rather a loss: processors
without float16 arithmetic convert every number to float32 and back, and NumPy has no kernels that
do so on the fly. On hardware that multiplies float16 itself it is otherwise.

The four files of MNIST are looked for in the folder mnist/ under the one that the environment
variable PELLUCID_DATA names, and downloaded otherwise; --data digits takes the small bundled
digits instead.

Run it:  python examples/mixed_precision.py [--data mnist|digits] [--epochs N]
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.losses import cross_entropy
from pellucid.training import LossScaler, Trainer

SEEDS = (0, 1, 2)
PRECISIONS = ("float32", "mixed")


def network(inputs: int, seed: int, hidden: tuple[int, ...] = (256, 128)) -> nn.Sequential:
    """Return a dense network of ReLU units for ten classes."""
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for size in hidden:
        layers += [nn.Linear(inputs, size, rng=rng), nn.ReLU()]
        inputs = size
    return nn.Sequential(*layers, nn.Linear(inputs, 10, rng=rng))


def accuracies(dataset: Any, epochs: int, batch_size: int = 128) -> dict[str, list[float]]:
    """Return the final test accuracy of each seed, for both precisions."""
    found: dict[str, list[float]] = {}
    for precision in PRECISIONS:
        for seed in SEEDS:
            history = pl.fit(
                network(dataset.train.x.shape[1], seed),
                dataset.train,
                validation=dataset.test,
                epochs=epochs,
                batch_size=batch_size,
                rng=seed,
                progress="none",
                precision=precision,
            )
            found.setdefault(precision, []).append(float(history.last["val_accuracy"] or 0))
    return found


def cost(precision: Any, samples: int, width: int, depth: int = 6) -> tuple[float, float]:
    """Return the peak megabytes and the milliseconds of an update of one large batch."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 64)).astype(np.float32)
    part = (x, rng.integers(0, 10, samples))
    trainer = Trainer(
        network(64, 0, (width,) * depth),
        part,
        optimizer="sgd",
        batch_size=samples,
        epochs=1,
        progress="none",
        rng=0,
        precision=precision,
    )
    trainer.run()
    tracemalloc.start()
    trainer.run(epochs=2)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    seconds = []
    for epoch in range(3, 8):
        start = time.perf_counter()
        trainer.run(epochs=epoch)
        seconds.append(time.perf_counter() - start)
    return peak, 1e3 * min(seconds)


def small(outputs: Any, targets: Any) -> Any:
    """Return cross-entropy times 10⁻⁷: its gradients are below what float16 can hold."""
    return 1e-7 * cross_entropy(outputs, targets)


def with_small_gradients(dataset: Any, precision: Any, epochs: int) -> float:
    """Return the training loss, relative to its start, after learning from small gradients."""
    net = network(dataset.train.x.shape[1], 0, (32,))
    options = {"optimizer": "sgd", "lr": 1e6, "epochs": epochs, "progress": "none", "rng": 0}
    history = pl.fit(net, dataset.train, loss=small, precision=precision, **options)
    return float(history["loss"][-1] or 0) / (1e-7 * np.log(10))


def main(arguments: list[str] | None = None) -> None:
    """Print accuracies, memory, time, and what loss scaling is for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", choices=("mnist", "digits"), default="mnist")
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args(arguments)
    dataset = pl.data.load(options.data)

    print(f"Test accuracy on {options.data} after {options.epochs} epochs, seeds {SEEDS}:")
    for precision, found in accuracies(dataset, options.epochs).items():
        each = "  ".join(f"{accuracy:.4f}" for accuracy in found)
        spread = np.std(found, ddof=1)
        print(f"  {precision:8} {each}   mean {np.mean(found):.4f} ± {spread:.4f}")

    print("\nOne update of a batch of 4096, six hidden layers of 512 units:")
    for precision in PRECISIONS:
        megabytes, milliseconds = cost(precision, 4096, 512)
        print(f"  {precision:8} {megabytes:6.1f} MB at its peak  {milliseconds:7.1f} ms")

    print("\nA loss times 10⁻⁷, relative to that of guessing, after learning from it:")
    digits = pl.data.load("digits")
    unscaled = LossScaler(initial=1.0, growth_interval=10**9)
    for name, precision in (
        ("float32", "float32"),
        ("mixed, the loss scaled by 65,536 at first", "mixed"),
        ("mixed, the loss not scaled", unscaled),
    ):
        print(f"  {with_small_gradients(digits, precision, 5):.3f}  {name}")


if __name__ == "__main__":
    main()
