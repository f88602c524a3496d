"""One token a word or a punctuation mark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np

from pellucid.data.tokenizers.tokenizer import VERSION, Special, Tokenizer, ordered, texts_of
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError

__all__ = ["WordTokenizer"]

_WORDS = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]|\n")
_NO_SPACE_BEFORE = frozenset(".,;:!?)]}…%’”\n")
_NO_SPACE_AFTER = frozenset("([{“£$#@\n")


@dataclass(frozen=True, repr=False)
class WordTokenizer(Tokenizer):
    """One token for each word, punctuation mark and line end.

    A word is a run of letters, digits and underscores; an apostrophe between two of them belongs
    to it ("don't"). Spaces are not kept: `decode` puts one between words and none before a comma.

    Parameters
    ----------
    words : tuple of str
        The words, without repetition.
    specials : sequence of {"padding", "unknown", "boundary"}
        Tokens that stand for no text; their ids come first.
    lowercase : bool
        Whether texts are written in small letters first.

    Examples
    --------
    >>> texts = ["Free entry, free prizes!", "See you at home."]
    >>> tokenizer = WordTokenizer.fit(texts, lowercase=True)
    >>> tokenizer.tokens[:3]
    ('<unknown>', 'free', '!')
    >>> tokenizer.encode("Free money!")
    array([1, 0, 2])
    >>> tokenizer.decode(tokenizer.encode("See you, home!"))
    'see you, home!'
    """

    kind: ClassVar[str] = "word"
    words: tuple[str, ...]
    specials: tuple[Special, ...] = ("unknown",)
    lowercase: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "specials", ordered(self.specials))
        if len(self._ids) != len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise DataError(f"the words of a WordTokenizer are different, but {twice!r} is twice")

    @classmethod
    def fit(
        cls,
        text: str | Iterable[str],
        *,
        specials: Sequence[Special] = ("unknown",),
        min_count: int = 1,
        max_size: int | None = None,
        lowercase: bool = False,
    ) -> Self:
        """Take the words of a text or of many: the most frequent first, equals by alphabet.

        Parameters
        ----------
        text : str or iterable of str
        specials : sequence of {"padding", "unknown", "boundary"}
            Without "unknown", a word that does not occur is an error in `encode`.
        min_count : int
            Words that occur less often are left out.
        max_size : int, optional
            At most so many tokens, the special ones among them.
        lowercase : bool
            Take "The" and "the" for one word.

        Raises
        ------
        DataError
            If no word is left.
        """
        counts = Counter(chain.from_iterable(_split(one, lowercase) for one in texts_of(text)))
        order = sorted(counts, key=lambda word: (-counts[word], word))
        words = [word for word in order if counts[word] >= min_count]
        if max_size is not None:
            words = words[: max(max_size - len(specials), 0)]
        if not words:
            raise DataError(
                f"no word is left of {len(counts):,} different ones: "
                f"min_count={min_count}, max_size={max_size}; be less strict"
            )
        return cls(tuple(words), tuple(specials), lowercase)

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.specials) + len(self.words)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Each token for people, by id."""
        return (*(f"<{name}>" for name in self.specials), *self.words)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words, len(self.specials))}

    def encode(self, text: str) -> Array:
        """Return the ids of the words; int64.

        Raises
        ------
        UnknownNameError
            If a word is not known and there is no unknown token.
        """
        words = _split(text, self.lowercase)
        ids = self._ids
        if self.unknown is None:
            for word in words:
                if word not in ids:
                    raise UnknownNameError("word", word, self.words)
            return np.array([ids[word] for word in words], np.int64)
        return np.array([ids.get(word, self.unknown) for word in words], np.int64)

    def decode(self, ids: Array | Sequence[int]) -> str:
        """Return the words with spaces between them; an unknown one gives "<unknown>".

        Raises
        ------
        DataError
            If an id is not in range.
        """
        passed = {self.padding, self.boundary}
        tokens = self.tokens
        words = [tokens[i] for i in self._checked(ids).tolist() if i not in passed]
        pieces: list[str] = []
        before = "\n"  # no space at the start
        for word in words:
            if before not in _NO_SPACE_AFTER and word not in _NO_SPACE_BEFORE:
                pieces.append(" ")
            pieces.append(word)
            before = word
        return "".join(pieces)

    def to_json(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "words": list(self.words),
            "specials": list(self.specials),
            "lowercase": self.lowercase,
        }

    @classmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        return cls(tuple(state["words"]), tuple(state["specials"]), state["lowercase"])


def _split(text: str, lowercase: bool) -> list[str]:
    return _WORDS.findall(text.lower() if lowercase else text)
