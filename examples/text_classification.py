"""Tell spam from other messages, with a GRU and with a transformer.

5,574 short messages, one in eight of them spam, are cut into words; the words that the training
messages hold get numbers, short messages are padded. An embedding turns numbers into vectors, a
network reads them, and both networks know which places are padding.

Run it:  python examples/text_classification.py [mistakes.md]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import pellucid as pl
from pellucid import data, models, nn, training
from pellucid.dtypes import Array

SPAM = 1


@dataclass(frozen=True)
class Network:
    """A model's name, its options, and how to train it; found on the validation part."""

    model: str
    lr: float
    epochs: int
    options: dict[str, Any] = field(default_factory=dict)


NETWORKS = (
    Network("gru-classifier", 2e-3, 5, {"hidden": 64, "embedding": 32, "dropout": 0.2}),
    Network("transformer-classifier", 1e-3, 8, {"width": 64, "layers": 2, "dropout": 0.2}),
)


class Scores(NamedTuple):
    """How well spam is found."""

    accuracy: float
    precision: float
    recall: float
    f1: float
    confusion: Array


def scores(predicted: Array, true: Array) -> Scores:
    """Count what was found, missed, and accused without reason.

    The confusion matrix has a row for each true class and a column for each predicted one.
    """
    confusion = np.zeros((2, 2), dtype=int)
    np.add.at(confusion, (true, predicted), 1)
    (_, accused), (missed, found) = confusion
    precision, recall = found / max(1, found + accused), found / max(1, found + missed)
    f1 = 2 * precision * recall / max(1e-12, precision + recall)
    return Scores(float((predicted == true).mean()), precision, recall, f1, confusion)


def load(seed: int = 0) -> data.Dataset:
    """Load the messages, a tenth of the training messages set aside to judge by."""
    return data.load("sms-spam", validation=0.1, rng=seed)


def train(
    network: Network, messages: data.Dataset, seed: int = 0, epochs: int | None = None
) -> Any:
    """Train a network on the messages and return it."""
    pl.seed(seed)
    tokenizer = messages.preparation.tokenizer  # learned from the training messages alone
    net = models.MODELS[network.model].build(
        messages.input_shape,
        messages.num_outputs,
        {"vocabulary": tokenizer.size, **network.options},
    )
    training.fit(
        net,
        messages.train,
        validation=messages.validation,
        lr=network.lr,
        schedule="cosine",
        epochs=epochs or network.epochs,
        batch_size=32,
        grad_clip=1.0,
        progress="none",
        rng=seed,
    )
    return net


def predict(net: nn.Module, x: Array) -> Array:
    """Return the class of each message."""
    return training.predict_proba(net, x).argmax(axis=1)


def mistakes(net: nn.Module, messages: data.Dataset, count: int = 6) -> list[str]:
    """Return the worst mistakes: true class, certainty of the wrong one, and the words it saw."""
    part = messages.test
    assert part is not None and part.y is not None
    p = training.predict_proba(net, part.x)[:, SPAM]
    wrongness = np.where(part.y == SPAM, 1 - p, p)
    tokenizer = messages.preparation.tokenizer
    lines = []
    for i in np.argsort(-wrongness)[:count]:
        words = tokenizer.decode(part.x[i][part.x[i] != 0])
        lines.append(f"{messages.class_names[part.y[i]]}, wrong by {wrongness[i]:.2f}: {words}")
    return lines


def main(arguments: list[str] | None = None) -> None:
    """Train both networks and print how well they do on messages that they have not seen."""
    parser = argparse.ArgumentParser(description="Spam found by two networks.")
    parser.add_argument("mistakes", nargs="?", type=Path, help="file for the worst mistakes")
    path = parser.parse_args(arguments).mistakes
    messages = load()
    test = messages.test
    assert test is not None
    print(messages.summary())
    print(f"\n{'on the test messages':<26}accuracy  precision  recall     F1   ham|spam → as")
    report = ["# The worst mistakes on test messages", ""]
    for network in NETWORKS:
        net = train(network, messages)
        found = scores(predict(net, test.x), test.y)
        table = " / ".join(f"{row[0]:>3} {row[1]:>3}" for row in found.confusion)
        print(
            f"{network.model:<26}{found.accuracy:>8.4f}{found.precision:>11.4f}"
            f"{found.recall:>8.4f}{found.f1:>7.4f}   {table}"
        )
        report += [f"## {network.model}", "", *[f"- {m}" for m in mistakes(net, messages)], ""]
    always = float((test.y != SPAM).mean())
    print(f"{'always ham':<26}{always:>8.4f}")
    if path is not None:
        path.write_text("\n".join(report), encoding="utf-8")
        print(f"The worst mistakes are in {path}.")


if __name__ == "__main__":
    main()
