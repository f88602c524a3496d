"""What is known about a data set that has a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pellucid.data.dataset import Dataset
from pellucid.data.target import Task

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """A data set that can be loaded by its name.

    Parameters
    ----------
    name : str
        The name.
    description : str
        What it is, in a few words.
    task : {"classification", "regression", "language"}
        What is predicted.
    size : str
        Samples, features and classes, for people.
    origin : str
        Who made it.
    licence : str
        Under which terms.
    loader : callable
        Takes keyword options, among them `rng`, and returns a `Dataset`.
    download : bool
        Whether it is fetched from the network if it is not on disk.
    extra : str, optional
        The extra of Pellucid that it needs.
    """

    name: str
    description: str
    task: Task
    size: str
    origin: str
    licence: str
    loader: Callable[..., Dataset]
    download: bool = False
    extra: str | None = None
