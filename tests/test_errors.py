"""Errors: their classes, the path of the layer in front, hints."""

from __future__ import annotations

import pytest

from pellucid import errors
from pellucid.errors import MissingExtraError, PellucidError, ShapeError, UnknownNameError

BUILTIN = {
    "CheckpointError": ValueError,
    "DTypeError": TypeError,
    "DataError": ValueError,
    "GradientError": RuntimeError,
    "MissingExtraError": ImportError,
    "NonFiniteError": ArithmeticError,
    "PellucidError": Exception,
    "ShapeError": ValueError,
    "UnknownNameError": ValueError,
    "UnsupportedError": TypeError,
}


def test_every_error_is_also_one_of_python() -> None:
    assert set(BUILTIN) == set(errors.__all__)
    for name, kind in BUILTIN.items():
        assert issubclass(getattr(errors, name), PellucidError)
        assert issubclass(getattr(errors, name), kind)


def test_the_path_of_layers_stands_in_front() -> None:
    error = ShapeError("(2, 3) does not fit")
    assert str(error) == "(2, 3) does not fit"
    for name in ("0", "encoder", ""):
        error.inside(name)
    assert str(error) == "in layer 'encoder.0': (2, 3) does not fit"
    assert error.message == "(2, 3) does not fit"


def test_an_error_can_be_raised_and_caught_by_its_builtin_class() -> None:
    with pytest.raises(ValueError, match="in layer 'net': wrong"):
        try:
            raise ShapeError("wrong")
        except PellucidError as error:
            error.inside("net")
            raise


def test_missing_extra_says_how_to_install_it() -> None:
    message = str(MissingExtraError("matplotlib", "plot", "drawing curves"))
    assert "pip install 'pellucid[plot]'" in message
    assert "drawing curves" in message
    assert "'matplotlib'" in message


def test_the_nearest_name_is_suggested() -> None:
    error = UnknownNameError("data set", "digit", ["wine", "digits", "iris"])
    assert error.suggestion == "digits"
    assert str(error) == (
        "unknown data set 'digit'; did you mean 'digits'? (known: digits, iris, wine)"
    )
    far = UnknownNameError("data set", "zzz", iter(["wine"]))
    assert far.suggestion is None
    assert str(far) == "unknown data set 'zzz' (known: wine)"


def test_a_short_beginning_of_a_long_name_is_completed() -> None:
    assert UnknownNameError("initialiser", "he", ["zeros", "he_normal"]).suggestion == "he_normal"
    assert UnknownNameError("initialiser", "", ["zeros"]).suggestion is None


def test_aliases_are_suggested_but_not_listed() -> None:
    error = UnknownNameError("loss", "l1_los", ["huber", "mean"], aliases=["l1_loss"])
    assert str(error) == "unknown loss 'l1_los'; did you mean 'l1_loss'? (known: huber, mean)"


def test_a_long_list_of_names_is_cut_short() -> None:
    error = UnknownNameError("column", "pixl7", [f"pixel{i}" for i in range(784)])
    assert error.suggestion == "pixel7"
    assert str(error).endswith(", … (784 in all))")
    assert "pixel119" in str(error)
    assert "pixel12," not in str(error)
