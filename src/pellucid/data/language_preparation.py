"""Prepare texts for a network that predicts the next token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pellucid.data.checks import plural
from pellucid.data.part import Part
from pellucid.data.preparation import VERSION, Preparation, Unknown
from pellucid.data.sequences import pad_sequences
from pellucid.data.target import Target
from pellucid.data.tokenizers import Tokenizer
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError

__all__ = ["LanguagePreparation", "check_frames", "line_pairs", "window_pairs"]


@dataclass(frozen=True)
class LanguagePreparation(Preparation):
    """Texts as windows of tokens.

    Parameters
    ----------
    text_tokenizer : Tokenizer
        What turns text into tokens; `tokenizer` is the same.
    context : int
        Tokens in a window, T.
    lines : bool
        Whether each line is a document of its own, between boundary tokens.

    Examples
    --------
    >>> from pellucid.data import CharTokenizer
    >>> preparation = LanguagePreparation(CharTokenizer.fit("abcdef"), context=3)
    >>> preparation.pairs("abcdefabc").x
    array([[0, 1, 2],
           [3, 4, 5]])
    """

    kind: ClassVar[str] = "language"
    text_tokenizer: Tokenizer
    context: int
    lines: bool = False
    target: Target | None = None

    @property
    def tokenizer(self) -> Tokenizer:
        """What turns text into tokens."""
        return self.text_tokenizer

    @property
    def ordered(self) -> bool:
        """Whether windows overlap: those of a running text do, lines do not."""
        return not self.lines

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Empty: the tokens of a window have no names."""
        return ()

    def pairs(self, text: str | Sequence[str]) -> Part:
        """Return the windows of a text with the tokens to predict, x and y of shape (N, T), int64.

        Windows do not overlap, so that each token is predicted once; at the end up to T tokens that
        fill no window are left out. For lines, give a text of lines or a list of them.

        Raises
        ------
        DataError
            If the text is shorter than one window, or has a token that is not known.
        """
        if not self.lines:
            whole = text if isinstance(text, str) else "".join(text)
            ids = self.tokenizer.encode(whole)
            return Part(*window_pairs(ids, self.context, self.context, "text"))
        lines = text.split("\n") if isinstance(text, str) else list(text)
        encoded = [self.tokenizer.encode(line.strip()) for line in lines if line.strip()]
        return Part(*line_pairs(encoded, self.tokenizer, self.context))

    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return a text, or its lines, as windows of tokens: int64, (N, T); see `pairs`."""
        return self.pairs(rows).x

    def inverse_target(self, predictions: Array) -> Array:
        """Return the texts of tokens (N, T), or of logits (N, T, V), of which the highest count."""
        predictions = np.asarray(predictions)
        if predictions.ndim == 3 and predictions.shape[2] == self.tokenizer.size:
            predictions = predictions.argmax(axis=2)
        if predictions.ndim != 2:
            raise ShapeError(
                f"expected tokens of shape (N, T) or logits of shape (N, T, {self.tokenizer.size}),"
                f" got {predictions.shape}"
            )
        return np.array([self.tokenizer.decode(row) for row in predictions])

    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "tokenizer": self.tokenizer.to_json(),
            "context": self.context,
            "lines": self.lines,
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        return cls(Tokenizer.from_json(state["tokenizer"]), state["context"], state["lines"])


def window_pairs(ids: Array, context: int, stride: int, what: str) -> tuple[Array, Array]:
    """Return windows of tokens and the same one token on, as views: two of shape (N, T).

    Raises
    ------
    DataError
        If there are fewer than T + 1 tokens.
    """
    if len(ids) <= context:
        raise DataError(
            f"the {what} has {plural(len(ids), 'token')}, but a window of context={context} needs "
            f"{context + 1} (one more to predict); give more text or a smaller context"
        )
    windows = sliding_window_view(ids, context)[::stride]  # (N or one more, T)
    following = sliding_window_view(ids[1:], context)[::stride]  # (N, T)
    return windows[: len(following)], following


def check_frames(tokenizer: Tokenizer) -> tuple[int, int]:
    """Return the boundary and the padding of a tokenizer.

    Raises
    ------
    DataError
        If it lacks one, so that lines cannot be framed and filled up.
    """
    if tokenizer.boundary is None or tokenizer.padding is None:
        raise DataError(
            "lines need a tokenizer with boundary and padding tokens: "
            "fit(texts, specials=['padding', 'boundary'])"
        )
    return tokenizer.boundary, tokenizer.padding


def line_pairs(
    documents: Sequence[Array], tokenizer: Tokenizer, context: int
) -> tuple[Array, Array]:
    """Return lines between boundaries as two arrays (N, T), the second one token on, padded.

    Lines of T tokens and more are cut.

    Raises
    ------
    DataError
        If the tokenizer has no boundary or no padding, or there are no lines.
    """
    boundary, padding = check_frames(tokenizer)
    if not documents:
        raise DataError("there are no lines in the text")
    edge = [boundary]
    framed = [np.concatenate([edge, ids, edge])[: context + 1] for ids in documents]
    padded = pad_sequences(framed, context + 1, value=padding)  # (N, T + 1)
    following = padded[:, 1:]
    # Nothing follows the last boundary, so it is no input either.
    return np.where(following == padding, padding, padded[:, :-1]), following
