"""Text as whole numbers: by character, by word, or by byte pairs learned from the text."""

from pellucid.data.tokenizers.byte_pair import BytePairTokenizer
from pellucid.data.tokenizers.character import CharTokenizer
from pellucid.data.tokenizers.registry import TOKENIZERS, find_tokenizer
from pellucid.data.tokenizers.tokenizer import Special, Tokenizer
from pellucid.data.tokenizers.word import WordTokenizer

__all__ = [
    "TOKENIZERS",
    "BytePairTokenizer",
    "CharTokenizer",
    "Special",
    "Tokenizer",
    "WordTokenizer",
    "find_tokenizer",
]
