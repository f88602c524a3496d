"""Prepare texts that are to be classified: rows of tokens, filled up to one length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.csv_file import read_table
from pellucid.data.preparation import VERSION, Preparation, Unknown
from pellucid.data.sequences import pad_sequences
from pellucid.data.table import CSVFormat, Table
from pellucid.data.target import Target, target_from_json
from pellucid.data.tokenizers import Tokenizer
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["TextPreparation"]


@dataclass(frozen=True)
class TextPreparation(Preparation):
    """Texts as rows of tokens: T of them, cut at the end or filled up with padding (0).

    Parameters
    ----------
    text_tokenizer : Tokenizer
        What turns text into tokens, with padding; `tokenizer` is the same.
    length : int
        Tokens in a row, T.
    column : str
        The column that holds the texts.
    source_names : tuple of str
        All columns of the training file in their order.
    target : ClassTarget or NumericTarget, optional
        What is predicted.
    format : CSVFormat
        How the training file was read; files for prediction are read alike.

    Examples
    --------
    >>> from pellucid.data import WordTokenizer
    >>> words = WordTokenizer.fit(["free prizes", "see you"], specials=["padding", "unknown"])
    >>> TextPreparation(words, 3, "text", ("label", "text")).transform(["see free money now"])
    array([[4, 2, 1]])
    """

    kind: ClassVar[str] = "texts"
    text_tokenizer: Tokenizer
    length: int
    column: str
    source_names: tuple[str, ...]
    target: Target | None = None
    format: CSVFormat = field(default_factory=CSVFormat)

    @property
    def tokenizer(self) -> Tokenizer:
        """What turns text into tokens."""
        return self.text_tokenizer

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Empty: the tokens of a row have no names."""
        return ()

    def read(self, path: Path | str) -> Table:
        """Read a file that is written as the training file was; the target may be absent."""
        return read_table(path, self.format)

    def texts(self, rows: Any) -> list[str]:
        """Return the texts of rows: of a table its column, of a list of dicts that key.

        Raises
        ------
        DataError
            If there is no such column, or the rows are no texts.
        """
        if isinstance(rows, str):
            return [rows]
        if isinstance(rows, Table):
            names = rows.names
            if rows.format.header is False and len(names) == len(self.source_names):
                names = self.source_names
            if len(names) == 1:  # a file of texts alone
                return list(rows.columns[0])
            if self.column not in names:
                raise DataError(
                    f"{rows.source or 'the rows'}: there is no column '{self.column}' "
                    f"(found: {listed(names)})"
                )
            return list(rows.columns[names.index(self.column)])
        found = list(rows[self.column]) if isinstance(rows, Mapping) else list(rows)
        if found and all(isinstance(row, Mapping) for row in found):
            found = [row.get(self.column) for row in found]
        for position, text in enumerate(found):
            if not isinstance(text, str):
                raise DataError(
                    f"row {position} (counting from 0) is {text!r}; expected a text, or a dict "
                    f"with a text under '{self.column}'"
                )
        return [str(text) for text in found]

    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return texts as rows of tokens, int64, (N, T).

        Parameters
        ----------
        rows : sequence of str, Table, sequence of mappings, mapping of columns
            The texts; a single text is taken for one row.
        unknown : {"error", "ignore"}
            Not used: the tokenizer has a token for words that it does not know.
        """
        ids = [self.tokenizer.encode(text) for text in self.texts(rows)]
        if not ids:
            return np.zeros((0, self.length), np.int64)
        return pad_sequences(ids, self.length, value=self.tokenizer.padding or 0)

    def target_transform(self, values: Any) -> Array:
        """Return raw targets as y; a table gives its target column."""
        target = self._target()
        if not isinstance(values, Table):
            return target.encode(values)
        names = values.names
        if values.format.header is False and len(names) == len(self.source_names):
            names = self.source_names
        if target.name not in names:
            raise DataError(f"there is no column '{target.name}' with the target")
        return target.encode(values.columns[names.index(target.name)], values.where)

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "tokenizer": self.tokenizer.to_json(),
            "length": self.length,
            "column": self.column,
            "source_names": list(self.source_names),
            "target": None if self.target is None else self.target.to_json(),
            "format": asdict(self.format) | {"missing": list(self.format.missing)},
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        form = state["format"]
        return cls(
            Tokenizer.from_json(state["tokenizer"]),
            state["length"],
            state["column"],
            tuple(state["source_names"]),
            None if state["target"] is None else target_from_json(state["target"]),
            CSVFormat(**form | {"missing": tuple(form["missing"])}),
        )
