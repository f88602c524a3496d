"""Randomness: seeded, explicit, restorable."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import random
from pellucid.errors import DataError


@pytest.fixture(autouse=True)
def _default_generator_as_before() -> Any:
    before = random.get_state()
    yield
    random.set_state(before)


def test_the_same_seed_gives_the_same_numbers() -> None:
    pl.seed(7)
    first = random.default_generator().normal(size=5)
    pl.seed(7)
    np.testing.assert_array_equal(random.default_generator().normal(size=5), first)
    pl.seed(8)
    assert (random.default_generator().normal(size=5) != first).any()
    np.testing.assert_array_equal(random.generator(7).normal(size=5), first)


def test_the_default_generator_stays_the_same_object() -> None:
    before = random.default_generator()
    pl.seed(np.int64(3))  # type: ignore[arg-type]
    assert random.default_generator() is before
    assert random.generator() is before
    assert random.generator(None) is before


def test_generators_are_passed_through() -> None:
    own = np.random.default_rng(3)
    assert random.generator(own) is own
    assert random.generator(np.int64(3)).normal() == np.random.default_rng(3).normal()  # type: ignore[arg-type]


def test_a_state_survives_json() -> None:
    own = np.random.default_rng(3)
    own.normal(size=3)
    text = json.dumps(random.get_state(own))
    expected = own.normal(size=4)
    other = np.random.default_rng(99)
    random.set_state(json.loads(text), other)
    np.testing.assert_array_equal(other.normal(size=4), expected)


@pytest.mark.parametrize("wrong", [-1, 1.5, "a", True, np.random.RandomState(0)])
def test_what_is_no_source_of_numbers(wrong: Any) -> None:
    with pytest.raises(DataError, match="whole number"):
        random.generator(wrong)


@pytest.mark.parametrize("wrong", [-1, 1.5, "a", True, None])
def test_what_is_no_seed(wrong: Any) -> None:
    with pytest.raises(DataError, match="whole number"):
        pl.seed(wrong)
