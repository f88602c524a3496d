"""What :func:`~pellucid.check_layer` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pellucid.inspect.checking.report import Cause

__all__ = ["LayerFinding", "LayerReport"]


@dataclass(frozen=True)
class LayerFinding:
    """Something that is wrong with a layer, or worth knowing.

    Attributes
    ----------
    code : str
        In kebab-case: ``"wrong-gradient"``, ``"wrong-second-order"``, ``"no-gradient"``,
        ``"no-second-order"``, ``"dtype"``, ``"shape"``, ``"changes-input"``, ``"random"``,
        ``"mixes-samples"``.
    what : str
        The input or parameter that it is about.
    message : str
    fault : bool
        False for what is only worth knowing.
    """

    code: str
    what: str
    message: str
    fault: bool = True


@dataclass(frozen=True)
class LayerReport:
    """The verdict on a layer.

    Attributes
    ----------
    right : bool
    findings : tuple of LayerFinding
    first, second : dict
        Name of an input or parameter to the largest relative error of its derivative.
    causes : tuple of Cause
        Mistakes in the rules of a primitive that give exactly its gradients.
    """

    right: bool
    findings: tuple[LayerFinding, ...]
    first: dict[str, float]
    second: dict[str, float]
    causes: tuple[Cause, ...] = ()

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        lines = ["right" if self.right else "wrong", ""]
        for name, error in self.first.items():
            second = self.second.get(name)
            more = "" if second is None else f", second order {second:.1e}"
            lines.append(f"{name}: relative error {error:.1e}{more}")
        lines += [f"{'wrong' if f.fault else 'note'}: {f.message}" for f in self.findings]
        for cause in self.causes:
            lines += [f"cause: {cause}", *(f"  write: {text}" for text in cause.write)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "right": self.right,
            "findings": [vars(f) for f in self.findings],
            "first": self.first,
            "second": self.second,
            "causes": [{"kind": c.kind, "title": c.title, "where": c.where} for c in self.causes],
        }
