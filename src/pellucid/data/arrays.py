"""Data sets made of arrays: checked, split, and scaled by the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid.data.array_preparation import ArrayPreparation
from pellucid.data.checks import finite
from pellucid.data.dataset import Dataset, Task
from pellucid.data.inference import category_order
from pellucid.data.part import Part
from pellucid.data.splits import split_indices
from pellucid.data.target import ClassTarget, NumericTarget, Target, infer_task
from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError
from pellucid.random import Seed, generator

__all__ = ["Scale", "from_arrays"]

Scale: TypeAlias = Literal["auto", "features", "standard", "unit", "none"]
_SCALES = ("auto", "features", "standard", "unit", "none")


def from_arrays(
    name: str,
    train: tuple[Array, Array],
    test: tuple[Array, Array] | None = None,
    validation: tuple[Array, Array] | None = None,
    *,
    task: Task | None = None,
    test_fraction: float = 0.0,
    validation_fraction: float = 0.0,
    scale: Scale = "auto",
    flat: bool = False,
    class_names: Sequence[str] = (),
    feature_names: Sequence[str] = (),
    target_name: str = "y",
    image_shape: tuple[int, int, int] | None = None,
    unit: float = 255.0,
    standardize_target: bool = True,
    description: str = "",
    rng: Seed = 0,
) -> Dataset:
    """Make a data set of raw arrays, scaled by what the training rows tell.

    Parameters
    ----------
    name : str
        The data set's name.
    train, test, validation : (x, y)
        Samples (N, ...) of numbers and targets (N,) or (N, K): labels, texts or numbers.
    task : {"classification", "regression"}, optional
        Left out, text and few whole numbers are classes.
    test_fraction, validation_fraction : float
        What is cut from `train` if those parts are not given, 0 for nothing; stratified by class.
    scale : {"auto", "features", "standard", "unit", "none"}
        "features": mean 0 and deviation 1 for each number of a sample; "standard": one mean and
        one deviation for all; "unit": divide by `unit`; "none": as it is. "auto" is "unit" for
        bytes, "features" for rows of floats, "none" for everything else.
    flat : bool
        Give samples as rows, (N, D).
    class_names : sequence of str
        If given, labels must be 0 … C−1; otherwise the classes are the labels that occur in
        `train`, sorted.
    feature_names, target_name, image_shape, unit, standardize_target, description
        What else is known.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Raises
    ------
    DataError
        If there is a NaN or an infinity, a label without a class, or one class only.
    """
    if scale not in _SCALES:
        raise UnknownNameError("scale", scale, _SCALES)
    raw: dict[str, tuple[Array, Array]] = {"train": train}
    raw |= {k: p for k, p in (("validation", validation), ("test", test)) if p is not None}
    raw = {part: _pair(part, pair) for part, pair in raw.items()}
    task = task or _infer_task(raw["train"][1])
    draw = generator(rng)
    for part, fraction in (("test", test_fraction), ("validation", validation_fraction)):
        if part not in raw and fraction:
            x, y = raw["train"]
            labels = None
            if task == "classification":
                labels = np.unique(y, return_inverse=True)[1].reshape(-1)
            kept, held = split_indices(len(x), fraction, labels=labels, rng=draw)
            raw["train"], raw[part] = (x[kept], y[kept]), (x[held], y[held])

    x, y = raw["train"]
    target = _fit_target(task, y, class_names, target_name, standardize_target)
    preparation = _fit_scale(scale, x, unit, flat, feature_names, target, image_shape)
    parts = {}
    for part, (x, y) in raw.items():
        try:
            labels = y.reshape(-1) if task == "classification" else y
            parts[part] = Part(
                preparation.transform(x), _encode(target, labels, indices=bool(class_names))
            )
        except DataError as error:
            raise DataError(f"{part} part of '{name}': {error.message}") from error
    return Dataset(
        name,
        parts["train"],
        parts.get("test"),
        parts.get("validation"),
        task,
        target.classes if isinstance(target, ClassTarget) else (),
        tuple(feature_names),
        image_shape,
        preparation,
        description,
    )


def _pair(part: str, pair: Any) -> tuple[Array, Array]:
    """Return samples and targets as arrays that go together."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise DataError(
            f"the {part} part is {type(pair).__name__}, expected a pair of arrays (x, y): "
            "from_arrays('a name', (x, y))"
        )
    x, y = np.asarray(pair[0]), np.asarray(pair[1])
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise DataError(
            f"the {part} part has x of shape {x.shape} and y of shape {y.shape}; "
            "expected one target per sample"
        )
    if len(x) == 0:
        raise DataError(f"the {part} part has no samples")
    if x.dtype.kind not in "fiub":
        raise DataError(f"x of the {part} part has dtype {x.dtype}; expected numbers")
    if y.dtype.kind not in "fiubU":
        raise DataError(f"y of the {part} part has dtype {y.dtype}; expected numbers or text")
    finite(x, f"x of the {part} part")
    finite(y, f"y of the {part} part")
    return x, y


def _infer_task(y: Array) -> Task:
    if y.dtype.kind in "Ub":
        return "classification"
    return "regression" if y.ndim > 1 and y.shape[1] > 1 else infer_task(y.astype(np.float64))


def _fit_target(
    task: Task, y: Array, class_names: Sequence[str], name: str, standardize: bool
) -> Target:
    if len(np.unique(y)) < 2:
        raise DataError(f"every training target is {y.ravel()[0]}; one value teaches nothing")
    if task == "regression":
        if y.dtype.kind not in "fiub":
            raise DataError("the targets are text, which regression cannot predict")
        numbers = y.astype(np.float64).reshape(len(y), -1)  # (N, K)
        many = numbers.shape[1] > 1
        names = [f"{name}{i}" for i in range(numbers.shape[1])] if many else [name]
        return NumericTarget.fit(names, numbers, standardize=standardize)
    if task != "classification":
        raise UnknownNameError("task", str(task), ("classification", "regression"))
    if y.ndim > 1 and y.size != len(y):
        raise DataError(f"y has shape {y.shape}; expected one label per sample, shape (N,)")
    if class_names:
        return ClassTarget(name, tuple(class_names))
    return ClassTarget(name, category_order({_label(value) for value in np.unique(y)}))


def _encode(target: Target, y: Array, *, indices: bool) -> Array:
    """Return labels or standardised numbers for a part's raw targets."""
    if isinstance(target, NumericTarget):
        return target.encode(y.astype(np.float64))
    if indices and y.dtype.kind != "U":
        wrong = (y < 0) | (y >= len(target.classes)) | (y != np.floor(y))
        if wrong.any():
            sample = int(wrong.argmax())
            raise DataError(
                f"sample {sample} (counting from 0) has the label {y[sample]}, which is out of "
                f"range: the {len(target.classes)} classes are labelled 0 … "
                f"{len(target.classes) - 1}"
            )
        return y.astype(np.int64)
    values, first, codes = np.unique(y, return_index=True, return_inverse=True)
    labels = target.encode(
        [_label(value) for value in values],
        where=lambda position: f"sample {first[position]} (counting from 0)",
    )
    return labels[codes]


def _label(value: object) -> str:
    """Write a label as a class name: whole numbers without a point."""
    number = value.item() if isinstance(value, np.generic) else value
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _fit_scale(
    scale: Scale,
    x: Array,
    unit: float,
    flat: bool,
    names: Sequence[str],
    target: Target,
    image_shape: tuple[int, int, int] | None,
) -> ArrayPreparation:
    shape = (int(np.prod(x.shape[1:], dtype=np.int64)),) if flat or x.ndim == 1 else x.shape[1:]
    if scale == "auto":
        rows = x.dtype.kind == "f" and x.ndim <= 2
        scale = "unit" if x.dtype == np.uint8 else "features" if rows else "none"
    if scale in ("features", "standard"):
        return ArrayPreparation.fit(
            x,
            per_feature=scale == "features",
            input_shape=shape,
            names=names,
            target=target,
            image_shape=image_shape,
        )
    return ArrayPreparation(
        shape, (0.0,), (unit if scale == "unit" else 1.0,), tuple(names), target, image_shape
    )
