"""Tokenizers: what comes back, what is learned, and what is refused."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import (
    TOKENIZERS,
    BytePairTokenizer,
    CharTokenizer,
    Tokenizer,
    WordTokenizer,
    find_tokenizer,
)
from pellucid.errors import DataError, UnknownNameError

RHYME = "the cat sat on the mat; the cat's hat, a flat hat, sat on the cat\n" * 3
ALL = ("padding", "unknown", "boundary")

any_text = st.text(st.characters(), max_size=60)  # surrogates, controls and emoji among them


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("specials", [(), ("padding",), ("unknown",), ("boundary", "padding"), ALL])
def test_common_to_all(name, specials):
    tokenizer = TOKENIZERS[name].fit(RHYME, specials=specials)
    ids = tokenizer.encode(RHYME)
    assert ids.dtype == np.int64
    assert len(specials) <= ids.min() <= ids.max() < tokenizer.size == len(tokenizer.tokens)
    assert (tokenizer.padding == 0) == ("padding" in specials)
    named = {"padding": tokenizer.padding, "unknown": tokenizer.unknown}
    named["boundary"] = tokenizer.boundary
    for special in ALL:
        assert (named[special] is not None) == (special in specials)
        if special in specials:
            assert tokenizer.tokens[named[special]] == f"<{special}>"
    again = Tokenizer.from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert again == tokenizer
    assert type(again) is TOKENIZERS[name]
    assert np.array_equal(again.encode(RHYME), ids)
    assert f"{tokenizer.size:,} tokens" in repr(tokenizer)
    framed = [i for i in (tokenizer.padding, tokenizer.boundary) if i is not None]
    assert tokenizer.decode([*framed, *ids, *framed]) == tokenizer.decode(ids)
    assert tokenizer.encode("").shape == (0,)
    assert tokenizer.decode([]) == ""
    with pytest.raises(DataError, match=f"id {tokenizer.size} at position 1 is not one of the"):
        tokenizer.decode([0, tokenizer.size])
    with pytest.raises(DataError, match=r"vector of whole numbers, got float64"):
        tokenizer.decode(np.ones(3))
    with pytest.raises(DataError, match="no text to learn"):
        TOKENIZERS[name].fit(["", ""])
    with pytest.raises(DataError, match=r"text 1 .* is int, not str"):
        TOKENIZERS[name].fit(["a", 1])
    with pytest.raises(UnknownNameError, match="did you mean 'padding'"):
        TOKENIZERS[name].fit("a", specials=["pading"])


@given(text=any_text.filter(bool), other=any_text)
def test_characters_come_back(text, other):
    tokenizer = CharTokenizer.fit([text, other])
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert [tokenizer.tokens[i] for i in tokenizer.encode(other)] == list(other)


@given(text=any_text, learned=any_text.filter(bool), special=st.booleans())
def test_byte_pairs_bring_any_text_back(text, learned, special):
    tokenizer = BytePairTokenizer.fit(
        learned, max_size=300, min_count=1, specials=("padding",) if special else ()
    )
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.decode(tokenizer.encode(learned)) == learned


def merges_by_the_book(words: Counter, most: int) -> list[tuple[int, int]]:
    """Count all pairs anew for each merge (Sennrich et al., 2016, algorithm 1)."""
    merges = []
    for token in range(256, 256 + most):
        pairs = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs or max(pairs.values()) < 2:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        replaced = Counter()
        for word, count in words.items():
            new, place = [], 0
            while place < len(word):
                if word[place : place + 2] == best:
                    new.append(token)
                    place += 2
                else:
                    new.append(word[place])
                    place += 1
            replaced[tuple(new)] += count
        words = replaced
    return merges


@given(st.lists(st.text("aab", min_size=1, max_size=12), min_size=1, max_size=12))
def test_merges_are_those_of_the_plain_algorithm(words):
    tokenizer = BytePairTokenizer.fit(words, max_size=276)
    counted = Counter(tuple(word.encode()) for word in words)
    assert list(tokenizer.merges) == merges_by_the_book(counted, 20)


def test_encoding_a_word_that_was_learned_from_repeats_the_merges():
    # The word list of Sennrich et al. (2016), whose first merges are known by hand.
    tokenizer = BytePairTokenizer.fit(
        ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3, max_size=256 + 4
    )
    assert tokenizer.tokens[256:] == ("es", "est", "lo", "low")
    assert [tokenizer.tokens[i] for i in tokenizer.encode("lowest")] == ["low", "est"]


def test_byte_pairs_do_not_reach_across_words_and_numbers():
    tokenizer = BytePairTokenizer.fit("in 1984 in 1984 in 1984, in_1984" * 9, max_size=400)
    pieces = [tokenizer.tokens[i] for i in tokenizer.encode("in 1984, in")]
    assert pieces == ["in", " 1984", ",", " in"]


def test_byte_pairs_that_are_no_text():
    tokenizer = BytePairTokenizer.fit("aa", max_size=256)
    assert tokenizer.decode([0xE2, 0x82, 0xAC]) == "€"
    assert tokenizer.decode([0xE2, 0x82, 65]) == "�A"
    assert tokenizer.tokens[0xE2] == r"\xe2"


def test_settings_of_byte_pairs():
    with pytest.raises(DataError, match=r"max_size=200 tokens, .* are 257 already"):
        BytePairTokenizer.fit("a", max_size=200, specials=["padding"])
    with pytest.raises(DataError, match=r"merge 1 .* \(300, 97\); there are 0 … 256 by then"):
        BytePairTokenizer(((97, 97), (300, 97)))
    assert BytePairTokenizer.fit("abab ab", max_size=999, min_count=4).merges == ()
    assert BytePairTokenizer.fit("ab abab", max_size=999, min_count=3).size == 257


def test_unknown_characters():
    with pytest.raises(DataError, match=r"character 'ß' at position 3 .*known: 'a', 'b'"):
        CharTokenizer("ab").encode("abbß")
    tokenizer = CharTokenizer("ab", ("unknown",))
    assert tokenizer.encode("aßz").tolist() == [1, 0, 0]
    assert tokenizer.decode([1, 0, 2]) == "a�b"
    with pytest.raises(DataError, match="sorted and different"):
        CharTokenizer("ba")


def test_words():
    tokenizer = WordTokenizer.fit(RHYME)
    assert tokenizer.tokens[:3] == ("<unknown>", "the", ",")  # 12 times, 9 times
    assert "cat's" in tokenizer.words
    assert "\n" in tokenizer.words
    assert tokenizer.decode(tokenizer.encode("the cat, a dog\nsat.")) == (
        "the cat, a <unknown>\nsat <unknown>"
    )
    assert tokenizer.encode("The").tolist() == [0]


def test_options_of_words():
    texts = ["One one ONE two", "two three"]
    assert WordTokenizer.fit(texts, lowercase=True).words == ("one", "two", "three")
    assert WordTokenizer.fit(texts, lowercase=True).encode("TWO").tolist() == [2]
    assert WordTokenizer.fit(texts, min_count=2).words == ("two",)
    assert WordTokenizer.fit(texts, max_size=3).words == ("two", "ONE")
    with pytest.raises(DataError, match="no word is left of 5 different ones: min_count=9"):
        WordTokenizer.fit(texts, min_count=9)
    with pytest.raises(DataError, match="'a' is twice"):
        WordTokenizer(("a", "b", "a"))
    with pytest.raises(UnknownNameError, match="unknown word 'twoo'; did you mean 'two'"):
        WordTokenizer.fit(texts, specials=()).encode("twoo")


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("Don't (ever) say: never!", "Don't (ever) say: never!"),
        ("a  b\n\n c", "a b\n\nc"),
        ("£5 for 50% off", "£5 for 50% off"),
    ],
)
def test_words_are_put_together_as_people_write(text, back):
    tokenizer = WordTokenizer.fit(text)
    assert tokenizer.decode(tokenizer.encode(text)) == back


def test_by_name():
    assert find_tokenizer("bpe") is BytePairTokenizer
    with pytest.raises(UnknownNameError, match="'chr'; did you mean 'char'"):
        find_tokenizer("chr")


@pytest.mark.parametrize("state", [{}, {"version": 1, "kind": "morse"}, {"version": 2}, []])
def test_what_is_no_saved_tokenizer(state):
    with pytest.raises(DataError, match=r"not a saved tokenizer|version 2; version 1"):
        Tokenizer.from_json(state)
