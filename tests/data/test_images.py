"""Folders of images: pixels, classes, parts, and files that cannot be used."""

import sys

import numpy as np
import pytest

from pellucid.data import load, read_images
from pellucid.errors import DataError, MissingExtraError, UnknownNameError

Image = pytest.importorskip("PIL.Image")


def save(path, pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes of ten grey 4×6 images each; image i of class c has the value 20·i + c."""
    for label, name in enumerate(("cat", "dog")):
        for i in range(10):
            save(tmp_path / name / f"{i}.png", np.full((4, 6), 20 * i + label))
    return tmp_path


def test_grey_images_by_class(folder):
    data = load(folder, test_fraction=0, flat=False)
    assert data.class_names == ("cat", "dog")
    assert data.input_shape == data.image_shape == (1, 4, 6)
    assert data.train.x.dtype == np.float32
    expected = [(20 * i + label) / 255 for label in range(2) for i in range(10)]
    np.testing.assert_allclose(data.train.x[:, 0, 0, 0], expected, rtol=1e-6)
    assert data.train.y.tolist() == [0] * 10 + [1] * 10
    assert load(folder).train.x.shape == (16, 24)


def test_stratified_split(folder):
    data = load(folder, test_fraction=0.2, validation=0.25)
    counts = {name: np.bincount(part.y).tolist() for name, part in data.parts().items()}
    assert counts == {"train": [6, 6], "validation": [2, 2], "test": [2, 2]}


def test_parts_in_folders(tmp_path):
    for part, count in (("train", 3), ("test", 2), ("val", 1)):
        for label, name in enumerate("ab"):
            for i in range(count):
                save(tmp_path / part / name / f"{i}.png", np.full((2, 2), label))
    data = load(tmp_path)
    assert {name: len(part) for name, part in data.parts().items()} == {
        "train": 6,
        "validation": 2,
        "test": 4,
    }
    save(tmp_path / "test" / "c" / "0.png", np.zeros((2, 2)))
    with pytest.raises(DataError, match=r"test.c' is a class that the training folder does not"):
        load(tmp_path)


def test_colour_channels_come_first(tmp_path):
    pixels = np.zeros((2, 3, 3))
    pixels[..., 0], pixels[..., 2] = 255, 51
    save(tmp_path / "x.png", pixels)
    read = read_images([tmp_path / "x.png"])
    assert read.shape == (1, 3, 2, 3)
    assert read[0, :, 0, 0].tolist() == [255, 0, 51]
    assert read_images([tmp_path / "x.png"], color="grayscale").shape == (1, 1, 2, 3)


def test_one_coloured_image_makes_all_coloured(folder):
    save(folder / "cat" / "red.png", np.full((4, 6, 3), [255, 0, 0]))
    assert load(folder).image_shape == (3, 4, 6)
    assert load(folder, color="grayscale").image_shape == (1, 4, 6)


def test_resize(folder):
    save(folder / "cat" / "big.png", np.full((8, 8), 9))
    with pytest.raises(DataError) as caught:
        load(folder)
    for word in ("big.png", "8×8 pixels", "4×6", "size=(4, 6)"):
        assert word in str(caught.value)
    assert load(folder, size=(4, 6)).image_shape == (1, 4, 6)
    assert load(folder, size=5).image_shape == (1, 5, 5)


def test_new_images_are_prepared_alike(folder):
    data = load(folder, test_fraction=0, scale="standard")
    pixels = read_images([folder / "cat" / "3.png"])
    np.testing.assert_array_equal(data.preparation.transform(pixels), data.train.x[3:4])


def test_damaged_images_are_named(folder):
    good = (folder / "cat" / "1.png").read_bytes()
    bad = folder / "cat" / "bad.png"
    bad.write_bytes(good[:50])
    with pytest.raises(DataError, match=r"bad\.png' is (a damaged|not an) image"):
        load(folder)
    bad.write_bytes(b"this is text")
    with pytest.raises(DataError, match=r"bad\.png' is not an image that can be read"):
        load(folder)
    with pytest.raises(DataError, match="there is no file"):
        read_images([folder / "absent.png"])


def test_sixteen_bit_images_are_refused(tmp_path):
    Image.fromarray(np.full((2, 2), 40_000, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(DataError, match=r"deep\.png' has more than 8 bits"):
        read_images([tmp_path / "deep.png"])


def test_photos_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    image = Image.fromarray(np.zeros((2, 5), np.uint8))
    image.save(tmp_path / "photo.jpg", exif=exif)
    assert read_images([tmp_path / "photo.jpg"]).shape == (1, 1, 5, 2)


def forbid(*arguments, **options):
    raise PermissionError(13, "Permission denied")


def test_missing_permission(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", forbid)
        with pytest.raises(DataError, match=r"0\.png' cannot be read: Permission denied"):
            load(folder)
    monkeypatch.setattr(type(folder), "iterdir", forbid)
    with pytest.raises(DataError, match=r"the folder '.*' cannot be read: Permission denied"):
        load(folder)


def test_folders_without_classes(tmp_path):
    with pytest.raises(DataError, match="has none; expected a sub-folder"):
        load(tmp_path)
    (tmp_path / "only").mkdir()
    (tmp_path / ".hidden").mkdir()
    with pytest.raises(DataError, match="has only 'only'"):
        load(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty' holds no images \(\.png"):
        load(tmp_path)


def test_wrong_color_and_nothing_to_read(folder):
    with pytest.raises(UnknownNameError, match="did you mean 'grayscale'"):
        load(folder, color="greyscale")
    with pytest.raises(DataError, match="no images to read"):
        read_images([])


def test_without_pillow(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r"reading images .*pellucid\[plot\]"):
        load(folder)
