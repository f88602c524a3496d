"""The training loop written by hand, as in PyTorch: nothing of it is hidden.

`fit` does all of this and more; but every line here works on its own, so that a loop can be
anything you like. The data are 1,797 handwritten digits of 8×8 pixels that come with scikit-learn.

Run it:  python examples/hand_written_loop.py
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import pellucid as pl
from pellucid import data, losses, nn, optim


def network(rng: np.random.Generator) -> nn.Module:
    """Make a 64-64-10 network with dropout."""
    return nn.Sequential(
        nn.Linear(64, 64, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.2, rng=rng),
        nn.Linear(64, 10, rng=rng),
    )


def accuracy(net: nn.Module, part: data.Part) -> float:
    """Return the share of samples that the network names rightly."""
    net.eval()  # dropout off
    with pl.no_grad():  # nothing to differentiate, so nothing is recorded
        labels = net(part.x).argmax(axis=1)
    net.train()
    return float(np.mean(labels == part.y))


def train(epochs: int = 15, seed: int = 0) -> Iterator[tuple[float, float]]:
    """Train epoch by epoch; yield the mean training loss and the test accuracy of each."""
    rng = np.random.default_rng(seed)
    digits = data.load("digits")
    net = network(rng)
    loader = data.Loader(digits.train, batch_size=32, rng=rng)
    optimizer = optim.Adam(net.parameters(), lr=2e-3)
    schedule = optim.schedules.Cosine(optimizer, total_steps=epochs * len(loader))

    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            loss = losses.cross_entropy(net(x), y)
            loss.backward()
            optim.clip_grad_norm(net.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += loss.item()
        yield total / len(loader), accuracy(net, digits.test)


def main() -> None:
    """Train and print every epoch."""
    for epoch, (loss, right) in enumerate(train(), start=1):
        print(f"epoch {epoch:>2}   loss {loss:.4f}   test accuracy {right:.4f}")


if __name__ == "__main__":
    main()
