"""What every tokenizer has: ids of a text, the text of ids, and a form as JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np

from pellucid.data.checks import listed
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError

__all__ = ["SPECIALS", "VERSION", "Special", "Tokenizer", "ordered", "texts_of"]

Special: TypeAlias = Literal["padding", "unknown", "boundary"]
"""A token that stands for no text."""

SPECIALS: tuple[Special, ...] = ("padding", "unknown", "boundary")
"""In the order of their ids: those that a tokenizer has come first, from 0."""

VERSION = 1
"""Of the JSON form."""


class Tokenizer(ABC):
    """Turns text into whole numbers 0 … size−1, and back.

    The special tokens come first: padding fills short texts up and is 0 where there is one,
    unknown stands for what was not seen in learning, boundary for the start and the end of a
    document.
    """

    kind: ClassVar[str]
    specials: tuple[Special, ...]

    _kinds: ClassVar[dict[str, type[Tokenizer]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Tokenizer._kinds[cls.kind] = cls

    @classmethod
    @abstractmethod
    def fit(cls, text: str | Iterable[str], *, specials: Sequence[Special] = ()) -> Self:
        """Learn the tokens from a text, or from many."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many tokens there are, the special ones among them."""

    @abstractmethod
    def encode(self, text: str) -> Array:
        """Return the ids of a text; int64, shape (T,)."""

    @abstractmethod
    def decode(self, ids: Array | Sequence[int]) -> str:
        """Return the text of ids; padding and boundaries are passed over."""

    @property
    @abstractmethod
    def tokens(self) -> tuple[str, ...]:
        """Each token for people, by id."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""

    @classmethod
    @abstractmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a tokenizer of this kind."""

    @property
    def padding(self) -> int | None:
        """The id of padding, which is 0, or None."""
        return self._special("padding")

    @property
    def unknown(self) -> int | None:
        """The id of what is not known, or None."""
        return self._special("unknown")

    @property
    def boundary(self) -> int | None:
        """The id of the start and the end of a document, or None."""
        return self._special("boundary")

    def _special(self, name: Special) -> int | None:
        return self.specials.index(name) if name in self.specials else None

    def _checked(self, ids: Array | Sequence[int]) -> Array:
        """Return ids as a vector of whole numbers in range."""
        array = np.asarray(ids)
        if array.size == 0:
            return np.zeros(0, np.int64)
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise DataError(
                f"ids are a vector of whole numbers, got {array.dtype} of shape {array.shape}"
            )
        wrong = (array < 0) | (array >= self.size)
        if wrong.any():
            where = int(wrong.argmax())
            raise DataError(
                f"the id {array[where]} at position {where} is not one of the {self.size} tokens, "
                f"0 … {self.size - 1}"
            )
        return array.astype(np.int64, copy=False)

    @staticmethod
    def from_json(state: dict[str, Any]) -> Tokenizer:
        """Rebuild a tokenizer of any kind from `to_json`.

        Raises
        ------
        DataError
            If the values do not describe a tokenizer.
        """
        try:
            if state["version"] != VERSION:
                raise DataError(
                    f"this tokenizer has version {state['version']}; version {VERSION} is known"
                )
            return Tokenizer._kinds[state["kind"]]._from_json(state)
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            raise DataError(
                f"this is not a saved tokenizer: {type(error).__name__} {error}"
            ) from error

    def __repr__(self) -> str:
        shown = listed((repr(token) for token in self.tokens), most=6)
        return f"{type(self).__name__}({self.size:,} tokens: {shown})"


def ordered(specials: Iterable[Special]) -> tuple[Special, ...]:
    """Return special tokens in the order of their ids.

    Raises
    ------
    UnknownNameError
        If one is not known.
    """
    wanted = set(specials)
    for name in sorted(wanted.difference(SPECIALS)):
        raise UnknownNameError("special token", name, SPECIALS)
    return tuple(name for name in SPECIALS if name in wanted)


def texts_of(text: str | Iterable[str]) -> list[str]:
    """Return one text or many as a list.

    Raises
    ------
    DataError
        If there is no text in it.
    """
    texts = [text] if isinstance(text, str) else list(text)
    for position, one in enumerate(texts):
        if not isinstance(one, str):
            raise DataError(f"text {position} (counting from 0) is {type(one).__name__}, not str")
    if not any(texts):
        raise DataError("there is no text to learn tokens from")
    return texts
