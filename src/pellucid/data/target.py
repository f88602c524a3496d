"""The target of a prediction: class names or standardised numbers, there and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.inference import Where, parse_numbers
from pellucid.dtypes import Array
from pellucid.errors import DataError, ShapeError

__all__ = ["ClassTarget", "NumericTarget", "Target", "Task", "infer_task", "target_from_json"]

Task: TypeAlias = Literal["classification", "regression", "language"]
"""What is predicted: classes, numbers, or the next token of a text."""

MOST_CLASSES = 20
"""Whole numbers with more distinct values than this are a quantity."""


def _row(position: int) -> str:
    return f"row {position} (counting from 0)"


@dataclass(frozen=True)
class ClassTarget:
    """Class names and their labels 0 … C−1.

    Parameters
    ----------
    name : str
        What is predicted.
    classes : tuple of str
        The class names, in the order of their labels.
    """

    kind: ClassVar[str] = "classes"
    name: str
    classes: tuple[str, ...]

    def encode(self, values: Sequence[Any], where: Where = _row) -> Array:
        """Return labels for class names; int64, shape (N,).

        A name with a dot at its end is taken without it if only that is known ("<=50K." in the
        test file of the Adult data set); "1.0" is taken for "1".

        Raises
        ------
        DataError
            If a name is not among the classes.
        """
        label = {name: position for position, name in enumerate(self.classes)}
        texts = [str(value).strip() for value in values]
        for text in set(texts):
            if text not in label:
                known = next((form for form in _other_forms(text) if form in label), None)
                if known is None:
                    row = texts.index(text)
                    raise DataError(
                        f"{where(row)}: '{text}' is not one of the classes of '{self.name}' "
                        f"({listed(self.classes)})"
                    )
                label[text] = label[known]
        return np.array([label[text] for text in texts], np.int64)

    def decode(self, predictions: Array) -> Array:
        """Return class names for labels (N,) or for scores (N, C), of which the highest counts."""
        predictions = np.asarray(predictions)
        if predictions.ndim == 2 and predictions.shape[1] == len(self.classes):
            predictions = predictions.argmax(axis=1)
        if predictions.ndim != 1 or predictions.dtype.kind not in "iu":
            raise ShapeError(
                f"expected labels of shape (N,) or scores of shape (N, {len(self.classes)}), "
                f"got {predictions.dtype} of shape {predictions.shape}"
            )
        if len(predictions) and not 0 <= predictions.min() <= predictions.max() < len(self.classes):
            raise DataError(f"labels run from 0 to {len(self.classes) - 1}, got {predictions}")
        return np.array(self.classes)[predictions]

    def to_json(self) -> dict[str, Any]:
        """Return the target as plain JSON values."""
        return {"kind": self.kind, "name": self.name, "classes": list(self.classes)}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a target from `to_json`."""
        return cls(state["name"], tuple(state["classes"]))


@dataclass(frozen=True)
class NumericTarget:
    """Numbers to predict, standardised: (v − center) / scale, column by column.

    Parameters
    ----------
    names : tuple of str
        What is predicted, one name per column.
    center, scale : tuple of float
        Mean and standard deviation of the training rows, one per column.
    """

    kind: ClassVar[str] = "numbers"
    names: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]

    @property
    def name(self) -> str:
        """What is predicted."""
        return ", ".join(self.names)

    @classmethod
    def fit(cls, names: Sequence[str], values: Array, *, standardize: bool = True) -> Self:
        """Take mean and deviation from the training rows, shape (N, K)."""
        if not standardize:
            return cls(tuple(names), (0.0,) * len(names), (1.0,) * len(names))
        center = values.mean(axis=0, dtype=np.float64)
        deviation = values.std(axis=0, dtype=np.float64)
        varies = values.min(axis=0) < values.max(axis=0)
        return cls(
            tuple(names),
            tuple(float(c) for c in center),
            tuple(float(s) if v else 1.0 for s, v in zip(deviation, varies, strict=True)),
        )

    def encode(self, values: Sequence[Any] | Array, where: Where = _row) -> Array:
        """Return standardised numbers, float32, shape (N, K), for numbers of shape (N,) or (N, K).

        Raises
        ------
        DataError
            If a value is not a finite number.
        """
        if isinstance(values, np.ndarray):
            numbers = values.astype(np.float64)
        else:
            numbers = parse_numbers(self.name, [str(value) for value in values], (), where)
        numbers = numbers.reshape(len(numbers), -1)  # (N, K)
        if not np.isfinite(numbers).all():
            row = int(np.isfinite(numbers).all(axis=1).argmin())
            raise DataError(f"{where(row)}: '{self.name}' is {numbers[row]}, not finite")
        return ((numbers - self.center) / self.scale).astype(np.float32)

    def decode(self, predictions: Array) -> Array:
        """Return predictions in the target's own unit; shape and dtype are kept."""
        predictions = np.asarray(predictions)
        many = len(self.names) > 1
        if many and predictions.shape[-1:] != (len(self.names),):
            raise ShapeError(
                f"expected predictions of shape (N, {len(self.names)}), got {predictions.shape}"
            )
        dtype = predictions.dtype if predictions.dtype.kind == "f" else np.dtype(np.float32)
        center = np.asarray(self.center if many else self.center[0], dtype)
        return predictions * np.asarray(self.scale if many else self.scale[0], dtype) + center

    def to_json(self) -> dict[str, Any]:
        """Return the target as plain JSON values."""
        return {
            "kind": self.kind,
            "names": list(self.names),
            "center": list(self.center),
            "scale": list(self.scale),
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a target from `to_json`."""
        return cls(tuple(state["names"]), tuple(state["center"]), tuple(state["scale"]))


Target: TypeAlias = ClassTarget | NumericTarget


def infer_task(numbers: Array | None) -> Task:
    """Tell the task from a target: None is text; numbers are classes if whole and few.

    At most 20 different whole numbers, each twice on average, or just two of them, are classes.
    """
    if numbers is None:
        return "classification"
    if not (numbers == np.floor(numbers)).all():
        return "regression"
    distinct = len(np.unique(numbers))
    few = distinct <= 2 or (distinct <= MOST_CLASSES and 2 * distinct <= len(numbers))
    return "classification" if few else "regression"


def target_from_json(state: dict[str, Any]) -> Target:
    """Rebuild a target of either kind."""
    kinds: dict[str, type[ClassTarget] | type[NumericTarget]] = {
        kind.kind: kind for kind in (ClassTarget, NumericTarget)
    }
    return kinds[state["kind"]].from_json(state)


def _other_forms(text: str) -> list[str]:
    """Return other ways to write a class name: without a dot at the end, as a whole number."""
    forms = [text[:-1]] if text.endswith(".") else []
    try:
        number = float(text)
    except ValueError:
        return forms
    return [*forms, str(int(number))] if number.is_integer() else forms
