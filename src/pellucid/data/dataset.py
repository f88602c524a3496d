"""A data set: its parts, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from pellucid.data.checks import listed
from pellucid.data.part import Part
from pellucid.data.preparation import Preparation
from pellucid.data.splits import split
from pellucid.data.target import Task
from pellucid.data.tokenizers import Tokenizer
from pellucid.errors import DataError
from pellucid.random import Seed

__all__ = ["Dataset", "Task"]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Training, validation and test samples that were prepared in the same way.

    Parameters
    ----------
    name : str
        What `load` was given, or the stem of the file.
    train, test, validation : Part
        x is float32, or int64 where a sample is a row of tokens. For classification y is int64,
        shape (N,), labels 0 … C−1; for regression float32, shape (N, K), standardised
        (`preparation.inverse_target` goes back); for language int64, shape (N, T), the tokens that
        follow those of x.
    task : {"classification", "regression", "language"}
        What y is.
    class_names : tuple of str
        The name of each label (left out: "0", "1", …); empty unless the task is classification.
    feature_names : tuple of str
        One for each number of a sample, or empty where they have no names (pixels).
    image_shape : tuple of int, optional
        (channels, height, width) if the samples are images, whether x is flat or not.
    preparation : Preparation, optional
        How raw data became x and y; saved with a model, it prepares new data alike.
    description : str
        One line for people.
    notes : tuple of str
        What was decided while loading that the user may want to know: columns left out, the task
        inferred, and so on.
    """

    name: str
    train: Part
    test: Part | None = None
    validation: Part | None = None
    task: Task = "classification"
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, int, int] | None = None
    preparation: Preparation | None = None
    description: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.task == "classification" and not self.class_names:
            object.__setattr__(self, "class_names", _numbered_classes(self.parts()))
        for name, part in self.parts().items():
            if part.x.shape[1:] != self.input_shape:
                raise DataError(
                    f"the {name} samples have shape {part.x.shape[1:]}, "
                    f"the training samples {self.input_shape}"
                )
            if self.task == "classification" and part.y is not None and part.y.size:
                low, high = int(np.min(part.y)), int(np.max(part.y))
                if low < 0 or high >= self.num_classes:
                    raise DataError(
                        f"the {name} part has label {low if low < 0 else high}, but there are "
                        f"{self.num_classes} classes, labelled 0 … {self.num_classes - 1}"
                    )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.train.x.shape[1:]

    @property
    def num_features(self) -> int:
        """How many numbers one sample has."""
        return int(np.prod(self.input_shape, dtype=np.int64))

    @property
    def num_classes(self) -> int:
        """The number of classes; 0 unless the task is classification."""
        return len(self.class_names)

    @property
    def tokenizer(self) -> Tokenizer | None:
        """What turns text into the tokens of a sample; None where samples are not texts."""
        return None if self.preparation is None else self.preparation.tokenizer

    @property
    def vocabulary(self) -> int:
        """How many tokens there are; 0 where samples are not texts."""
        if self.tokenizer is not None:
            return self.tokenizer.size
        if self.task != "language":
            return 0
        arrays = [a for part in self.parts().values() for a in (part.x, part.y) if a is not None]
        return 1 + max(int(array.max(initial=-1)) for array in arrays)

    @property
    def num_outputs(self) -> int:
        """How many numbers a network gives: one per class, token, or regression target."""
        if self.task == "classification":
            return self.num_classes
        if self.task == "language":
            return self.vocabulary
        return 1 if self.train.y is None else int(np.prod(self.train.y.shape[1:], dtype=np.int64))

    def parts(self) -> dict[str, Part]:
        """Return the parts that there are: train, and perhaps validation and test."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in found.items() if part is not None}

    def split_validation(self, fraction: float = 0.1, rng: Seed = 0) -> Self:
        """Return the data set with a validation part cut from the training samples.

        The cut is stratified by class. It happens after the preparation, whose means then include
        the validation samples; ``load(..., validation=0.1)`` cuts before.

        Parameters
        ----------
        fraction : float
            The share of the training samples, strictly between 0 and 1.
        rng : int, numpy.random.Generator or None
            Where the choice comes from.

        Raises
        ------
        DataError
            If there is a validation part already, or samples overlap their neighbours.
        """
        if self.validation is not None:
            raise DataError(f"'{self.name}' has a validation part already")
        if self.preparation is not None and self.preparation.ordered:
            raise DataError(
                f"the samples of '{self.name}' overlap, so that ones held out at random would be "
                f"known from their neighbours; load it with validation={fraction}, which cuts "
                "before"
            )
        train, validation = split(
            self.train, fraction, stratify=self.task == "classification", rng=rng
        )
        return replace(self, train=train, validation=validation)

    def flat(self) -> Self:
        """Return the data set with samples as rows, x of shape (N, D)."""
        flat = {name: part.flat() for name, part in self.parts().items()}
        return replace(
            self,
            train=flat["train"],
            validation=flat.get("validation"),
            test=flat.get("test"),
        )

    def summary(self) -> str:
        """Describe the data set in a few lines."""
        sizes = ", ".join(f"{len(part):,} {name}" for name, part in self.parts().items())
        shape = " × ".join(map(str, self.input_shape))
        if self.task == "classification":
            target = f"{self.num_classes} classes ({listed(self.class_names)})"
        elif self.task == "language":
            target = f"the next of {self.vocabulary:,} tokens"
        else:
            target = f"{self.num_outputs} number{'s' if self.num_outputs != 1 else ''} to predict"
        lines = [
            f"{self.name}: {self.description}" if self.description else self.name,
            f"  samples  {sizes}",
            f"  input    {shape} {self.train.x.dtype}",
            f"  task     {self.task}, {target}",
        ]
        lines += [f"  note     {note}" for note in self.notes]
        return "\n".join(lines)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(part)}" for name, part in self.parts().items())
        kind = type(self).__name__
        return f"{kind}('{self.name}', {self.task}, {sizes}, input {self.input_shape})"


def _numbered_classes(parts: dict[str, Part]) -> tuple[str, ...]:
    """Name the classes by their labels, 0 to the highest that occurs."""
    highest = -1
    for name, part in parts.items():
        if part.y is None:
            continue
        if part.y.dtype.kind != "i":
            raise DataError(
                f"the {name} part has targets of dtype {part.y.dtype}, but classification needs "
                "whole-number labels 0 … C−1; for regression pass task='regression'"
            )
        highest = max(highest, int(part.y.max(initial=-1)))
    return tuple(str(label) for label in range(highest + 1))
