"""A 2-3-1 network of sigmoid units learns XOR: once from layers, once from a NumPy formula.

This is the classic first network of "neural network from scratch" tutorials: two inputs, three
hidden units, one output, half the squared error, 10,000 steps of plain gradient descent. The
tutorials write the backward pass by hand; here nobody does. Both versions below give the tutorial's
printed numbers, because they are the same mathematics:

* `with_layers` builds the network out of Pellucid's layers, loss and optimizer;
* `with_numpy` keeps the tutorial's forward pass as it stands and lets Pellucid record it.

Run it:  python examples/xor_2_3_1.py
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import pellucid as pl
from pellucid import losses, nn, optim
from pellucid.dtypes import Array

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = np.array([[0.0], [1.0], [1.0], [0.0]])
RATE = 0.1
STEPS = 10_000

PUBLISHED = np.array([0.02836474, 0.93327392, 0.9327148, 0.0833559])
"""What the tutorial prints: the outputs of the last forward pass, before the last update."""


class Result(NamedTuple):
    """The outputs of the last forward pass, and the loss of every step."""

    outputs: Array
    curve: list[float]


def initial_weights() -> tuple[Array, Array, Array, Array]:
    """Draw W1, W2, b1, b2 as the tutorial does, in this order."""
    np.random.seed(42)
    W1 = np.random.uniform(size=(2, 3))
    W2 = np.random.uniform(size=(3, 1))
    b1 = np.random.uniform(size=(1, 3))
    b2 = np.random.uniform(size=(1, 1))
    return W1, W2, b1, b2


def with_layers(steps: int = STEPS) -> Result:
    """Train with layers, a loss and an optimizer."""
    net = nn.Sequential(
        nn.Linear(2, 3, dtype=np.float64),
        nn.Sigmoid(),
        nn.Linear(3, 1, dtype=np.float64),
        nn.Sigmoid(),
    )
    W1, W2, b1, b2 = initial_weights()
    net.load_state_dict({"0.weight": W1, "0.bias": b1[0], "2.weight": W2, "2.bias": b2[0]})
    optimizer = optim.SGD(net.parameters(), lr=RATE)

    curve = []
    for _ in range(steps):
        outputs = net(INPUTS)
        loss = losses.half_squared_error(outputs, TARGETS)  # ½ Σ (p − y)²
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        curve.append(loss.item())
    return Result(outputs.numpy(), curve)


def sigmoid(x: Any) -> Any:
    """The tutorial's own sigmoid."""
    return 1 / (1 + np.exp(-x))


def with_numpy(steps: int = STEPS) -> Result:
    """Train the tutorial's forward pass as it stands: NumPy's functions record themselves."""
    W1, W2, b1, b2 = weights = [pl.Tensor(w, requires_grad=True) for w in initial_weights()]

    curve = []
    for _ in range(steps):
        hidden = sigmoid(np.dot(INPUTS, W1) + b1)  # (4, 3)
        outputs = sigmoid(np.dot(hidden, W2) + b2)  # (4, 1)
        loss = 0.5 * np.sum((TARGETS - outputs) ** 2)
        for weight, slope in zip(weights, pl.gradients(loss, weights), strict=True):
            weight.data -= RATE * slope
        curve.append(loss.item())
    return Result(outputs.numpy(), curve)


def main() -> None:
    """Train both ways and print what a learner wants to compare."""
    layers, formula = with_layers(), with_numpy()

    print("step      loss, layers      loss, NumPy formula")
    for step in [*range(0, STEPS, 2000), STEPS - 1]:
        print(f"{step:>5}  {layers.curve[step]:>14.8f}  {formula.curve[step]:>19.8f}")

    print("\ninputs   target   layers      NumPy formula   published")
    for row, target, a, b, c in zip(
        INPUTS, TARGETS, layers.outputs, formula.outputs, PUBLISHED, strict=True
    ):
        print(f"{row[0]:.0f} {row[1]:.0f}      {target[0]:.0f}    ", end="")
        print(f"{a[0]:>10.8f}   {b[0]:>10.8f}      {c:>10.8f}")
    print("\nRounded, the network computes XOR. No backward pass was written by hand.")


if __name__ == "__main__":
    main()
