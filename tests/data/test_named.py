"""Texts and series with a name: found on disk or downloaded, with the facts they promise."""

import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from pellucid.data import DATASETS, SeriesDataset, load
from pellucid.data.named import FILES
from pellucid.errors import DataError

SMALL = {
    "tiny-shakespeare": "To be, or not to be, that is the question:\n" * 30,
    "names": "".join(f"{a}{b}a\n" for a in "abcdef" for b in "rst"),
    "sms-spam": "ham\tsee you at home\nspam\tfree money for you now\n" * 20,
    "ecg5000": "".join(
        ",".join(f"{value:.3e}" for value in [*np.sin(np.arange(140) + i), i % 2]) + "\n"
        for i in range(30)
    ),
    "airline-passengers": '"Month","Passengers"\n'
    + "".join(f'"{1949 + m // 12}-{m % 12 + 1:02}",{100 + m}\n' for m in range(72)),
    "daily-min-temperatures": '"Date","Temp"\n'
    + "".join(f'"19{81 + d // 28:02}-02-{d % 28 + 1:02}",{d % 7}.5\n' for d in range(420)),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path))
    monkeypatch.setenv("PELLUCID_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_every_file_is_tested():
    assert set(SMALL) == set(FILES)
    assert set(FILES) <= set(DATASETS)
    for name, file in FILES.items():
        assert file.folder == name
        assert (len(file.sha256) == 64) == bool(file.urls) == (not file.hint)
        assert all(url.startswith("https://") for url in file.urls)


@pytest.mark.parametrize("name", FILES)
def test_found_on_disk(folder, name):
    file = FILES[name]
    place = folder / file.folders[0]
    place.mkdir()
    unpacked = next(n for n in file.names if not n.endswith((".gz", ".zip")))
    (place / unpacked).write_text(SMALL[name])
    data = load(name, validation=0.2)
    assert (data.name, data.task) == (name, DATASETS[name].task)
    assert data.description
    assert set(data.parts()) == {"train", "validation", "test"}
    assert data.train.x.dtype == (np.int64 if data.tokenizer else np.float32)
    state = data.preparation.to_json()
    assert data.preparation.from_json(state) == data.preparation
    if data.task == "language":
        assert (data.tokenizer.padding == 0) == (name == "names")
        assert data.num_outputs == data.tokenizer.size
    if isinstance(data, SeriesDataset):
        assert data.season == (12 if name == "airline-passengers" else 365)
    if name == "ecg5000":
        assert load(name, flat=False).input_shape == (140, 1)
        assert data.class_names == ("anomalous", "normal")
    if name == "sms-spam":
        assert data.class_names == ("ham", "spam")


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.urls])
def test_downloaded_once_and_checked(folder, name, server, monkeypatch):
    data = SMALL[name].encode()
    if FILES[name].name.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("SMSSpamCollection", data)
        data = packed.getvalue()
    server.files["/file"] = data
    url, right = f"{server.url}file", hashlib.sha256(data).hexdigest()
    monkeypatch.setitem(FILES, name, replace(FILES[name], urls=(url,), sha256="0" * 64))
    with pytest.raises(DataError, match=rf"sha256 {right}, published is 000"):
        load(name, progress=False)
    monkeypatch.setitem(FILES, name, replace(FILES[name], urls=(url,), sha256=right))
    first, again = load(name, progress=False), load(name, progress=False)
    assert np.array_equal(first.train.x, again.train.x)
    assert len(server.requests) == 2


def test_a_set_without_an_address(folder):
    with pytest.raises(DataError) as caught:
        load("ecg5000")
    words = ["no lasting address", "timeseriesclassification.com", "PELLUCID_DATA", "ecg5000"]
    assert all(word in str(caught.value) for word in words)


def test_damaged_files(folder):
    (folder / "ecg5000").mkdir()
    path = folder / "ecg5000" / "ecg5000.csv"
    path.write_text("1,2,3\n4,5,6\n")
    with pytest.raises(DataError, match="has 3 columns; expected 140 values and the label"):
        load("ecg5000")
    path.write_text(",".join(["x"] * 141) + "\n")
    with pytest.raises(DataError, match="not a number"):
        load("ecg5000")
    (folder / "sms_spam").mkdir()
    (folder / "sms_spam" / "sms+spam+collection.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match="damaged or lacks SMSSpamCollection"):
        load("sms-spam")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "samples", "facts"),
    [
        # 90 % of 1,115,394 characters make 1,003,854, so that many windows of 64 and one more.
        ("tiny-shakespeare", {"train": 1003854 - 64, "test": 111539 // 64}, {"vocabulary": 65}),
        ("names", {"train": 28830, "test": 3203}, {"vocabulary": 28, "input_shape": (16,)}),
        ("sms-spam", {"train": 4459, "test": 1115}, {"num_classes": 2}),
        ("ecg5000", {"train": 4000, "test": 1000}, {"num_classes": 2}),
        ("airline-passengers", {"train": 115 - 24, "test": 29}, {"season": 12}),
        ("daily-min-temperatures", {"train": 2920 - 24, "test": 730}, {"season": 365}),
    ],
)
def test_the_real_files(data_dir, monkeypatch, name, samples, facts):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    if FILES[name].found() is None:
        pytest.skip(f"no file of {name} there")
    data = load(name)
    assert {part: len(p) for part, p in data.parts().items()} == samples
    assert {fact: getattr(data, fact) for fact in facts} == facts
    if name == "sms-spam":  # 747 of 5,574 messages are spam
        assert (data.train.y == 1).sum() + (data.test.y == 1).sum() == 747
    if name == "ecg5000":  # 2,919 of 5,000 beats are of class 1, the normal one
        assert (data.train.y == 1).sum() + (data.test.y == 1).sum() == 2919
