"""What was learnt from training samples to prepare new ones alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, Self, TypeAlias

from pellucid.data.target import Target
from pellucid.data.tokenizers import Tokenizer
from pellucid.dtypes import Array
from pellucid.errors import DataError

__all__ = ["VERSION", "Preparation", "Unknown"]

Unknown: TypeAlias = Literal["error", "ignore"]
"""What to do with a category that the training rows do not have."""

VERSION = 1
"""Of the JSON form."""


class Preparation(ABC):
    """What was learnt from the training samples to turn raw data into network input, and back.

    It is saved with a model as plain JSON, so that new data are prepared in the same way.
    """

    kind: ClassVar[str]
    target: Target | None

    @property
    def tokenizer(self) -> Tokenizer | None:
        """What turns text into the numbers of a sample; None where samples are not texts."""
        return None

    @property
    def ordered(self) -> bool:
        """Whether samples overlap their neighbours, so that none may be held out at random."""
        return False

    _kinds: ClassVar[dict[str, type[Preparation]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Preparation._kinds[cls.kind] = cls

    @property
    @abstractmethod
    def feature_names(self) -> tuple[str, ...]:
        """One name for each number of a prepared sample; empty if they have none."""

    @abstractmethod
    def transform(self, rows: Any, *, unknown: Unknown = "error") -> Array:
        """Return raw samples as network input: float32, or int64 where they are tokens."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the preparation as plain JSON values."""

    def target_transform(self, values: Any) -> Array:
        """Return raw targets as y: labels (int64, (N,)) or standardised numbers (float32, (N, K)).

        Raises
        ------
        DataError
            If a class is not known or a number is not finite.
        """
        return self._target().encode(values)

    def inverse_target(self, predictions: Array) -> Array:
        """Return class names for labels or scores, or numbers in the target's own unit."""
        return self._target().decode(predictions)

    def _target(self) -> Target:
        if self.target is None:
            raise DataError("this preparation was fitted without a target")
        return self.target

    @staticmethod
    def from_json(state: dict[str, Any]) -> Preparation:
        """Rebuild a preparation of any kind from `to_json`.

        Raises
        ------
        DataError
            If the values do not describe a preparation.
        """
        try:
            if state["version"] != VERSION:
                raise DataError(
                    f"this preparation has version {state['version']}; version {VERSION} is known"
                )
            return Preparation._kinds[state["kind"]]._from_json(state)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise DataError(
                f"this is not a saved preparation: {type(error).__name__} {error}"
            ) from error

    @classmethod
    @abstractmethod
    def _from_json(cls, state: dict[str, Any]) -> Self:
        """Rebuild a preparation of this kind."""
