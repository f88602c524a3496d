"""Errors that teach: what came, what was expected, and the likely fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CheckpointError",
    "DTypeError",
    "DataError",
    "GradientError",
    "MissingExtraError",
    "NonFiniteError",
    "PellucidError",
    "ShapeError",
    "UnknownNameError",
    "UnsupportedError",
]


class PellucidError(Exception):
    """Base class of every error that Pellucid raises on purpose.

    While an error travels up through nested modules, each module adds its own name in front, so
    that the message opens with the full path of the layer where things went wrong.

    Parameters
    ----------
    message : str
        What came, what was expected, and the fix, in one or two lines.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.layers: tuple[str, ...] = ()

    def inside(self, name: str) -> None:
        """Record that the error passed through the module called `name`."""
        self.layers = (name, *self.layers)

    def __str__(self) -> str:
        where = ".".join(name for name in self.layers if name)
        return f"in layer '{where}': {self.message}" if where else self.message


class ShapeError(PellucidError, ValueError):
    """Shapes do not fit together."""


class DTypeError(PellucidError, TypeError):
    """The data type is not the one that was expected."""


class DataError(PellucidError, ValueError):
    """Data from outside (a file, an array, labels) fails a check."""


class CheckpointError(PellucidError, ValueError):
    """A checkpoint is damaged, incomplete, or belongs to another architecture."""


class GradientError(PellucidError, RuntimeError):
    """A gradient was asked for where there is none."""


class NonFiniteError(PellucidError, ArithmeticError):
    """A NaN or an infinity appeared during training."""


class UnsupportedError(PellucidError, TypeError):
    """A NumPy function, or an option of one, cannot be recorded for differentiation."""


class MissingExtraError(PellucidError, ImportError):
    """An optional dependency is needed and not installed.

    Parameters
    ----------
    package : str
        The package that failed to import, for example ``"matplotlib"``.
    extra : str
        The extra of Pellucid that brings it, for example ``"plot"``.
    purpose : str
        What it is needed for, for example ``"drawing curves"``.
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed; "
            f"install it with: pip install 'pellucid[{extra}]'"
        )


class UnknownNameError(PellucidError, ValueError):
    """A name is not among the known ones; the nearest match is suggested.

    Parameters
    ----------
    kind : str
        What the name stands for, for example ``"data set"``.
    name : str
        The name that came.
    choices : iterable of str
        The names that are known.
    aliases : iterable of str
        Other names that are known, which may be suggested but are not listed.
    """

    def __init__(
        self, kind: str, name: str, choices: Iterable[str], aliases: Iterable[str] = ()
    ) -> None:
        known = sorted(choices)
        self.suggestion = _nearest(name, [*known, *aliases])
        hint = f"; did you mean '{self.suggestion}'?" if self.suggestion else ""
        listed = ", ".join(known[:_LISTED])
        if len(known) > _LISTED:  # a table may have thousands of columns
            listed += f", … ({len(known):,} in all)"
        super().__init__(f"unknown {kind} '{name}'{hint} (known: {listed})")


_LISTED = 24


def _nearest(name: str, known: list[str]) -> str | None:
    """Return the most similar name, or else the first one that begins with `name`."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    longer = [other for other in known if name and other.startswith(name)]
    return next(iter(near + longer), None)
