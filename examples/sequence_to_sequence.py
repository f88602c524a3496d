"""Learn to read dates: an encoder and a decoder with attention, on dates made up for it.

"friday, 3rd of may 2019", "05/03/2019" and "3 May 2019" all mean 2019-05-03. The network sees the
characters of the one and writes those of the other. The picture shows which characters it looked at
while it wrote each of its own.

Run it:  python examples/sequence_to_sequence.py [picture.png]
"""

from __future__ import annotations

import argparse
import datetime
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid import losses, optim
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError
from pellucid.models import Seq2Seq
from pellucid.models.sequences import Decoded

SOURCE_CHARACTERS = " ,/0123456789abcdefghijklmnopqrstuvwxyz"
TARGET_CHARACTERS = "-0123456789"
WRITTEN = 11
"""Characters of a date as the network writes it, with the end token."""

FIRST, DAYS = datetime.date(1900, 1, 1), 73_000


class Dates(NamedTuple):
    """Pairs of texts, and the same as token numbers: 0 fills up, 1 starts, 2 ends."""

    texts: list[str]
    answers: list[str]
    source: Array
    target: Array


def ordinal(day: int) -> str:
    """Return 1st, 2nd, 3rd, 4th and so on."""
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def written(date: datetime.date, form: int) -> str:
    """Return the date in one of the ways in which people write it."""
    month, weekday = date.strftime("%B").lower(), date.strftime("%A").lower()
    forms = (
        f"{date.day} {month} {date.year}",
        f"{date.day} {month[:3]} {date.year}",
        f"{month} {date.day}, {date.year}",
        f"{weekday}, {ordinal(date.day)} of {month} {date.year}",
        f"{weekday[:3]} {month[:3]} {date.day} {date.year}",
        f"{date.month:02}/{date.day:02}/{date.year}",
        f"{date.month}/{date.day}/{date.year}",
    )
    return forms[form % len(forms)]


def tokens(texts: list[str], characters: str, first: int, end: list[int]) -> Array:
    """Number the characters from `first` on, and fill up with 0."""
    number = {character: i for i, character in enumerate(characters, start=first)}
    rows = [[number[c] for c in text] + end for text in texts]
    result = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for row, ids in zip(result, rows, strict=True):
        row[: len(ids)] = ids
    return result


def make_dates(days: Array, rng: np.random.Generator) -> Dates:
    """Write each day, counted from the first of 1900, in a form drawn at random."""
    dates = [FIRST + datetime.timedelta(days=int(day)) for day in days]
    forms = rng.integers(0, 1000, size=len(dates))
    texts = [written(date, int(form)) for date, form in zip(dates, forms, strict=True)]
    answers = [date.isoformat() for date in dates]
    source = tokens(texts, SOURCE_CHARACTERS, 1, [])
    return Dates(texts, answers, source, tokens(answers, TARGET_CHARACTERS, 3, [Seq2Seq.end]))


def read(found: Decoded) -> list[str]:
    """Turn decoded tokens into text."""
    return ["".join(TARGET_CHARACTERS[i - 3] for i in row if i > 2) for row in found.tokens]


def exact(net: Seq2Seq, dates: Dates, beam: int = 1) -> float:
    """Return how many dates are read without a single wrong character, as a fraction."""
    found = read(net.decode(dates.source, WRITTEN, beam=beam))
    return float(np.mean([a == b for a, b in zip(found, dates.answers, strict=True)]))


class Result(NamedTuple):
    """The trained network, dates that it has not seen, and its losses."""

    net: Seq2Seq
    unseen: Dates
    history: list[float]


def train(steps: int = 250, batch: int = 64, hidden: int = 64, seed: int = 0) -> Result:
    """Train on dates made up as it goes; those of 2,000 days are never shown."""
    rng = np.random.default_rng(seed)
    days = rng.permutation(DAYS)
    unseen = make_dates(days[:2000], rng)
    net = Seq2Seq(
        len(SOURCE_CHARACTERS) + 1, len(TARGET_CHARACTERS) + 3, hidden, embedding=32, rng=rng
    )
    optimizer = optim.Adam(net.parameters(), lr=5e-3)
    schedule = optim.schedules.Cosine(optimizer, steps, min_lr=5e-4)
    history = []
    for _ in range(steps):
        dates = make_dates(rng.choice(days[2000:], batch), rng)
        logits = net(dates.source, dates.target)
        loss = losses.cross_entropy(logits.reshape(-1, logits.shape[-1]), dates.target.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        history.append(float(loss.data))
    return Result(net, unseen, history)


def draw(result: Result, path: Path, count: int = 4) -> None:
    """Save a picture of the attention on the first unseen dates. Needs matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the picture") from error

    found = result.net.decode(result.unseen.source[:count], WRITTEN)
    figure = Figure(figsize=(9, 2.6 * count), layout="constrained")
    for n, axes in enumerate(figure.subplots(count, 1, squeeze=False)[:, 0]):
        text, answer = result.unseen.texts[n], read(found)[n]
        axes.imshow(found.weights[n, : len(answer), : len(text)], cmap="magma", aspect="auto")
        axes.set_xticks(range(len(text)), list(text), family="monospace")
        axes.set_yticks(range(len(answer)), list(answer), family="monospace")
        axes.set(title=f"“{text}” is read as {answer}", ylabel="written")
    figure.supxlabel("looked at")
    figure.savefig(path, dpi=110)


def main(arguments: list[str] | None = None) -> None:
    """Train, print how well unseen dates are read, and draw the picture if a path is given."""
    parser = argparse.ArgumentParser(description="A network that reads dates.")
    parser.add_argument("picture", nargs="?", type=Path, help="file for a picture of the attention")
    picture = parser.parse_args(arguments).picture

    begun = time.perf_counter()
    result = train()
    print(f"{len(result.history)} steps in {time.perf_counter() - begun:.0f} seconds")
    for text, answer in zip(
        result.unseen.texts[:5],
        read(result.net.decode(result.unseen.source[:5], WRITTEN)),
        strict=True,
    ):
        print(f"{text:<32} → {answer}")
    right = exact(result.net, result.unseen)
    print(f"{right:.2%} of {len(result.unseen.texts)} unseen dates are read exactly")
    if picture is not None:
        draw(result, picture)
        print(f"The picture is in {picture}.")


if __name__ == "__main__":
    main()
