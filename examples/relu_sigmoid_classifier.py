"""A ReLU/sigmoid classifier whose samples are columns, and the same network with samples in rows.

Courses that write ``Z = W @ X + b`` keep one sample a column: W has shape (outputs, inputs) and X
has shape (features, samples). Pellucid, like most libraries, keeps one sample a row and computes
``X @ W + b`` with W of shape (inputs, outputs). One is the transpose of the other:

    (W X + b)ᵀ = Xᵀ Wᵀ + bᵀ

`with_numpy` trains the course's formula as it stands; `with_layers` trains the transposed network.
Both end at the course's cost, 0.00028084, after 10,000 steps on XOR.

Run it:  python examples/relu_sigmoid_classifier.py
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import pellucid as pl
from pellucid import losses, nn, optim
from pellucid.dtypes import Array

X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])  # (features 2, samples 4)
Y = np.array([[0.0, 1.0, 1.0, 0.0]])  # (1, samples 4)
RATE = 0.5
STEPS = 10_000

PUBLISHED_COST = 0.00028084
"""The course's cost at the last forward pass, before the last update."""


class Result(NamedTuple):
    """The outputs of the last forward pass, one per sample, and the cost of every step."""

    outputs: Array
    curve: list[float]


def initial_weights() -> tuple[Array, Array]:
    """Draw W1 and W2 as the course does, in this order; the biases start at 0."""
    np.random.seed(0)
    W1 = 0.01 * np.random.randn(4, 2)
    W2 = 0.01 * np.random.randn(1, 4)
    return W1, W2


def with_numpy(steps: int = STEPS) -> Result:
    """Train the course's formula, one sample a column."""
    start = (*initial_weights(), np.zeros((4, 1)), np.zeros((1, 1)))
    W1, W2, b1, b2 = weights = [pl.Tensor(w, requires_grad=True) for w in start]

    curve = []
    for _ in range(steps):
        A1 = np.maximum(0, W1 @ X + b1)  # (4, samples)
        A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))  # (1, samples)
        cost = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))
        for weight, slope in zip(weights, pl.gradients(cost, weights), strict=True):
            weight.data -= RATE * slope
        curve.append(cost.item())
    return Result(A2.numpy().ravel(), curve)


def with_layers(steps: int = STEPS) -> Result:
    """Train the transposed network, one sample a row; the loss owns the sigmoid."""
    net = nn.Sequential(
        nn.Linear(2, 4, dtype=np.float64),
        nn.ReLU(),
        nn.Linear(4, 1, dtype=np.float64),
    )
    W1, W2 = initial_weights()
    net.load_state_dict(
        {"0.weight": W1.T, "0.bias": np.zeros(4), "2.weight": W2.T, "2.bias": np.zeros(1)}
    )
    optimizer = optim.SGD(net.parameters(), lr=RATE)

    curve = []
    for _ in range(steps):
        logits = net(X.T)  # (samples, 1)
        cost = losses.binary_cross_entropy_with_logits(logits, Y.T)
        cost.backward()
        optimizer.step()
        optimizer.zero_grad()
        curve.append(cost.item())
    return Result(1 / (1 + np.exp(-logits.numpy().ravel())), curve)


def main() -> None:
    """Train both ways and print the costs and the outputs."""
    columns, rows = with_numpy(), with_layers()

    print("step     samples in columns   samples in rows")
    for step in (0, 50, 100, 200, 500, 1000, 5000, STEPS - 1):
        print(f"{step:>5}    {columns.curve[step]:>18.8f}   {rows.curve[step]:>15.8f}")
    print(f"published, at the last step: {PUBLISHED_COST}\n")

    print("inputs   target   columns       rows")
    for x, y, a, b in zip(X.T, Y[0], columns.outputs, rows.outputs, strict=True):
        print(f"{x[0]:.0f} {x[1]:.0f}      {y:.0f}        {a:.8f}    {b:.8f}")
    print(
        "\nIn the first 50 steps next to nothing happens: weights of size 0.01 send almost no"
        "\nsignal through two layers. Pellucid's default initialiser scales them to the layer."
    )


if __name__ == "__main__":
    main()
