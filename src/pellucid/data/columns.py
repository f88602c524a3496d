"""Fitted columns of a table: how each turns text into numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.inference import Where, category_order, parse_numbers
from pellucid.data.preparation import Unknown
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["CategoricalColumn", "Column", "Encoding", "NumericColumn"]

Encoding: TypeAlias = Literal["one-hot", "ordinal"]

MISSING_CATEGORY = "missing"


@dataclass(frozen=True)
class NumericColumn:
    """A fitted numeric column: missing values become the median, then (v − center) / scale.

    Parameters
    ----------
    name : str
        The column's name.
    fill : float
        What a missing value becomes: the median of the training rows.
    center, scale : float
        Mean and standard deviation of the training rows (0 and 1: as it is).
    """

    kind: ClassVar[str] = "numeric"
    name: str
    fill: float
    center: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(
        cls,
        name: str,
        values: Sequence[str],
        missing: Collection[str],
        where: Where,
        *,
        standardize: bool,
    ) -> Self:
        """Take median, mean and deviation from the training rows."""
        numbers = parse_numbers(name, values, missing, where)
        known = numbers[~np.isnan(numbers)]
        fill = float(np.median(known)) if len(known) else 0.0
        if not standardize or not len(known):
            return cls(name, fill)
        scale = float(known.std()) if known.min() < known.max() else 1.0
        return cls(name, fill, float(known.mean()), scale or 1.0)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the numbers it gives."""
        return (self.name,)

    def encode(
        self, values: Sequence[str], missing: Collection[str], where: Where, unknown: Unknown
    ) -> Array:
        """Return the values as float32, shape (N, 1)."""
        numbers = parse_numbers(self.name, values, missing, where)
        numbers[np.isnan(numbers)] = self.fill
        encoded = ((numbers - self.center) / self.scale).astype(np.float32)
        return encoded[:, None]  # (N, 1)

    def to_json(self) -> dict[str, Any]:
        """Return the column as plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "fill": self.fill,
            "center": self.center,
            "scale": self.scale,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a column from `to_json`."""
        return cls(*(state[key] for key in ("name", "fill", "center", "scale")))


@dataclass(frozen=True)
class CategoricalColumn:
    """A fitted categorical column, one-hot or ordinal.

    One-hot gives one number per category, 1 for the one at hand; ordinal gives its place in
    `categories`, standardised over the training rows.

    Parameters
    ----------
    name : str
        The column's name.
    categories : tuple of str
        The categories of the training rows, sorted.
    fill : str
        What a missing value becomes: "missing", a category of its own, or the most frequent one.
    encoding : {"one-hot", "ordinal"}
        How a category becomes numbers.
    center, scale : float
        For "ordinal": mean and standard deviation of the places.
    """

    kind: ClassVar[str] = "categorical"
    name: str
    categories: tuple[str, ...]
    fill: str
    encoding: Encoding = "one-hot"
    center: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(
        cls,
        name: str,
        values: Sequence[str],
        missing: Collection[str],
        *,
        encoding: Encoding,
        missing_category: bool,
        standardize: bool,
    ) -> Self:
        """Take the categories from the training rows."""
        counts = Counter(values)
        absent = sum(counts.pop(marker, 0) for marker in missing)
        if absent and (missing_category or not counts):
            counts[MISSING_CATEGORY] += absent
            fill = MISSING_CATEGORY
        else:
            fill = min(counts, key=lambda category: (-counts[category], category))
        categories = category_order(counts)
        if encoding == "one-hot":
            return cls(name, categories, fill)
        places = np.arange(len(categories), dtype=np.float64)
        weights = np.array([counts[category] for category in categories], np.float64)
        if not standardize or len(categories) == 1:
            return cls(name, categories, fill, encoding)
        center = float(np.average(places, weights=weights))
        scale = float(np.sqrt(np.average((places - center) ** 2, weights=weights)))
        return cls(name, categories, fill, encoding, center, scale)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the numbers it gives."""
        if self.encoding == "ordinal":
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in self.categories)

    def codes(self, values: Sequence[str], missing: Collection[str]) -> Array:
        """Return the place of each value in `categories`, −1 for an unknown one; int64, (N,)."""
        places = {category: place for place, category in enumerate(self.categories)}
        for marker in missing:
            places.setdefault(marker, places[self.fill])
        places |= dict.fromkeys(set(values) - places.keys(), -1)
        return np.array(list(map(places.__getitem__, values)), np.int64)

    def encode(
        self, values: Sequence[str], missing: Collection[str], where: Where, unknown: Unknown
    ) -> Array:
        """Return the values as float32, shape (N, C) one-hot or (N, 1) ordinal.

        An unknown category is an error, or with ``unknown="ignore"`` becomes zeros (which for a
        standardised ordinal column is the mean).
        """
        codes = self.codes(values, missing)
        strange = codes < 0
        if unknown == "error" and strange.any():
            row = int(strange.argmax())
            raise DataError(
                f"{where(row)}: column '{self.name}' has the category '{values[row]}', which the "
                f"training rows do not have (known: {listed(self.categories)}); "
                "correct it, or encode it as none of them with unknown='ignore'"
            )
        if self.encoding == "ordinal":
            encoded = ((codes - self.center) / self.scale).astype(np.float32)
            encoded[strange] = 0.0
            return encoded[:, None]  # (N, 1)
        one_hot = np.zeros((len(codes), len(self.categories)), np.float32)
        known = np.flatnonzero(~strange)
        one_hot[known, codes[known]] = 1.0
        return one_hot

    def to_json(self) -> dict[str, Any]:
        """Return the column as plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "categories": list(self.categories),
            "fill": self.fill,
            "encoding": self.encoding,
            "center": self.center,
            "scale": self.scale,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a column from `to_json`."""
        rest = (state[key] for key in ("fill", "encoding", "center", "scale"))
        return cls(state["name"], tuple(state["categories"]), *rest)


Column: TypeAlias = NumericColumn | CategoricalColumn
