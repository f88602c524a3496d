"""Tables of texts with classes: columns found, tokens of the training rows, new texts alike."""

import json

import numpy as np
import pytest

from pellucid.data import (
    Part,
    Preparation,
    TextPreparation,
    WordTokenizer,
    load,
    load_table,
    load_texts,
)
from pellucid.errors import DataError, UnknownNameError

draw = np.random.default_rng(0)
GREETINGS = [f"hello my dear {name} see you at {hour}" for name in "abcde" for hour in range(8)]
OFFERS = [f"win a free prize number {number} now call us" for number in range(20)]
ROWS = [*(("ham", text) for text in GREETINGS), *(("spam", text) for text in OFFERS)]


def write(folder, lines, name="sms.tsv"):
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


@pytest.fixture
def sms(tmp_path):
    return write(tmp_path, [f"{label}\t{text}" for label, text in ROWS])


def test_labels_and_texts(sms):
    data = load(sms)
    assert (data.task, data.class_names, data.name) == ("classification", ("ham", "spam"), "sms")
    assert (len(data.train), len(data.test)) == (48, 12)
    assert data.train.x.dtype == data.train.y.dtype == np.int64
    assert data.input_shape == (9,)  # as long as an offer, which a third of the rows are
    assert np.bincount(data.test.y).tolist() == [8, 4]
    assert (data.tokenizer.padding, data.tokenizer.unknown) == (0, 1)
    assert data.num_outputs == 2
    assert data.vocabulary == data.tokenizer.size
    assert any("'column0' is predicted from the texts in column 'column1'" in n for n in data.notes)
    assert load(sms).train.x.tolist() == data.train.x.tolist()


def test_words_of_held_out_rows_are_not_known(tmp_path):
    lines = [f"{'ab'[i % 2]}\tthis is text number{i} of many" for i in range(50)]
    data = load(write(tmp_path, lines), validation=0.25)
    assert {name: len(p) for name, p in data.parts().items()} == {
        "train": 30,
        "validation": 10,
        "test": 10,
    }
    known = [word for word in data.tokenizer.words if word.startswith("number")]
    assert len(known) == 30
    for part in (data.validation, data.test):
        assert (part.x[:, 3] == data.tokenizer.unknown).all()
    assert (data.train.x != data.tokenizer.unknown).all()


def test_new_texts(sms):
    data = load(sms, max_length=5)
    again = Preparation.from_json(json.loads(json.dumps(data.preparation.to_json())))
    assert isinstance(again, TextPreparation)
    assert again == data.preparation
    ids = again.tokenizer.encode("free prize")
    row = [*ids, 0, 0, 0]
    assert again.transform(["Free PRIZE"]).tolist() == [row]
    assert again.transform("free prize").tolist() == [row]
    assert again.transform([{"column1": "free prize", "column0": "spam"}]).tolist() == [row]
    assert again.transform({"column1": ["free prize"]}).tolist() == [row]
    assert again.transform(["one two three free prize now"])[0].tolist()[3:] == list(ids)
    assert again.transform([]).shape == (0, 5)
    assert again.inverse_target(np.array([[0.2, 0.8]])).tolist() == ["spam"]
    table = again.read(sms)
    assert again.transform(table).shape == (60, 5)
    assert again.target_transform(table).tolist() == [0] * 40 + [1] * 20
    with pytest.raises(DataError, match=r"row 1 .* is 3; expected a text"):
        again.transform(["a", 3])


def test_files_to_predict(sms, tmp_path):
    preparation = load(sms).preparation
    alone = preparation.read(write(tmp_path, ["win a free prize", "hello dear"], "new.tsv"))
    assert preparation.transform(alone).shape == (2, 9)
    named = load(write(tmp_path, ["label\ttext", *(f"{a}\t{b}" for a, b in ROWS)]))
    assert named.class_names == ("ham", "spam")
    other = named.preparation.read(write(tmp_path, ["what\tlabel", "a b c\tham"], "other.tsv"))
    with pytest.raises(DataError, match=r"no column 'text' \(found: what, label\)"):
        named.preparation.transform(other)
    with pytest.raises(DataError, match="no column 'label' with the target"):
        named.preparation.target_transform(
            named.preparation.read(write(tmp_path, ["text\tno", "a b c\td"], "third.tsv"))
        )


def test_columns_are_found_in_any_order(tmp_path):
    lines = ["id,message,kind,more"]
    lines += [f'{i},"{text}, {text}",{label},' for i, (label, text) in enumerate(ROWS)]
    data = load(write(tmp_path, lines, "messages.csv"))
    assert data.preparation.column == "message"
    assert data.preparation.target.name == "kind"
    assert any("left out: columns 'id', 'more'" in note for note in data.notes)
    chosen = load(tmp_path / "messages.csv", text="message", target="kind", max_length=3)
    assert chosen.input_shape == (3,)


def test_a_table_with_numbers_stays_a_table(tmp_path):
    lines = ["price,note,kind"]
    lines += [f"{i * 7 % 13}.5,{text},{label}" for i, (label, text) in enumerate(ROWS)]
    path = write(tmp_path, lines, "mixed.csv")
    table = load(path)
    assert table.feature_names == ("price",)
    assert any("'note' is left out" in note for note in table.notes)
    assert load(path, text="note").preparation.column == "note"


def test_options(sms, tmp_path):
    assert load(sms, tokenizer="char").tokenizer.kind == "char"
    assert load(sms, tokenizer="bpe", vocabulary_size=280).vocabulary <= 280
    assert load(sms, vocabulary_size=10).vocabulary == 10
    upper = load(write(tmp_path, [f"{a}\t{b.title()}" for a, b in ROWS], "t.tsv"), lowercase=False)
    assert "Free" in upper.tokenizer.words
    own = WordTokenizer.fit(GREETINGS, specials=["padding", "unknown"])
    assert load(sms, tokenizer=own).tokenizer is own
    held = write(tmp_path, ["ham\thello my dear", "spam\twin a prize"], "held.tsv")
    apart = load(sms, test=held)
    assert (len(apart.train), apart.test.y.tolist()) == (60, [0, 1])
    assert load(sms, test_fraction=0).test is None
    stars = write(tmp_path, [f"{len(b) / 7}\t{b} {i}" for i, (a, b) in enumerate(ROWS)], "r.tsv")
    ratings = load_texts(stars)
    assert ratings.task == "regression"
    assert ratings.train.y.shape == (48, 1)


def test_rows_without_a_class(tmp_path):
    path = write(tmp_path, ["\thi there you", *(f"{a}\t{b}" for a, b in ROWS)])
    with pytest.raises(DataError, match=r"missing in 1 row of 61 \(lines 1\)"):
        load_texts(path)
    assert len(load_texts(path, missing_target="drop").train) == 48


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"max_length": 0}, DataError, "max_length is a number of tokens, 1 or more"),
        ({"missing_target": "keep"}, UnknownNameError, "missing_target"),
        ({"tokenizer": WordTokenizer(("a",))}, DataError, "needs padding"),
        ({"text": 1, "target": 1}, DataError, "'column1' cannot be both the text and the target"),
        ({"text": "body"}, UnknownNameError, "'body'"),
    ],
)
def test_wrong_options(sms, options, error, words):
    with pytest.raises(error, match=words):
        load_texts(sms, **options)


def test_files_without_texts(tmp_path):
    with pytest.raises(DataError, match=r"no column of texts .* name it with text="):
        load_texts(write(tmp_path, ["a\tb", "c\td"]))
    with pytest.raises(DataError, match="texts only, and no column with their classes"):
        load_texts(write(tmp_path, GREETINGS), delimiter="\t", header=False)
    with pytest.raises(DataError, match="load_texts reads the texts in column 'column1'"):
        load_table(write(tmp_path, [f"{a}\t{b}" for a, b in ROWS]), target=0)


def test_quotes_in_messages_are_part_of_them(tmp_path):
    lines = [f'{a}\t"{b}" she said' for a, b in ROWS]
    data = load(write(tmp_path, lines), max_length=20)
    assert data.tokenizer.encode('"')[0] != data.tokenizer.unknown
    assert len(data.train) + len(data.test) == 60


def test_ids_are_not_written_over(sms):
    data = load(sms)
    part = Part(data.train.x, data.train.y)
    assert part.x is data.train.x
