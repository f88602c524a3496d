"""Every public function of NumPy on Tensors: recorded, plain or refused, never silently wrong."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
from helpers.numpy_sweep import Answer, V, ask, functions, is_method, table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "numpy.md"
FUNCTIONS = functions()


@functools.cache
def answer_of(name: str) -> Answer:
    return ask(name, FUNCTIONS[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_answer_is_wrong(name: str) -> None:
    assert answer_of(name).wrong == []


NOT_OF_NUMBERS = frozenset(
    (
        *("binary_repr", "bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift"),
        *("bitwise_xor", "broadcast_shapes", "datetime_as_string", "datetime_data", "empty", "eye"),
        *("fromfunction", "frompyfunc", "fromstring", "gcd", "get_printoptions", "getbufsize"),
        *("geterr", "geterrcall", "identity", "indices", "isdtype", "isnat", "issubdtype", "lcm"),
        *("left_shift", "mask_indices", "ones", "packbits", "promote_types", "ravel_multi_index"),
        *("right_shift", "typename", "unpackbits", "unravel_index", "zeros"),
    )
)
"""Functions of whole numbers, shapes, texts, types and dates: no Tensor has a place there."""


def test_every_function_of_numbers_is_asked() -> None:
    """A function that is new in NumPy and fits none of the patterns is to be looked at by hand."""
    unasked = {n for n in FUNCTIONS if not is_method(n) and answer_of(n).kind == "not asked"}
    assert {name.removeprefix("np.") for name in unasked} <= NOT_OF_NUMBERS


def own_name(name: str) -> str:
    """What a function calls itself: `np.acos` is `np.arccos`."""
    function = FUNCTIONS[name]
    return str(
        getattr(function, "__self__", function).__name__ if is_method(name) else function.__name__
    )


def test_what_is_refused_is_named() -> None:
    unnamed = [
        (name, answer.message)
        for name in FUNCTIONS
        if (answer := answer_of(name)).kind == "refused"
        and answer.message
        and own_name(name) not in answer.message
        and "lose" not in answer.message  # np.array and its like, which see an object only
        and "dtype" not in answer.message
    ]
    elsewhere = {"np.poly1d"}  # made of other functions of NumPy's, which are named
    assert [x for x in unnamed if x[0] not in elsewhere] == []


def test_the_table_of_the_page() -> None:
    expected = table({name: answer_of(name) for name in FUNCTIONS})
    if np.__version__.split(".")[:2] != ["2", "4"]:
        pytest.skip("the page counts the functions of NumPy 2.4")
    assert expected in PAGE.read_text(encoding="utf-8"), f"docs/numpy.md should say\n{expected}"


# --- the sweep itself finds what it is to find ----------------------------------------------------


def test_a_lost_gradient_is_found() -> None:
    def loses(x: object) -> object:
        return np.exp(getattr(x, "data", x))

    assert any("its gradient is lost" in line for line in ask("np.loses", loses).wrong)


def test_a_wrong_gradient_is_found() -> None:
    def wrong(x: object) -> object:
        return np.exp(x) + np.sin(getattr(x, "data", x))

    assert any("by finite differences" in line for line in ask("np.wrong", wrong).wrong)


def test_an_array_of_objects_is_found() -> None:
    def objects(x: object) -> object:
        found = np.empty(1, object)
        found[0] = x
        return found if hasattr(x, "producer") else np.exp(x)

    assert ask("np.objects", objects).wrong


def test_an_error_that_is_not_pellucids_is_found() -> None:
    def breaks(x: object) -> object:
        return np.exp(x) if isinstance(x, np.ndarray) else [].pop()

    assert any("raises IndexError" in line for line in ask("np.breaks", breaks).wrong)


def test_patterns_mark_their_variables() -> None:
    assert V(np.ones(2)).array.shape == (2,)
