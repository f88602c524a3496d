"""Every named set loads as its entry says; `load` tells names from paths."""

import subprocess
import sys

import numpy as np
import pytest

from pellucid.data import DATASETS, Source, describe, load, register
from pellucid.errors import DataError, UnknownNameError

# Samples over all parts, features, classes; None: tested with files of its own in test_mnist,
# test_cifar and test_named.
EXPECTED = {
    "xor": (4, 2, 2),
    "and": (4, 2, 2),
    "or": (4, 2, 2),
    "moons": (1000, 2, 2),
    "circles": (1000, 2, 2),
    "spirals": (1000, 2, 3),
    "blobs": (1000, 2, 3),
    "gaussian-quantiles": (1000, 2, 3),
    "digits": (1797, 64, 10),
    "iris": (150, 4, 3),
    "wine": (178, 13, 3),
    "breast-cancer": (569, 30, 2),
    "diabetes": (442, 10, 0),
    "mnist": None,
    "fashion-mnist": None,
    "cifar10": None,
    "cifar10-subset": None,
    "ecg5000": None,
    "sms-spam": None,
    "tiny-shakespeare": None,
    "names": None,
    "airline-passengers": None,
    "daily-min-temperatures": None,
}


def test_every_source_is_expected_here():
    assert set(DATASETS) == set(EXPECTED)


@pytest.mark.parametrize("name", [name for name, facts in EXPECTED.items() if facts])
def test_a_source_keeps_its_promise(name):
    source = DATASETS[name]
    if source.extra == "sklearn":
        pytest.importorskip("sklearn")
    data, again = load(name), load(name)
    samples, features, classes = EXPECTED[name]
    assert sum(map(len, data.parts().values())) == samples
    assert (data.num_features, data.num_classes) == (features, classes)
    assert f"{samples:,} × {features}" in source.size
    assert f"{classes} classes" in source.size or not classes
    assert (data.name, data.task) == (name, source.task)
    assert data.train.x.dtype == np.float32
    assert data.train.y.dtype == (np.int64 if classes else np.float32)
    for part, other in zip(data.parts().values(), again.parts().values(), strict=True):
        assert np.array_equal(part.x, other.x)
    assert data.preparation is not None
    assert data.preparation.from_json(data.preparation.to_json()) == data.preparation


def test_the_table_for_people():
    rows = {row["name"]: row for row in describe()}
    assert list(rows) == list(DATASETS)
    assert all(all(row.values()) for row in rows.values())
    needs = {name: row["needs"] for name, row in rows.items()}
    assert needs["mnist"] == "a download"
    assert needs["digits"] == "pellucid[sklearn]"
    assert needs["xor"] == "nothing"


def test_names_are_forgiving():
    assert load("Gaussian_Quantiles", samples=30).name == "gaussian-quantiles"


def test_register(monkeypatch):
    monkeypatch.setattr("pellucid.data.registry.DATASETS", dict(DATASETS))
    source = Source("xor", "", "classification", "", "", "", load)
    with pytest.raises(DataError, match="called 'xor' already"):
        register(source)
    register(Source("mine", "", "classification", "", "", "", lambda: load("xor")))
    assert "mine" in sys.modules["pellucid.data.registry"].DATASETS


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("digts", UnknownNameError, ["'digts'", "did you mean 'digits'"]),
        ("no-such.csv", DataError, ["no file or folder 'no-such.csv'", "looked in"]),
        ("some/where", DataError, ["no file or folder 'some/where'"]),
    ],
)
def test_unknown_names_and_paths(name, error, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        load(name)
    assert all(word in str(caught.value) for word in words)


def test_unknown_kind_of_file(tmp_path):
    (tmp_path / "notes.docx").write_text("?")
    with pytest.raises(DataError, match=r"'notes.docx' is of a kind .* \.csv.*\.npz"):
        load(tmp_path / "notes.docx")


def test_unknown_options(tmp_path):
    with pytest.raises(UnknownNameError, match="'moons': 'sampels'; did you mean 'samples'"):
        load("moons", sampels=3)
    with pytest.raises(UnknownNameError, match="did you mean 'validation'"):
        load("mnist", validatoin=0.1)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UnknownNameError, match=r"'t.csv': 'targett'; did you mean 'target'"):
        load(tmp_path / "t.csv", targett="b")


def test_import_is_light():
    program = (
        "import sys, pellucid.data; "
        "heavy = {'sklearn', 'PIL', 'rich', 'scipy', 'pandas', 'urllib.request', 'http.client'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
