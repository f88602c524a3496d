"""Tokenizers by name."""

from __future__ import annotations

from pellucid.data.tokenizers.byte_pair import BytePairTokenizer
from pellucid.data.tokenizers.character import CharTokenizer
from pellucid.data.tokenizers.tokenizer import Tokenizer
from pellucid.data.tokenizers.word import WordTokenizer
from pellucid.errors import UnknownNameError

__all__ = ["TOKENIZERS", "find_tokenizer"]

TOKENIZERS: dict[str, type[Tokenizer]] = {
    kind.kind: kind for kind in (CharTokenizer, WordTokenizer, BytePairTokenizer)
}
"""Every kind of tokenizer by name."""


def find_tokenizer(name: str) -> type[Tokenizer]:
    """Return the kind of tokenizer called `name`: "char", "word" or "bpe".

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    if name not in TOKENIZERS:
        raise UnknownNameError("tokenizer", name, TOKENIZERS)
    return TOKENIZERS[name]
