"""Findings for who sits at a command line: options in place of arguments."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pellucid.cli.training_options import TRAINING_OPTIONS

if TYPE_CHECKING:
    from pellucid.inspect import Diagnosis, Finding

__all__ = ["diagnosis_in_options", "finding_in_options"]

_EXPERIMENT = re.compile(r'pl\.doctor\(net, train, (?:optimizer=…, )?experiments=\["([a-z-]+)"\]\)')
_ARGUMENT = re.compile(r'\b([a-z_]+)=("[^"]*"|[0-9][0-9.e+-]*[0-9]|[0-9])')
_OPTIONS = {option.name: option for option in TRAINING_OPTIONS}


def finding_in_options(found: Finding, source: str) -> Finding:
    """Return a finding whose advice speaks of options where it spoke of arguments.

    Parameters
    ----------
    found : Finding
        The finding.
    source : str
        The data or the run folder, for commands.
    """
    return replace(found, suggestion=_in_options(found.suggestion, source))


def diagnosis_in_options(diagnosis: Diagnosis, source: str) -> Diagnosis:
    """Return a diagnosis of such findings."""
    from pellucid.inspect import Diagnosis

    findings = [*diagnosis.findings, *diagnosis.suppressed]
    return Diagnosis(
        [finding_in_options(found, source) for found in findings],
        diagnosis.results,
        diagnosis.cleared,
    )


def _in_options(said: str, source: str) -> str:
    shown = f"'{source}'" if " " in source else source
    said = _EXPERIMENT.sub(lambda m: f"pellucid doctor {shown} --experiment {m[1]}", said)
    said = said.replace("EarlyStopping (--patience)", "--patience")
    return _ARGUMENT.sub(_option, said)


def _option(match: re.Match[str]) -> str:
    option = _OPTIONS.get(match[1])
    if option is None:
        return match[0]
    return " ".join(option.words(match[2].strip('"')))
