"""Bad input: one clear line on stderr, exit code 2, nothing left behind."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

GOOD = "size,shape,colour\n" + "".join(
    f"{i / 7:.3f},{'round' if i % 3 else 'square'},{'red' if i % 2 else 'blue'}\n"
    for i in range(40)
)

TABLES = {
    "empty": ("", [], ["is empty"]),
    "header only": ("size,colour\n", [], ["no rows"]),
    "ragged": (GOOD + "1,2\n", [], ["line 42", "2 values"]),
    "one class": (GOOD.replace("blue", "red"), [], ["'red' in every row"]),
    "unknown target": (GOOD, ["--target", "color"], ["did you mean 'colour'"]),
    "target out of range": (GOOD, ["--target", "7"], ["no column 7"]),
    "missing target": (GOOD + "1,round,\n", [], ["line", "--missing-target drop"]),
    "text among numbers": (GOOD.replace("0.143", "little"), [], ["'little'", "--column size="]),
    "an infinite number": (GOOD.replace("0.143", "inf"), [], ["inf"]),
    "numbers wanted": (GOOD, ["--task", "regression"], ["'colour'", "not a number"]),
    "binary": (GOOD + "\0", [], ["binary"]),
    "no test file": (GOOD, ["--test", "gone.csv"], ["gone.csv"]),
    "long delimiter": (GOOD, ["--delimiter", "ab"], ["one character"]),
    "unknown encoding": (GOOD, ["--text-encoding", "latin-99"], ["latin-99"]),
    "wrong loss": (GOOD, ["--loss", "mse"], ["is for numbers"]),
    "lbfgs with clipping": (GOOD, ["--optimizer", "lbfgs", "--grad-clip", "1"], ["L-BFGS"]),
    "metric of numbers": (GOOD, ["--metric", "r2"], ["'r2'", "classes"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(run, name):
    text, options, said = TABLES[name]
    Path("table.csv").write_text(text)
    outcome = run("train", "table.csv", *options)
    assert outcome.code == 2, outcome.out
    assert len(outcome.err.strip().splitlines()) == 1
    assert outcome.err.startswith("Error: ")
    for words in said:
        assert words in outcome.err
    assert outcome.out == ""
    assert not Path("runs").exists()


def test_text_in_another_encoding(run):
    Path("table.csv").write_bytes(GOOD.replace("round", "rønd").encode("latin-1"))
    outcome = run("train", "table.csv")
    assert "--text-encoding latin-1" in outcome.err
    assert run("train", "table.csv", "--text-encoding", "latin-1", "--epochs", 1).code == 0


def test_arrays(run):
    x, y = np.ones((10, 2)), np.arange(10) % 2
    x[3, 1] = np.nan
    np.savez("nan.npz", x=x, y=y)
    assert "NaN" in run("train", "nan.npz").err
    np.savez("objects.npz", x=np.array([{}], dtype=object), y=y[:1])
    assert "pickled" in run("train", "objects.npz").err
    np.savez("keys.npz", a=y)
    assert "lacks 'x', 'y'" in run("train", "keys.npz").err
    Path("broken.npz").write_bytes(b"PK\x03\x04 not really")
    assert "damaged" in run("train", "broken.npz").err
    np.save("matrix.npy", np.ones((5, 3)))
    assert "a column's position" in run("train", "matrix.npy", "--target", "price").err


def test_places_where_nothing_can_be_written(run):
    Path("file").touch()
    outcome = run("train", "xor", "--out", "file/run")
    assert outcome.code == 2
    assert "'file/run'" in outcome.err
    assert "is a file" in run("train", "xor", "--out", "file").err
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("three years")
    assert "not empty" in run("train", "xor", "--out", "mine", "--overwrite").err
    assert Path("mine/thesis.txt").read_text() == "three years"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_folder_without_permission(run):
    Path("closed").mkdir(mode=0o500)
    outcome = run("train", "xor", "--out", "closed/run")
    assert outcome.code == 2
    assert "permission denied" in outcome.err


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "permission denied")],
)
def test_a_disk_that_refuses(run, monkeypatch, code, said):
    run("train", "iris", "--epochs", 6, "--stop-after", 3, "--out", "there", "-q")
    before = Path("there/checkpoint.safetensors").read_bytes()

    def refuse(descriptor):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        outcome = run("train", "--resume", "there")
        assert outcome.code == 2
        assert said in outcome.err
        assert outcome.err.count("Error") == 1
    assert Path("there/checkpoint.safetensors").read_bytes() == before
    assert run("train", "--resume", "there", "-q").code == 0


def test_numbers_that_leave_the_scale_name_the_layer(run):
    outcome = run("train", "iris", "--lr", "1e30", "--optimizer", "sgd", "--progress", "none")
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    assert "nan" in outcome.err.lower() or "inf" in outcome.err.lower()


@pytest.mark.parametrize("source", ["table.csv", "nope/table.csv", "table.xyz", "photos/"])
def test_sources_that_are_not_there(run, source):
    outcome = run("train", source)
    assert outcome.code == 2
    assert source.rstrip("/") in outcome.err


def test_options_that_do_not_go_with_the_source(run):
    assert "--delimiter goes with a table" in run("train", "iris", "--delimiter", ";").err
    assert (
        "--image-size goes with a folder of images" in run("train", "iris", "--image-size", "3").err
    )
    assert "--target goes with" in run("train", "iris", "--target", "species").err
