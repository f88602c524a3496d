"""The small real data sets that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.dataset import Dataset, Task
from pellucid.errors import MissingExtraError
from pellucid.random import Seed

__all__ = ["bundled", "digits"]


def bundled(name: str, task: Task, target: str, description: str) -> Callable[..., Dataset]:
    """Return the loader of a table in scikit-learn, such as "iris"."""

    def load_bundled(
        *,
        test_fraction: float = 0.2,
        validation: float = 0.0,
        scale: Scale = "features",
        rng: Seed = 0,
    ) -> Dataset:
        """Load a table, each column brought to mean 0 and deviation 1 by the training rows.

        Parameters
        ----------
        test_fraction, validation : float
            Shares set aside, 0 for none; stratified by class.
        scale : str
            As in `from_arrays`.
        rng : int, numpy.random.Generator or None
            Where the splits come from.

        Raises
        ------
        MissingExtraError
            If scikit-learn is not installed.
        """
        bunch = _fetch(name)
        return from_arrays(
            name,
            (bunch.data, bunch.target),
            task=task,
            test_fraction=test_fraction,
            validation_fraction=validation,
            scale=scale,
            class_names=[str(c) for c in bunch.target_names] if task == "classification" else [],
            feature_names=[str(feature) for feature in bunch.feature_names],
            target_name=target,
            description=description,
            rng=rng,
        )

    return load_bundled


def digits(
    *,
    flat: bool = True,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    scale: Scale = "standard",
    rng: Seed = 0,
) -> Dataset:
    """Load handwritten digits of 8×8 pixels with 17 grey levels.

    Parameters
    ----------
    flat : bool
        Give x as rows (N, 64); otherwise as images (N, 1, 8, 8).
    test_fraction, validation : float
        Shares set aside, 0 for none; stratified by class.
    scale : str
        "standard": one mean and deviation for all pixels; "unit": 0 … 1; others as in
        `from_arrays`.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    bunch = _fetch("digits")
    return from_arrays(
        "digits",
        (bunch.images[:, None], bunch.target),  # (N, 1, 8, 8)
        task="classification",
        test_fraction=test_fraction,
        validation_fraction=validation,
        scale=scale,
        flat=flat,
        class_names=[str(digit) for digit in range(10)],
        target_name="digit",
        image_shape=(1, 8, 8),
        unit=16.0,
        description="handwritten digits, 8×8 pixels",
        rng=rng,
    )


def _fetch(name: str) -> Any:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "sklearn", f"the data set '{name}'") from error
    return getattr(datasets, f"load_{name.replace('-', '_')}")()
