"""A 3-4-2 exercise whose published solution uses p(1 − p) as the derivative of the softmax.

The exercise puts a softmax on the hidden layer and on the output, and asks for the backward pass.
The published solution differentiates the softmax like the sigmoid, entry by entry, and multiplies
by the error y − p:

    δ₂ = (y − p) · p (1 − p)        δ₁ = (δ₂ W₂ᵀ) · h (1 − h)

It trains, and its printed numbers are reproduced here. But it is the gradient of no loss. Every
output of a softmax depends on every logit, ∂pᵢ/∂zⱼ = pᵢ (δᵢⱼ − pⱼ), and p(1 − p) is only the
diagonal of that matrix. What the true gradients are, for this network:

* ½ Σ (y − p)², with e = p − y:  δ₂ = p · (e − Σⱼ eⱼ pⱼ). With two classes e = (e, −e), and this is
  2 p(1 − p) e: the published output layer has the right direction and half the length. The hidden
  layer has four units, and there the direction is wrong too.
* Cross-entropy −Σ y ln p:  δ₂ = p − y. No factor p(1 − p) at all, so a confident mistake is
  corrected at full strength; the published one has at most a quarter of that for each sample.

`by_hand` is the published program. `with_numpy` and `with_layers` train the same forward pass with
any of three backward passes: as published, or the true gradient of either loss.

Run it:  python examples/softmax_3_4_2.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

import pellucid as pl
from pellucid import losses, nn, optim
from pellucid.dtypes import Array

INPUTS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
LABELS = np.array([0, 1, 1, 0])
TARGETS = np.eye(2)[LABELS]
RATE = 0.1
STEPS = 5_000

PUBLISHED = np.array(
    [
        [0.98292424, 0.01707576],
        [0.01926227, 0.98073773],
        [0.01891634, 0.98108366],
        [0.97884338, 0.02115662],
    ]
)
"""What the published solution prints: the outputs of the last forward pass."""

Backward = Literal["published", "half squared error", "cross-entropy"]
BACKWARDS: tuple[Backward, ...] = ("published", "half squared error", "cross-entropy")
NAMES = ("W1", "W2", "b1", "b2")


class Result(NamedTuple):
    """The outputs of the last forward pass (4, 2), and the gradients of the first step by name."""

    outputs: Array
    first: dict[str, Array]


def initial_weights() -> tuple[Array, Array, Array, Array]:
    """Draw W1, W2, b1, b2 as the exercise does, in this order."""
    np.random.seed(42)
    W1 = np.random.uniform(size=(3, 4))
    W2 = np.random.uniform(size=(4, 2))
    b1 = np.random.uniform(size=(1, 4))
    b2 = np.random.uniform(size=(1, 2))
    return W1, W2, b1, b2


def softmax(z: Any) -> Any:
    """e^zᵢ / Σⱼ e^zⱼ in every row, on plain arrays and on Tensors alike."""
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def by_hand(steps: int = STEPS) -> Result:
    """Train with the published backward pass, in plain NumPy without Pellucid."""
    W1, W2, b1, b2 = initial_weights()
    first = {}
    for step in range(steps):
        h = softmax(np.dot(INPUTS, W1) + b1)  # (4, 4)
        p = softmax(np.dot(h, W2) + b2)  # (4, 2)
        d2 = (TARGETS - p) * p * (1 - p)
        d1 = np.dot(d2, W2.T) * h * (1 - h)
        ascent = {
            "W1": np.dot(INPUTS.T, d1),
            "W2": np.dot(h.T, d2),
            "b1": np.sum(d1, axis=0, keepdims=True),
            "b2": np.sum(d2, axis=0, keepdims=True),
        }
        if step == 0:
            first = {name: -slope for name, slope in ascent.items()}
        W1 += RATE * ascent["W1"]
        W2 += RATE * ascent["W2"]
        b1 += RATE * ascent["b1"]
        b2 += RATE * ascent["b2"]
    return Result(p, first)


def elementwise_softmax(z: Any) -> Any:
    """Softmax in value, with p(1 − p) in each entry for a derivative: what was published.

    The numbers are those of the softmax, as ``z - z.data`` is exactly 0; but as `p` and ``z.data``
    are plain arrays, constants, the derivative by z is the factor in front.
    """
    p = softmax(z.data)
    return p + p * (1 - p) * (z - z.data)


def with_numpy(backward: Backward, steps: int = STEPS) -> Result:
    """Train the exercise's forward pass in NumPy, differentiated as `backward` says."""
    W1, W2, b1, b2 = weights = [pl.Tensor(w, requires_grad=True) for w in initial_weights()]
    squash = elementwise_softmax if backward == "published" else softmax

    first = {}
    for step in range(steps):
        h = squash(np.dot(INPUTS, W1) + b1)
        p = squash(np.dot(h, W2) + b2)
        if backward == "cross-entropy":
            loss = -np.sum(TARGETS * np.log(p))
        else:
            loss = 0.5 * np.sum((TARGETS - p) ** 2)
        slopes = pl.gradients(loss, weights)
        if step == 0:
            first = dict(zip(NAMES, slopes, strict=True))
        for weight, slope in zip(weights, slopes, strict=True):
            weight.data -= RATE * slope
    return Result(p.numpy(), first)


class ElementwiseSoftmax(nn.Module):
    """The published softmax as a layer."""

    def forward(self, x: pl.Tensor) -> pl.Tensor:
        """Return softmax(x), to be differentiated entry by entry."""
        return elementwise_softmax(x)


def with_layers(backward: Backward, steps: int = STEPS) -> Result:
    """Train the same network out of layers; cross-entropy takes logits and owns the softmax."""
    squash: Callable[[], nn.Module] = ElementwiseSoftmax if backward == "published" else nn.Softmax
    net = nn.Sequential(
        nn.Linear(3, 4, dtype=np.float64), squash(), nn.Linear(4, 2, dtype=np.float64)
    )
    W1, W2, b1, b2 = initial_weights()
    net.load_state_dict({"0.weight": W1, "0.bias": b1[0], "2.weight": W2, "2.bias": b2[0]})
    output = squash()
    optimizer = optim.SGD(net.parameters(), lr=RATE)

    first = {}
    for step in range(steps):
        logits = net(INPUTS)
        if backward == "cross-entropy":
            loss = losses.cross_entropy(logits, LABELS, reduction="sum")
        else:
            loss = losses.half_squared_error(output(logits), TARGETS)
        loss.backward()
        if step == 0:
            slopes = {name: p.grad for name, p in net.named_parameters()}
            first = {
                "W1": slopes["0.weight"],
                "W2": slopes["2.weight"],
                "b1": slopes["0.bias"][None],
                "b2": slopes["2.bias"][None],
            }
        optimizer.step()
        optimizer.zero_grad()
    return Result(softmax(logits.numpy()), first)


class Difference(NamedTuple):
    """How a vector compares with the true one: ratio of the lengths, and the angle in degrees."""

    ratio: float
    angle: float


def compare(published: Array, true: Array) -> Difference:
    """Compare two gradients of one parameter: ‖published‖ / ‖true‖ and the angle between them."""
    lengths = np.linalg.norm(published), np.linalg.norm(true)
    cosine = np.sum(published * true) / (lengths[0] * lengths[1])
    return Difference(
        float(lengths[0] / lengths[1]), float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    )


def main() -> None:
    """Reproduce the published numbers, then show what the true gradients give."""
    hand = by_hand()
    layers = {backward: with_layers(backward) for backward in BACKWARDS}
    formulas = {backward: with_numpy(backward) for backward in BACKWARDS}

    print("As published: outputs after 5,000 steps")
    print("by hand               layers                NumPy formula         printed there")
    columns = (hand, layers["published"], formulas["published"], Result(PUBLISHED, {}))
    for i in range(4):
        pairs = (f"{r.outputs[i, 0]:.8f} {r.outputs[i, 1]:.8f}" for r in columns)
        print(" ".join(pairs))

    print("\nThe published gradient beside the true ones, at the first step")
    print("      of ½ Σ (y − p)²                of −Σ y ln p")
    print("      length ratio   angle          length ratio   angle")
    for name in ("W1", "b1", "W2", "b2"):
        print(f"{name}  ", end="")
        for true in BACKWARDS[1:]:
            ratio, angle = compare(hand.first[name], formulas[true].first[name])
            print(f"{ratio:>14.3f} {angle:>7.1f}°      ", end="")
        print()

    print("\nProbability of the right class after 5,000 steps")
    print("inputs   published    true ½ Σ (y − p)²   true cross-entropy")
    for i, label in enumerate(LABELS):
        x = "".join(f"{value:.0f}" for value in INPUTS[i])
        values = [layers[backward].outputs[i, label] for backward in BACKWARDS]
        print(f"{x}      {values[0]:.6f}     {values[1]:.6f}            {values[2]:.6f}")


if __name__ == "__main__":
    main()
