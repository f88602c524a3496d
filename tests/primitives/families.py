"""Cases of the larger families of primitives, one file each: `<family>_cases.py`.

Such a file has `CASES`, the cases by name of the primitive; `TORCH`, PyTorch's function for each,
or `WITHOUT`, why there is none. Perhaps also `NAMESPACE`, what a printed call needs; `ORACLES`,
plain Python versions of functions without a derivative; `EXTREMES` and `MOVING` for
`test_stability.py`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from primitives import structure_cases
from primitives.cases import Case

_CORE = {"structure_cases", "composite_cases"}


def _families() -> list[ModuleType]:
    files = sorted(Path(__file__).parent.glob("*_cases.py"))
    return [importlib.import_module(f"primitives.{f.stem}") for f in files if f.stem not in _CORE]


FAMILIES = _families()

FAMILY_CASES: dict[str, list[Case]] = {
    name: cases for family in FAMILIES for name, cases in family.CASES.items()
}
"""Cases of the primitives of all families."""

WITHOUT: dict[str, str] = {
    name: reason for family in FAMILIES for name, reason in getattr(family, "WITHOUT", {}).items()
}
"""Why PyTorch has no counterpart."""

NAMESPACE: dict[str, Any] = {
    name: function
    for family in FAMILIES
    for name, function in getattr(family, "NAMESPACE", {}).items()
}
"""What a printed program needs for the calls of the families."""

ORACLES: dict[str, Any] = {
    name: function
    for family in FAMILIES
    for name, function in getattr(family, "ORACLES", {}).items()
}
"""Plain Python versions of functions without a derivative."""

CASES: dict[str, list[Case]] = {**structure_cases.CASES, **FAMILY_CASES}
"""Every primitive of the engine by name; the suite fails when one is missing."""

MANY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]
"""Name and number of each case, for parametrisation."""


def torch_functions() -> dict[str, Any]:
    """PyTorch's version of each primitive of the families."""
    return {
        name: function
        for family in FAMILIES
        for name, function in getattr(family, "TORCH", {}).items()
    }
