"""``pellucid predict``."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pellucid import data
from pellucid.training import load_run, predict_proba

NEW = "shape,size\nround,2\nsquare,-2\nround,\n"


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


def test_classes_in_the_order_of_the_rows(run, trained):
    Path("new.csv").write_text(NEW)
    outcome = run("predict", trained / "things", "new.csv")
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    assert [row["prediction"] for row in rows_of(outcome.out)][:2] == ["red", "blue"]
    assert len(rows_of(outcome.out)) == 3


def test_probabilities_are_those_of_the_network(run, trained):
    rows = rows_of(run("predict", trained / "things", trained / "things.csv", "--proba").out)
    loaded = load_run(trained / "things")
    x = loaded.preparation.transform(data.read_table(trained / "things.csv"))
    expected = predict_proba(loaded.net, x)
    found = [[float(r["probability_blue"]), float(r["probability_red"])] for r in rows]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert [r["prediction"] for r in rows] == [
        ("blue", "red")[label] for label in expected.argmax(axis=1)
    ]


def test_numbers_in_their_own_unit(run, trained):
    rows = rows_of(run("predict", trained / "prices", trained / "prices.csv").out)
    truth = [float(r["price"]) for r in rows_of((trained / "prices.csv").read_text())]
    found = [float(row["prediction"]) for row in rows]
    assert np.corrcoef(found, truth)[0, 1] > 0.95
    assert abs(np.mean(found) - np.mean(truth)) < 1
    assert (
        "predicts numbers"
        in run("predict", trained / "prices", trained / "prices.csv", "--proba").err
    )


def test_to_a_file(run, trained):
    Path("new.csv").write_text(NEW)
    outcome = run("predict", trained / "things", "new.csv", "-o", "out/predicted.csv")
    assert outcome.out == "3 predictions in out/predicted.csv\n"
    assert (
        Path("out/predicted.csv").read_text() == run("predict", trained / "things", "new.csv").out
    )
    Path("file").touch()
    refused = run("predict", trained / "things", "new.csv", "-o", "file/x.csv")
    assert refused.code == 2
    assert len(refused.err.splitlines()) == 1


def test_from_stdin_and_as_json(run, trained):
    outcome = run("predict", trained / "things", "-", "--json", "--proba", stdin=NEW)
    predictions = outcome.json["predictions"]
    assert [p["prediction"] for p in predictions][:2] == ["red", "blue"]
    assert predictions[0]["probability_red"] > 0.5
    empty = run("predict", trained / "things", "-", stdin="")
    assert empty.code == 2
    assert "'stdin' is empty" in empty.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("size,shape\n1,oval\n", ["line 2", "'shape'", "'oval'", "--unknown ignore"]),
        ("size,shape\n1,round\nbig,round\n", ["line 3", "'size'", "'big'"]),
        ("shape\nround\nsquare\n", ["'size'"]),
        ("size,shape\n1,round\n2\n", ["line 3"]),
    ],
)
def test_bad_rows_are_named(run, trained, text, said):
    Path("bad.csv").write_text(text)
    outcome = run("predict", trained / "things", "bad.csv")
    assert outcome.code == 2
    assert outcome.out == ""
    for words in said:
        assert words in outcome.err
    if "oval" in text:
        assert run("predict", trained / "things", "bad.csv", "--unknown", "ignore").code == 0


def test_a_table_of_numbers_for_a_named_data_set(run, trained):
    flowers = data.load("iris")
    target = flowers.preparation
    names = ",".join(reversed(flowers.feature_names))
    raw = target.center + target.scale * np.asarray(flowers.test.x, np.float64)
    lines = "\n".join(",".join(map(str, row[::-1])) for row in raw)
    by_name = rows_of(run("predict", trained / "iris", "-", stdin=f"{names}\n{lines}\n").out)
    ordered = "\n".join(",".join(map(str, row)) for row in raw)
    by_place = rows_of(run("predict", trained / "iris", "-", stdin=ordered + "\n").out)
    assert by_name == by_place
    truth = [flowers.class_names[label] for label in flowers.test.y]
    assert sum(row["prediction"] == t for row, t in zip(by_name, truth, strict=True)) >= 26
    np.save("rows.npy", raw)
    np.savez("rows.npz", x=raw)
    for file in ("rows.npy", "rows.npz"):
        assert rows_of(run("predict", trained / "iris", file).out) == by_name
    np.savez("odd.npz", z=raw)
    assert "lacks 'x'" in run("predict", trained / "iris", "odd.npz").err
    assert (
        "2 columns; the network takes 4"
        in run("predict", trained / "iris", "-", stdin="1,2\n3,4\n").err
    )
    assert (
        "'a', which is not a number"
        in run("predict", trained / "iris", "-", stdin="1,2,3,4\n1,2,a,4\n").err
    )
    assert "no file 'gone.csv'" in run("predict", trained / "iris", "gone.csv").err


def test_an_array_of_another_width_is_not_called_damaged(run, trained):
    np.save("wide.npy", np.zeros((3, 9)))
    outcome = run("predict", trained / "iris", "wide.npy")
    assert outcome.code == 2
    assert "'wide.npy' has shape (3, 9); expected 4 numbers for each sample" in outcome.err
    assert "damaged" not in outcome.err
