"""What is given to train on, as parts whose samples, targets and weights were checked."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from pellucid.data import Dataset, Loader, Part
from pellucid.dtypes import Array
from pellucid.errors import DataError
from pellucid.training.objective import Objective

__all__ = [
    "ClassWeight",
    "Samples",
    "as_part",
    "check_classes",
    "check_takes_weights",
    "class_weighted",
    "loader_like",
]

Samples: TypeAlias = Part | tuple[Any, Any] | Loader | Array
"""A part, arrays ``(x, y)``, a loader of which the part is taken, or a single array of samples.

The samples of a single array are their own targets, as an autoencoder has it.
"""

ClassWeight: TypeAlias = Any
"""None, "balanced", a mapping from label to weight, or one weight per class."""


def as_part(samples: Samples, role: str, sample_weight: Any = None) -> Part:
    """Return samples with targets.

    Parameters
    ----------
    samples : Part, (x, y), Loader or ndarray
    role : str
        What they are for, in messages: "train" or "validation".
    sample_weight : array_like, optional
        How much each sample counts.

    Raises
    ------
    DataError
        If they are none of these, or there are no samples or no targets, or a number is not finite.
    ShapeError
        If there are not as many targets, or weights, as samples.
    """
    if isinstance(samples, Loader):
        part = samples.part
    elif isinstance(samples, Part):
        part = samples
    elif isinstance(samples, Dataset):
        raise DataError(
            f"{role} is a whole data set; pass one part of it: dataset.train, or "
            "dataset.validation or dataset.test to judge by"
        )
    elif isinstance(samples, np.ndarray):
        part = Part(samples, samples)
    elif isinstance(samples, (tuple, list)) and len(samples) == 2:
        part = Part(*samples)
    else:
        raise DataError(
            f"{role} is a Part, a pair (x, y), a Loader, or an array of samples that are their own "
            f"targets; got {type(samples).__name__}"
        )
    if not len(part):
        raise DataError(f"{role} has no samples")
    if part.y is None:
        raise DataError(
            f"{role} has no targets (y), so there is nothing to compare with; for a network that "
            "gives its input again, pass the array of samples alone: part.x"
        )
    part = part if sample_weight is None else part.weighted(sample_weight)
    if part.sample_weight is not None and not part.sample_weight.any():
        raise DataError(f"all sample weights of {role} are 0, so no sample counts")
    return part


def loader_like(train: Loader, part: Part, batch_size: int | None) -> Loader:
    """Return a loader like the user's one, over the prepared part.

    Raises
    ------
    DataError
        If another batch size was asked for.
    """
    if batch_size is not None and batch_size != train.batch_size:
        raise DataError(
            f"the loader has batch_size={train.batch_size}, but batch_size={batch_size} was given "
            "too; give it to the Loader only"
        )
    loader = copy.copy(train)
    loader.part = part
    return loader


def check_classes(part: Part, objective: Objective) -> None:
    """Refuse labels that are all the same: there is nothing to tell apart.

    Raises
    ------
    DataError
        Naming the label.
    """
    if not objective.classifies or part.y is None:
        return
    labels = objective.target_labels(part.y)
    if labels.ndim == 1 and len(labels) > 1 and (labels == labels[0]).all():
        raise DataError(
            f"all {len(labels):,} training samples have label {labels[0]}; a classifier needs "
            "samples of at least two classes (was the data cut before it was shuffled?)"
        )


def check_takes_weights(part: Part, objective: Objective) -> None:
    """Refuse weights that a loss of the user's own has no place for.

    Raises
    ------
    DataError
        Naming the loss and the parameter that it lacks.
    """
    if part.sample_weight is None or objective.loss is not None:
        return
    parameters = inspect.signature(objective.function).parameters.values()
    if not any(p.name == "sample_weight" or p.kind is p.VAR_KEYWORD for p in parameters):
        raise DataError(
            f"there are sample or class weights, but the loss '{objective.name}' does not take "
            "sample_weight=; add that parameter and weigh the losses, or leave the weights out"
        )


def class_weighted(
    part: Part, objective: Objective, class_weight: ClassWeight, output_shape: tuple[int, ...]
) -> Part:
    """Return the samples with their weights multiplied by that of their class.

    "balanced" gives class c the weight N / (C · N_c), so that all classes count the same (King &
    Zeng, 2001). A weight of the class is the same as one of each of its samples: the mean loss is
    divided by the sum of the weights.

    Raises
    ------
    DataError
        If there are no classes, or a weight is missing, negative or not finite.
    """
    if class_weight is None:
        return part
    if not objective.classifies or part.y is None:
        raise DataError(f"class_weight needs classes, but {objective.name} predicts values")
    labels = objective.target_labels(part.y)
    if labels.ndim != 1:
        raise DataError(
            "class_weight needs one label per sample; for several yes-or-no outputs use the "
            "loss's pos_weight"
        )
    classes = output_shape[0] if objective.task == "multiclass" else 2
    weights = _weights(class_weight, labels, classes)[labels]
    if part.sample_weight is not None:
        weights = weights * part.sample_weight
    return part.weighted(weights)


def _weights(class_weight: ClassWeight, labels: Array, classes: int) -> Array:
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise DataError(f"class_weight is 'balanced', a dict or an array, got '{class_weight}'")
        counts = np.bincount(labels, minlength=classes)
        # A class that does not occur has no sample to weigh
        return len(labels) / (classes * np.maximum(counts, 1))
    if isinstance(class_weight, Mapping):
        if unknown := [label for label in class_weight if label not in range(classes)]:
            raise DataError(
                f"class_weight has {unknown[0]!r}, but the classes are 0 … {classes - 1}"
            )
        return np.array([float(class_weight.get(label, 1.0)) for label in range(classes)])
    weights = np.asarray(class_weight, dtype=np.float64)
    if weights.shape != (classes,):
        raise DataError(
            f"class_weight has shape {weights.shape}, but there are {classes} classes: "
            f"give {classes} numbers"
        )
    return weights
