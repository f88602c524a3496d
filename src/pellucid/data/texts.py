"""A table of texts with their classes as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from pellucid.data.checks import listed, plural
from pellucid.data.csv_file import read_table
from pellucid.data.dataset import Dataset
from pellucid.data.kinds import are_classes, text_column
from pellucid.data.part import Part
from pellucid.data.splits import split_indices
from pellucid.data.table import MISSING, CSVFormat, Table
from pellucid.data.table_target import target_name, target_values, with_target
from pellucid.data.target import ClassTarget, Task
from pellucid.data.text_preparation import TextPreparation
from pellucid.data.tokenizers import (
    BytePairTokenizer,
    CharTokenizer,
    Special,
    Tokenizer,
    WordTokenizer,
    find_tokenizer,
)
from pellucid.errors import DataError, UnknownNameError
from pellucid.random import Seed, generator

__all__ = ["load_texts"]

TokenizerLike: TypeAlias = Literal["char", "word", "bpe"] | Tokenizer

_SPECIALS: tuple[Special, ...] = ("padding", "unknown")
_PERCENTILE = 95  # of the training texts' lengths: so many are not cut


def load_texts(
    path: Path | str,
    *,
    text: str | int | None = None,
    target: str | int | None = None,
    task: Task | None = None,
    tokenizer: TokenizerLike = "word",
    vocabulary_size: int | None = 10_000,
    lowercase: bool = True,
    max_length: int | None = None,
    test: Path | str | None = None,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    missing_target: str = "error",
    delimiter: str | None = None,
    header: bool | None = None,
    text_encoding: str = "utf-8",
    missing: Sequence[str] = MISSING,
    quote: str | None = '"',
    decimal: str = ".",
    rng: Seed = 0,
) -> Dataset:
    """Load a CSV or TSV file with one column of texts, to predict another column from it.

    The tokens and the length of the rows come from the training rows only. Token 0 is padding,
    token 1 stands for every word that is not known.

    Parameters
    ----------
    path : path
        The file.
    text : str or int, optional
        The column with the texts; left out, the one with the longest texts of three words and more.
    target : str or int, optional
        The column to predict; left out, the one called target, label, class or y, or else the only
        other one with few different values.
    task : {"classification", "regression"}, optional
        As in `load_table`.
    tokenizer : {"word", "char", "bpe"} or Tokenizer
        How a text becomes numbers; one that is given needs padding.
    vocabulary_size : int, optional
        At most so many words, the most frequent ones, or byte pairs; None for all words.
    lowercase : bool
        For words: take "Free" and "free" for one.
    max_length : int, optional
        Tokens in a row, T; longer texts are cut. Left out, as many as 95 % of the training texts
        have at most.
    test : path, optional
        A file with test rows, in the same form. Left out, `test_fraction` of the rows.
    test_fraction, validation : float
        Shares of the rows set aside, 0 for none; stratified by class. `validation` is a share of
        the rows that are not test rows.
    missing_target : {"error", "drop"}
        What to do with rows that lack the target.
    delimiter, header, missing, quote, decimal
        How to read the file; see `CSVFormat`.
    text_encoding : str
        The file's text encoding.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Returns
    -------
    Dataset
        x is int64, (N, T); `preparation` is a `TextPreparation`, which takes new texts.

    Raises
    ------
    DataError
        Whatever is wrong with the file, with the line where there is one.
    """
    if missing_target not in ("error", "drop"):
        raise UnknownNameError("missing_target", missing_target, ("error", "drop"))
    path = Path(path)
    form = CSVFormat(delimiter, header, text_encoding, tuple(missing), quote, decimal)
    table = read_table(path, form)
    column = _text_column(text, table)
    name = _target_name(target, column, table)
    notes: list[str] = []
    if text is None or target is None:
        notes.append(
            f"'{name}' is predicted from the texts in column '{column}' "
            "(target= and text= choose others)"
        )
    if left := [other for other in table.names if other not in (name, column)]:
        notes.append(f"left out: column{'s' if len(left) > 1 else ''} {listed(map(repr, left))}")
    table = with_target(table, name, missing_target, notes)
    values = target_values(name, table, task)
    draw = generator(rng)
    rows, labels = {"train": np.arange(len(table))}, values.labels
    for part, share in (("test", 0.0 if test else test_fraction), ("validation", validation)):
        if share:
            at = rows["train"]
            some = None if labels is None else labels[at]
            kept, held = split_indices(len(at), share, labels=some, rng=draw)
            rows["train"], rows[part] = at[kept], at[held]

    training = list(table.take(rows["train"])[column])
    if isinstance(tokenizer, str):
        tokenizer = _learn(tokenizer, training, vocabulary_size, lowercase)
    elif tokenizer.padding is None:
        raise DataError(
            "a tokenizer for texts of different lengths needs padding: "
            "fit(texts, specials=['padding', 'unknown'])"
        )
    if max_length is None:
        lengths = [len(tokenizer.encode(one)) for one in training]
        max_length = max(int(np.ceil(np.percentile(lengths, _PERCENTILE))), 1)
        cut = sum(length > max_length for length in lengths)
        notes.append(
            f"texts are {max_length} tokens long, the {plural(cut, 'longer training text')} cut "
            "(max_length= overrides)"
        )
    elif isinstance(max_length, bool) or max_length < 1:
        raise DataError(f"max_length is a number of tokens, 1 or more, got {max_length!r}")
    goal = values.target(rows["train"], standardize=True)
    preparation = TextPreparation(tokenizer, max_length, column, table.names, goal, table.format)
    tables = {part: table.take(at) for part, at in rows.items()}
    if test is not None:
        tables["test"] = with_target(preparation.read(test), name, missing_target, notes)
    parts = {
        part: Part(preparation.transform(one), preparation.target_transform(one))
        for part, one in tables.items()
    }
    return Dataset(
        path.name.split(".")[0] or path.name,
        parts["train"],
        parts.get("test"),
        parts.get("validation"),
        values.task,
        goal.classes if isinstance(goal, ClassTarget) else (),
        preparation=preparation,
        description=f"{path.name}, {plural(len(table), 'text')}, target '{name}'",
        notes=tuple(notes),
    )


def _text_column(text: str | int | None, table: Table) -> str:
    if text is not None:
        return target_name(text, table)
    found = text_column(table.names, table.columns, table.format.missing)
    if found is None:
        raise DataError(
            f"'{table.source}' has no column of texts (three words and more, hardly two alike); "
            f"name it with text= (found: {listed(table.names)})"
        )
    return found


def _target_name(target: str | int | None, column: str, table: Table) -> str:
    if target is None:
        others = [name for name in table.names if name != column]
        usual = [n for n in others if n.lower() in ("target", "label", "class", "y")]
        few = [name for name in others if are_classes(table[name], table.format.missing)]
        target = next(iter((*usual, *few, *others)), None)
        if target is None:
            raise DataError(f"'{table.source}' has texts only, and no column with their classes")
    name = target_name(target, table)
    if name == column:
        raise DataError(f"'{name}' cannot be both the text and the target")
    return name


def _learn(name: str, texts: list[str], size: int | None, lowercase: bool) -> Tokenizer:
    kind = find_tokenizer(name)
    if kind is WordTokenizer:
        return WordTokenizer.fit(texts, specials=_SPECIALS, max_size=size, lowercase=lowercase)
    if kind is BytePairTokenizer:
        return BytePairTokenizer.fit(texts, specials=_SPECIALS, max_size=size or 10_000)
    return CharTokenizer.fit(texts, specials=_SPECIALS)
