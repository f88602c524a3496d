"""One thing that is wrong: what was seen, how it is known, and what to change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, TypeAlias

__all__ = ["SEVERITIES", "Finding", "Severity"]

Severity: TypeAlias = Literal["note", "warning", "critical"]

SEVERITIES: tuple[Severity, ...] = ("note", "warning", "critical")
"""From what is worth knowing to what keeps the network from learning."""


@dataclass(frozen=True)
class Finding:
    """What the doctor found.

    Parameters
    ----------
    severity : "note", "warning" or "critical"
        Worth knowing; slows learning or spoils the result; the network cannot learn like this.
    code : str
        What it is, in kebab-case: a key of :data:`~pellucid.inspect.diagnosing.rules.RULES`.
    layer : str
        The path of the layer, empty for the network or the data as a whole.
    step : int or None
        After how many updates it was seen; None before training.
    measured, threshold : float or None
        The number that was measured, and the one that it was held against.
    message : str
        What was seen, with the evidence, in one sentence.
    cause : str
        What usually brings it about.
    suggestion : str
        The one change to try first.
    change : dict or None
        That change as one setting of ``fit`` or ``pellucid train``, such as ``{"lr": 0.001}``; None
        where it is not a setting.
    """

    severity: Severity
    code: str
    layer: str
    step: int | None
    measured: float | None
    threshold: float | None
    message: str
    cause: str
    suggestion: str
    change: dict[str, Any] | None = field(default=None, hash=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; a number that is not finite becomes None."""
        values = asdict(self)
        for name in ("measured", "threshold"):
            value = values[name]
            if value is not None and not math.isfinite(value):
                values[name] = None
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the finding that :meth:`to_dict` was called on."""
        return cls(**values)

    @property
    def is_alarm(self) -> bool:
        """Whether it is more than a note."""
        return self.severity != "note"
