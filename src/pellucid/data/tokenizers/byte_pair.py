"""Tokens learned from the text: the most frequent pairs of bytes become one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.tokenizers.merging import learn_merges, merged
from pellucid.data.tokenizers.tokenizer import VERSION, Special, Tokenizer, ordered, texts_of
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["BytePairTokenizer"]

_BYTES = 256
_PIECES = re.compile(
    r"'(?:[sdmt]|ll|ve|re)\b"  # English endings: 's, 'll
    r"| ?[^\W\d_]+"  # a word, with the space before it
    r"| ?\d+"
    r"| ?(?:[^\s\w]|_)+"
    r"|\s+(?!\S)|\s"  # white space; a single space before a word goes to that word
)
"""Pieces that no token reaches across; together they are the whole text."""


@dataclass(frozen=True, repr=False)
class BytePairTokenizer(Tokenizer):
    """Tokens of one or more bytes of UTF-8, learned from a text by merging frequent pairs.

    It starts with the 256 bytes and merges, again and again, the pair of neighbours that occurs
    most often into a new token; of equally frequent pairs the one of the lowest ids. Any text can
    be encoded, and decodes to itself. Tokens do not reach across words: a word goes with the space
    before it.

    Gage (1994); for words of text Sennrich, Haddow & Birch (2016); on bytes Radford et al. (2019).

    Parameters
    ----------
    merges : tuple of (int, int)
        The pairs in the order in which they were merged. With s special tokens the bytes have the
        ids s … s + 255, and merge i makes the id s + 256 + i.
    specials : sequence of {"padding", "unknown", "boundary"}
        Tokens that stand for no text; their ids come first.

    Examples
    --------
    >>> tokenizer = BytePairTokenizer.fit("the thin thing thinks", max_size=260)
    >>> tokenizer.tokens[256:]
    ('th', ' th', 'in', ' thin')
    >>> tokenizer.encode("thin thing")
    array([256, 258, 259, 103])
    >>> tokenizer.decode(tokenizer.encode("naïve 🙂"))
    'naïve 🙂'
    """

    kind: ClassVar[str] = "bpe"
    merges: tuple[tuple[int, int], ...]
    specials: tuple[Special, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "specials", ordered(self.specials))
        low = len(self.specials)
        for place, pair in enumerate(self.merges):
            if not all(low <= part < low + _BYTES + place for part in pair):
                raise DataError(
                    f"merge {place} (counting from 0) joins the tokens {pair}; "
                    f"there are {low} … {low + _BYTES + place - 1} by then"
                )

    @classmethod
    def fit(
        cls,
        text: str | Iterable[str],
        *,
        specials: Sequence[Special] = (),
        max_size: int = 1000,
        min_count: int = 2,
    ) -> Self:
        """Learn the merges from a text, or from many.

        Parameters
        ----------
        text : str or iterable of str
        specials : sequence of {"padding", "unknown", "boundary"}
            Of these "unknown" is never needed.
        max_size : int
            How many tokens: the special ones, 256 bytes, and so many merges as are left; fewer if
            no pair occurs often enough.
        min_count : int
            Pairs that occur less often are not merged.

        Raises
        ------
        DataError
            If `max_size` leaves no room for the bytes.
        """
        first = len(ordered(specials)) + _BYTES
        if max_size < first:
            raise DataError(
                f"max_size={max_size} tokens, but the bytes and special tokens are {first} already"
            )
        pieces = Counter(chain.from_iterable(_PIECES.findall(one) for one in texts_of(text)))
        words = {_bytes(piece, first - _BYTES): count for piece, count in pieces.items()}
        return cls(learn_merges(words, first, max_size - first, min_count), tuple(specials))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.specials) + _BYTES + len(self.merges)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Each token for people, by id; bytes that are no text alone are in hexadecimal."""
        return (
            *(f"<{name}>" for name in self.specials),
            *(token.decode("utf-8", "backslashreplace") for token in self._texts),
        )

    @cached_property
    def _texts(self) -> tuple[bytes, ...]:
        """The bytes of each token, without the special ones."""
        texts = [bytes([byte]) for byte in range(_BYTES)]
        low = len(self.specials)
        for left, right in self.merges:
            texts.append(texts[left - low] + texts[right - low])
        return tuple(texts)

    @cached_property
    def _ranks(self) -> dict[tuple[int, int], int]:
        return {pair: rank for rank, pair in enumerate(self.merges, len(self.specials) + _BYTES)}

    @cached_property
    def _known(self) -> dict[str, tuple[int, ...]]:
        """The ids of pieces that were encoded before."""
        return {}

    def encode(self, text: str) -> Array:
        """Return the ids of a text; int64."""
        known = self._known
        ids: list[int] = []
        for piece in _PIECES.findall(text):
            found = known.get(piece)
            if found is None:
                if len(known) >= _MOST_KNOWN:
                    known.clear()
                found = merged(_bytes(piece, len(self.specials)), self._ranks)
                known[piece] = found
            ids += found
        return np.array(ids, np.int64)

    def decode(self, ids: Array | Sequence[int]) -> str:
        """Return the text of ids; bytes that are no UTF-8 give "�" (U+FFFD).

        Raises
        ------
        DataError
            If an id is not in range.
        """
        low = len(self.specials)
        data = b"".join(self._texts[i - low] for i in self._checked(ids).tolist() if i >= low)
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # a network's samples need not be whole characters
            return data.decode("utf-8", "replace")

    def to_json(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "merges": [list(pair) for pair in self.merges],
            "specials": list(self.specials),
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        merges = tuple((left, right) for left, right in state["merges"])
        return cls(merges, tuple(state["specials"]))


_MOST_KNOWN = 100_000


def _bytes(piece: str, low: int) -> tuple[int, ...]:
    return tuple(byte + low for byte in piece.encode("utf-8", "surrogatepass"))
