"""A text as a data set: windows of tokens, and the same windows one token on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from pellucid.data.checks import plural
from pellucid.data.csv_file import decode, read_bytes
from pellucid.data.dataset import Dataset
from pellucid.data.language_preparation import (
    LanguagePreparation,
    check_frames,
    line_pairs,
    window_pairs,
)
from pellucid.data.part import Part
from pellucid.data.splits import split_indices
from pellucid.data.tokenizers import BytePairTokenizer, Special, Tokenizer, WordTokenizer
from pellucid.data.tokenizers.registry import find_tokenizer
from pellucid.errors import DataError
from pellucid.random import Seed, generator

__all__ = ["TokenizerLike", "from_text", "load_text"]

TokenizerLike: TypeAlias = Literal["char", "word", "bpe"] | Tokenizer
"""A name of `TOKENIZERS`, to be learned from the text, or a tokenizer that is there already."""

_CONTEXT = 64


def load_text(
    path: Path | str,
    *,
    tokenizer: TokenizerLike = "char",
    context: int | None = None,
    vocabulary_size: int | None = None,
    lines: bool = False,
    test_fraction: float = 0.1,
    validation: float = 0.0,
    text_encoding: str = "utf-8",
    rng: Seed = 0,
) -> Dataset:
    """Load a text file for a network that predicts the next token.

    Parameters
    ----------
    path : path
        The file, gzipped or not.
    tokenizer, context, vocabulary_size, lines, test_fraction, validation, rng
        As in `from_text`.
    text_encoding : str
        The file's text encoding.

    Raises
    ------
    DataError
        If the file is absent, empty or no text, or too short for the context.
    """
    path = Path(path)
    text = decode(read_bytes(path), path, text_encoding).replace("\r\n", "\n")
    if not text.strip():
        raise DataError(f"'{path.name}' is empty")
    kind = "line" if lines else "character"
    count = sum(bool(line.strip()) for line in text.split("\n")) if lines else len(text)
    return from_text(
        path.name.split(".")[0] or path.name,
        text,
        tokenizer=tokenizer,
        context=context,
        vocabulary_size=vocabulary_size,
        lines=lines,
        test_fraction=test_fraction,
        validation=validation,
        description=f"{path.name}, {plural(count, kind)}",
        rng=rng,
    )


def from_text(
    name: str,
    text: str,
    *,
    tokenizer: TokenizerLike = "char",
    context: int | None = None,
    vocabulary_size: int | None = None,
    lines: bool = False,
    test_fraction: float = 0.1,
    validation: float = 0.0,
    description: str = "",
    rng: Seed = 0,
) -> Dataset:
    """Make a data set of a text, in which each token is to be predicted from those before it.

    Of a running text every window of T tokens is a training sample, N = tokens − T in all; they
    share the memory of the tokens, so that a megabyte of text stays one. Validation and test are
    the last parts of the text, cut into windows that do not overlap: each token counts once.

    With `lines` every line is a document of its own, such as a name: a boundary token stands before
    and after it, and shorter lines are filled up with padding (0), which a loss is to ignore. Which
    lines are held out is drawn by `rng`.

    Parameters
    ----------
    name : str
        The data set's name.
    text : str
        The text.
    tokenizer : {"char", "word", "bpe"} or Tokenizer
        How the text becomes numbers. Characters are those of the whole text; words and byte pairs
        are learned from the training part.
    context : int, optional
        Tokens in a window, T: 64 (fewer if a part of the text is shorter), or as many as the
        longest line needs.
    vocabulary_size : int, optional
        At most so many tokens, for words and byte pairs; by default all words, or 1,000.
    lines : bool
        Take each line for itself.
    test_fraction, validation : float
        Shares of the text set aside, 0 for none. `validation` is a share of what is not test.
    description : str
        One line for people.
    rng : int, numpy.random.Generator or None
        Where the choice of lines comes from.

    Returns
    -------
    Dataset
        With the task "language": x and y are int64, shape (N, T), y is x one token on, and
        `preparation` is a `LanguagePreparation`.

    Raises
    ------
    DataError
        If a part is shorter than a window.

    Examples
    --------
    >>> data = from_text("song", "la la la li la la lo " * 20, context=8)
    >>> data
    Dataset('song', language, train 370, test 5, input (8,))
    >>> data.tokenizer.decode(data.train.x[0]), data.tokenizer.decode(data.train.y[0])
    ('la la la', 'a la la ')
    """
    for share, value in (("test_fraction", test_fraction), ("validation", validation)):
        if not 0 <= value < 1:
            raise DataError(f"{share} is a share of the text from 0 to below 1, got {value!r}")
    if context is not None and (isinstance(context, bool) or context < 1):
        raise DataError(f"context is a number of tokens, 1 or more, got {context!r}")
    if lines and isinstance(tokenizer, Tokenizer):
        check_frames(tokenizer)
    documents = [line.strip() for line in text.split("\n") if line.strip()] if lines else [text]
    specials: tuple[Special, ...] = ("padding", "boundary") if lines else ()
    raw = (
        _split_lines(documents, test_fraction, validation, rng)
        if lines
        else _split_text(text, test_fraction, validation)
    )
    if isinstance(tokenizer, str):
        tokenizer = _learn(tokenizer, documents, raw["train"], specials, vocabulary_size)
    elif vocabulary_size is not None:
        raise DataError("vocabulary_size is for a tokenizer that is still to be learned")
    ids = {part: [tokenizer.encode(one) for one in texts] for part, texts in raw.items()}
    if lines:
        longest = max(len(one) for texts in ids.values() for one in texts)
        context = longest + 1 if context is None else context
        parts = {part: line_pairs(one, tokenizer, context) for part, one in ids.items()}
    else:
        if context is None:
            shortest = min(len(one[0]) for one in ids.values())
            context = max(min(_CONTEXT, shortest - 1), 1)
        parts = {
            part: window_pairs(one[0], context, 1 if part == "train" else context, f"{part} part")
            for part, one in ids.items()
        }
    made = {part: Part(*pair) for part, pair in parts.items()}
    return Dataset(
        name,
        made["train"],
        made.get("test"),
        made.get("validation"),
        "language",
        preparation=LanguagePreparation(tokenizer, context, lines),
        description=description,
    )


def _split_text(text: str, test_fraction: float, validation: float) -> dict[str, Sequence[str]]:
    """Cut a text into its first part to train on, then validation, then test."""
    kept = int(len(text) * (1 - test_fraction))
    first = int(kept * (1 - validation))
    cuts = {"train": text[:first], "validation": text[first:kept], "test": text[kept:]}
    wanted = {"train": True, "validation": validation > 0, "test": test_fraction > 0}
    return {part: [cut] for part, cut in cuts.items() if wanted[part]}


def _split_lines(
    documents: list[str], test_fraction: float, validation: float, rng: Seed
) -> dict[str, Sequence[str]]:
    """Draw the lines that are held out; lists of names are often sorted."""
    parts: dict[str, Sequence[str]] = {}
    kept = np.arange(len(documents))
    draw = generator(rng)
    for part, share in (("test", test_fraction), ("validation", validation)):
        if share:
            left, held = split_indices(len(kept), share, rng=draw)
            parts[part] = [documents[row] for row in kept[held].tolist()]
            kept = kept[left]
    return {"train": [documents[row] for row in kept.tolist()], **parts}


def _learn(
    name: str,
    documents: Sequence[str],
    training: Sequence[str],
    specials: tuple[Special, ...],
    size: int | None,
) -> Tokenizer:
    kind = find_tokenizer(name)
    if kind is WordTokenizer:
        return WordTokenizer.fit(training, specials=("unknown", *specials), max_size=size)
    if kind is BytePairTokenizer:
        options = {} if size is None else {"max_size": size}
        return BytePairTokenizer.fit(training, specials=specials, **options)
    if size is not None:
        raise DataError(f"vocabulary_size is for words and byte pairs; '{name}' takes all there is")
    # Characters that only the held-out part has are no secret worth an error there.
    return kind.fit(documents, specials=specials)
