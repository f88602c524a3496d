"""What is trained in the benchmark of steps: four dense networks, their weights and their data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

LEARNING_RATE = 1e-3
BATCHES = 16
"""Steps go round this many different batches, so that no cache holds all data at once."""

LABEL_NOISE = 0.2
"""Share of random labels: the loss must not vanish, as denormal numbers would slow the steps."""


@dataclass(frozen=True)
class Network:
    """A dense network with ReLU between its layers, and the size of the batches it is fed."""

    sizes: tuple[int, ...]
    batch: int

    @property
    def name(self) -> str:
        """The sizes with hyphens, as in "784-128-10"."""
        return "-".join(map(str, self.sizes))

    def weights(self) -> list[tuple[Array, Array]]:
        """Draw the initial weights, the same for every contestant: He (2015), and zero biases."""
        rng = np.random.default_rng(0)
        return [
            (
                (rng.standard_normal((n, m)) * np.sqrt(2 / n)).astype(np.float32),
                np.zeros(m, np.float32),
            )
            for n, m in zip(self.sizes, self.sizes[1:], strict=False)
        ]

    def data(self) -> list[tuple[Array, Labels]]:
        """Draw batches of points around one centre per class, with noise in the labels."""
        rng = np.random.default_rng(1)
        classes = self.sizes[-1]
        centres = rng.standard_normal((classes, self.sizes[0]))
        batches = []
        for _ in range(BATCHES):
            labels = rng.integers(classes, size=self.batch)
            x = centres[labels] + rng.standard_normal((self.batch, self.sizes[0]))
            noisy = rng.random(self.batch) < LABEL_NOISE
            labels[noisy] = rng.integers(classes, size=int(noisy.sum()))
            batches.append((x.astype(np.float32), labels))
        return batches

    def products(self) -> list[tuple[int, int, int]]:
        """Return (rows, inner, columns) of every matrix product that one step cannot do without.

        Forward X W; backward Xᵀ G for each weight, and G Wᵀ for each layer but the first.
        """
        shapes = []
        for i, (n, m) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            shapes += [(self.batch, n, m), (n, self.batch, m)]
            if i:
                shapes.append((self.batch, m, n))
        return shapes

    def flops(self) -> int:
        """Return the floating-point operations of those products: 2 per multiply and add."""
        return sum(2 * rows * inner * columns for rows, inner, columns in self.products())


NETWORKS = {
    network.name: network
    for network in (
        Network((2, 16, 16, 2), 32),
        Network((784, 128, 10), 64),
        Network((784, 256, 128, 10), 128),
        Network((784, 1024, 1024, 10), 256),
    )
}
