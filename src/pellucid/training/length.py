"""How long a training is, and where its epochs end: by passes through the data, or by updates."""

from __future__ import annotations

from pellucid.errors import DataError
from pellucid.training import defaults

__all__ = ["Length"]


class Length:
    """The length of a training.

    Parameters
    ----------
    epochs : int or None
        Passes through the data.
    max_steps : int or None
        Updates, instead of passes.
    validate_every : int or None
        Updates that an epoch has, one row of the history; None: a pass through the data.
    updates_per_pass : int
        How many updates a pass through the data makes.

    Attributes
    ----------
    epochs : int
        How many rows the history will have.
    steps : int
        How many updates there are in all.

    Raises
    ------
    DataError
        If both epochs and updates are given, or one of them is no whole number.

    Examples
    --------
    >>> length = Length(None, 2000, 300, 40)
    >>> length.epochs, length.end_of_epoch(1900)
    (7, 2000)
    """

    def __init__(
        self,
        epochs: int | None,
        max_steps: int | None,
        validate_every: int | None,
        updates_per_pass: int,
    ) -> None:
        if epochs is not None and max_steps is not None:
            raise DataError(
                f"the length was given twice, as {epochs} epochs and as {max_steps} steps; "
                "give one of them"
            )
        if validate_every is not None:
            validate_every = defaults.count("validate_every", validate_every)
        self.validate_every = validate_every
        self.updates_per_pass = updates_per_pass
        if max_steps is None:
            self.epochs = defaults.epochs(epochs, updates_per_pass)
            self.steps = self.epochs * updates_per_pass
        else:
            self.steps = defaults.count("steps", max_steps)
        self._by_steps = max_steps is not None or validate_every is not None
        if self._by_steps:
            self.epochs = -(-self.steps // (validate_every or updates_per_pass))

    def instead(self, epochs: int | None, max_steps: int | None) -> Length:
        """Return another length with epochs of the same kind."""
        return Length(epochs, max_steps, self.validate_every, self.updates_per_pass)

    def reached(self, epoch: int, step: int) -> bool:
        """Tell whether the training is over after so many epochs and updates."""
        return step >= self.steps if self._by_steps else epoch >= self.epochs

    def end_of_epoch(self, step: int) -> int:
        """Return after how many updates the present epoch ends before its pass does, or −1."""
        if self.validate_every is not None:
            return min((step // self.validate_every + 1) * self.validate_every, self.steps)
        return self.steps if self._by_steps else -1
