"""One token a character."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.tokenizers.tokenizer import VERSION, Special, Tokenizer, ordered, texts_of
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["CharTokenizer"]

_REPLACEMENT = 0xFFFD  # what Unicode puts in the place of an unknown character


@dataclass(frozen=True, repr=False)
class CharTokenizer(Tokenizer):
    """One token for each character (Unicode code point) that occurs.

    Parameters
    ----------
    characters : str
        The characters, sorted and without repetition.
    specials : sequence of {"padding", "unknown", "boundary"}
        Tokens that stand for no text; their ids come first.

    Raises
    ------
    DataError
        If characters are repeated or not sorted.

    Examples
    --------
    >>> tokenizer = CharTokenizer.fit("hello world")
    >>> tokenizer
    CharTokenizer(8 tokens: ' ', 'd', 'e', 'h', 'l', 'o', … (8 in all))
    >>> tokenizer.encode("hold")
    array([3, 5, 4, 1])
    >>> tokenizer.decode([3, 2, 4, 4, 5])
    'hello'
    """

    kind: ClassVar[str] = "char"
    characters: str
    specials: tuple[Special, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "specials", ordered(self.specials))
        if list(self.characters) != sorted(set(self.characters)):
            raise DataError(
                "the characters of a CharTokenizer are sorted and different; "
                "CharTokenizer.fit(text) finds them"
            )

    @classmethod
    def fit(cls, text: str | Iterable[str], *, specials: Sequence[Special] = ()) -> Self:
        """Take the characters of a text, or of many texts.

        Parameters
        ----------
        text : str or iterable of str
        specials : sequence of {"padding", "unknown", "boundary"}
            Without "unknown", a character that does not occur is an error in `encode`.
        """
        found: set[str] = set()
        return cls("".join(sorted(found.union(*texts_of(text)))), tuple(specials))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.specials) + len(self.characters)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Each token for people, by id."""
        return (*(f"<{name}>" for name in self.specials), *self.characters)

    @cached_property
    def _points(self) -> Array:
        return _code_points(self.characters)

    def encode(self, text: str) -> Array:
        """Return the ids of the characters; int64, one for each.

        Raises
        ------
        DataError
            If a character is not known and there is no unknown token.
        """
        points = _code_points(text)
        if not len(points):
            return np.zeros(0, np.int64)
        places = np.searchsorted(self._points, points)
        known = np.append(self._points, 0)[places] == points
        known &= places < len(self._points)
        ids = places + len(self.specials)
        if not known.all():
            if self.unknown is None:
                where = int(known.argmin())
                raise DataError(
                    f"the character {text[where]!r} at position {where} was not in the text that "
                    f"the tokens come from (known: {listed(map(repr, self.characters), most=30)}); "
                    "leave it out, or learn the tokens with specials=['unknown']"
                )
            ids[~known] = self.unknown
        return ids.astype(np.int64, copy=False)

    def decode(self, ids: Array | Sequence[int]) -> str:
        """Return the text of ids; an unknown token gives "�" (U+FFFD).

        Raises
        ------
        DataError
            If an id is not in range.
        """
        places = self._checked(ids) - len(self.specials)
        keep = places >= 0
        if self.unknown is not None:
            keep |= places + len(self.specials) == self.unknown
        points = np.where(
            places >= 0, np.append(self._points, _REPLACEMENT)[places], np.uint32(_REPLACEMENT)
        )
        return points[keep].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")

    def to_json(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "characters": self.characters,
            "specials": list(self.specials),
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        return cls(state["characters"], tuple(state["specials"]))


def _code_points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
