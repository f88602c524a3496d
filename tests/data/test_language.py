"""Texts as windows of tokens: shifted by one, without copies, cut where they should be."""

import json

import numpy as np
import pytest

from pellucid.data import (
    BytePairTokenizer,
    CharTokenizer,
    Dataset,
    LanguagePreparation,
    Part,
    Preparation,
    WordTokenizer,
    from_text,
    load,
)
from pellucid.errors import DataError, ShapeError, UnknownNameError

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXT = LETTERS + "".join(np.random.default_rng(0).choice(list(LETTERS + "    "), 974))


@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
def test_windows_are_the_text_and_targets_one_token_on(tokenizer):
    data = from_text("t", TEXT, tokenizer=tokenizer, context=8)
    ids = data.tokenizer.encode(TEXT[:900])
    assert (data.task, data.num_classes, data.class_names) == ("language", 0, ())
    assert data.num_outputs == data.vocabulary == data.tokenizer.size
    assert data.train.x.dtype == data.train.y.dtype == np.int64
    assert data.train.x.shape == data.train.y.shape == (len(ids) - 8, 8)
    for i in (0, 1, len(ids) - 9):
        assert np.array_equal(data.train.x[i], ids[i : i + 8])
        assert np.array_equal(data.train.y[i], ids[i + 1 : i + 9])
    assert f"the next of {data.vocabulary} tokens" in data.summary()


def test_held_out_tokens_are_predicted_once_each():
    data = from_text("t", TEXT, context=8, test_fraction=0.2, validation=0.25)
    assert len(data.train) == 600 - 8
    for part, text in ((data.validation, TEXT[600:800]), (data.test, TEXT[800:])):
        assert len(part) == 199 // 8
        predicted = data.tokenizer.decode(part.y.ravel())
        assert predicted == text[1 : 1 + len(predicted)]
    everything = from_text("t", TEXT, context=8, test_fraction=0)
    assert (everything.test, len(everything.train)) == (None, 992)


def test_windows_share_the_memory_of_the_tokens():
    data = from_text("t", TEXT * 300, context=256)  # 300,000 characters: 1.2 GB if copied
    assert np.shares_memory(data.train.x, data.train.y)
    assert data.train.x.strides == (8, 8)
    assert not data.train.x.flags.writeable
    assert data.flat().train.x.strides == (8, 8)


def test_what_is_learned_from_the_training_part_alone():
    text = "the cat sat. " * 90 + "a zebra ran! " * 10
    words = from_text("t", text, tokenizer="word", context=4)
    assert words.tokenizer.decode(words.tokenizer.encode("the zebra")) == "the <unknown>"
    assert "!" not in words.tokenizer.tokens
    pairs = from_text("t", text, tokenizer="bpe", context=4, vocabulary_size=300)
    assert pairs.vocabulary <= 300
    assert not any("zebra" in token for token in pairs.tokenizer.tokens)
    assert "z" in from_text("t", text, context=4).tokenizer.tokens  # characters: of all of it
    own = CharTokenizer.fit(text)
    assert from_text("t", text, tokenizer=own, context=4).tokenizer is own
    few = from_text("t", text, tokenizer="word", context=4, vocabulary_size=3)
    assert few.tokenizer.tokens == ("<unknown>", ".", "cat")


def test_lines():
    data = from_text("t", "\n".join(["ab", "", "abc ", "c", "b"] * 5), lines=True, validation=0.2)
    tokens = data.tokenizer
    assert tokens.tokens == ("<padding>", "<boundary>", "a", "b", "c")
    assert data.input_shape == (4,)  # the longest line and a boundary
    assert {name: len(p) for name, p in data.parts().items()} == {
        "train": 14,
        "validation": 4,
        "test": 2,
    }
    pairs = data.preparation.pairs("ab\nc\n")
    assert pairs.x.tolist() == [[1, 2, 3, 0], [1, 4, 0, 0]]
    assert pairs.y.tolist() == [[2, 3, 1, 0], [4, 1, 0, 0]]
    assert data.preparation.inverse_target(pairs.y).tolist() == ["ab", "c"]
    cut = from_text("t", "abcdef\nab", lines=True, context=3, test_fraction=0)
    assert cut.train.x.tolist() == [[1, 2, 3], [1, 2, 3]]  # <boundary> a b
    assert cut.train.y.tolist() == [[2, 3, 4], [2, 3, 1]]  # the first line goes on, the second ends


def test_held_out_lines_are_drawn_by_the_seed():
    text = "\n".join(f"name{i}" for i in range(100))

    def held(rng):
        data = from_text("t", text, lines=True, rng=rng)
        return data.preparation.inverse_target(data.test.y).tolist()

    assert held(0) == held(0) != held(1)
    assert held(0) != [f"name{i}" for i in range(90, 100)]


def test_preparation():
    data = from_text("t", TEXT, context=8)
    again = Preparation.from_json(json.loads(json.dumps(data.preparation.to_json())))
    assert again == data.preparation
    assert isinstance(again, LanguagePreparation)
    x = again.transform(TEXT[:30])
    assert x.tolist() == [data.tokenizer.encode(TEXT[i : i + 8]).tolist() for i in (0, 8, 16)]
    logits = np.eye(data.vocabulary)[x]
    assert again.inverse_target(logits).tolist() == [TEXT[0:8], TEXT[8:16], TEXT[16:24]]
    with pytest.raises(ShapeError, match=r"logits of shape \(N, T, 27\), got \(3,\)"):
        again.inverse_target(np.zeros(3))
    with pytest.raises(DataError, match="has 8 tokens, but a window of context=8 needs 9"):
        again.transform(TEXT[:8])


def test_overlapping_windows_are_not_held_out_at_random():
    data = from_text("t", TEXT, context=8)
    with pytest.raises(DataError, match=r"overlap, .* load it with validation=0.2"):
        data.split_validation(0.2)
    lines = from_text("t", "\n".join("abcdefghij"), lines=True)
    assert len(lines.split_validation(0.25).validation) == 2


def test_a_language_data_set_of_ones_own():
    data = Dataset("own", Part([[0, 1], [1, 2]], [[1, 2], [2, 5]]), task="language")
    assert (data.vocabulary, data.num_outputs, data.tokenizer) == (6, 6, None)
    assert Dataset("own", Part([[0.5]], [[1.0]]), task="regression").vocabulary == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"context": 2000}, "train part has 900 tokens, but a window of context=2000 needs 2001"),
        ({"context": 100}, "test part has 100 tokens, but a window of context=100 needs 101"),
        ({"context": 0}, "context is a number of tokens, 1 or more, got 0"),
        ({"test_fraction": 1}, "test_fraction is a share"),
        ({"validation": -0.1}, "validation is a share"),
        ({"vocabulary_size": 9}, "'char' takes all there is"),
        ({"tokenizer": CharTokenizer.fit(TEXT), "vocabulary_size": 9}, "still to be learned"),
        ({"tokenizer": CharTokenizer.fit(TEXT), "lines": True}, "boundary and padding"),
    ],
)
def test_wrong_options(options, words):
    with pytest.raises(DataError, match=words):
        from_text("t", TEXT, **options)
    with pytest.raises(UnknownNameError, match="did you mean 'word'"):
        from_text("t", TEXT, tokenizer="words")


def test_files(tmp_path):
    path = tmp_path / "play.txt"
    path.write_bytes(b"First Citizen:\r\nWe are, all of us, hungry.\r\n" * 40)
    data = load(path, context=16)
    assert (data.name, data.task) == ("play", "language")
    assert "\r" not in data.tokenizer.tokens
    assert "play.txt, 1,680 characters" in data.summary()
    lines = load(path, lines=True)
    assert lines.input_shape == (27,)
    assert "80 lines" in lines.summary()
    assert load(path, tokenizer="word", context=4).tokenizer.tokens[0] == "<unknown>"
    assert isinstance(load(path, tokenizer="bpe", context=4).tokenizer, BytePairTokenizer)
    assert isinstance(load(path, tokenizer="word", context=4).tokenizer, WordTokenizer)
    path.write_text(" \n\n")
    with pytest.raises(DataError, match=r"'play.txt' is empty"):
        load(path, lines=True)
    path.write_bytes(b"a\xff\n" * 20)
    with pytest.raises(DataError, match=r"line 1: the byte 0xff is not utf-8 text"):
        load(path, context=2)
    assert "ÿ" in load(path, context=2, text_encoding="latin-1").tokenizer.tokens


@pytest.mark.parametrize(
    ("content", "task"),
    [
        ("1 2.5 0\n3 1.5 1\n2 2.5 0\n5 0.5 1\n" * 5, "classification"),
        ("a,b,label\n" + "1,2,yes\n3,1,no\n" * 10, "classification"),
        ("width\tkind\n" + "1\tbig\n2\tsmall\n" * 10, "classification"),
        ("emma\nolivia\nava\n" * 10, "language"),
        ("To be, or not,\nto be, that is\nthe question.\n" * 9, "language"),
        ("Two roads,\ntwo woods,\n" * 2, "language"),
    ],
)
def test_txt_files_are_tables_or_texts(tmp_path, content, task):
    (tmp_path / "some.txt").write_text(content)
    options = {"context": 4} if task == "language" else {}
    assert load(tmp_path / "some.txt", **options).task == task
    if task == "language":
        assert load(tmp_path / "some.txt", validation=0.1).task == task


def test_an_option_decides(tmp_path):
    (tmp_path / "numbers.txt").write_text("1 2 0\n3 1 1\n" * 60)
    assert load(tmp_path / "numbers.txt").task == "classification"
    assert load(tmp_path / "numbers.txt", tokenizer="char", context=8).task == "language"
    assert load(tmp_path / "numbers.txt", window=8).task == "regression"
    with pytest.raises(UnknownNameError, match="did you mean 'context'"):
        load(tmp_path / "numbers.txt", contxt=8)
