"""What can be told from the inputs alone: their scales, and columns that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, finding
from pellucid.inspect.diagnosing.subject import Subject

__all__ = ["data_findings"]

_ENOUGH_ROWS = 20_000
_LOWEST, _HIGHEST = 0.1, 10.0


def data_findings(subject: Subject) -> Iterator[Finding]:
    """Yield inputs of an unusual scale, and columns that are the same for every sample."""
    if not _takes_tokens(subject):
        x = subject.x[:: -(-len(subject.x) // _ENOUGH_ROWS)]
        yield from _scale(x)
        yield from _constant(x)


def _takes_tokens(subject: Subject) -> bool:
    """Tell whether the inputs are numbers of tokens or categories, which have no scale."""
    if subject.x.dtype.kind == "f":
        return False
    return any(isinstance(module, nn.Embedding) for module in subject.net.modules())


def _scale(x: Array) -> Iterator[Finding]:
    """Look at the large side column by column, at the small side as a whole.

    A pixel that is nearly always white, or a rare category, is a column of small deviation in
    perfectly scaled data; a column that is large drowns the others.
    """
    limit = RULES["unscaled-inputs"].threshold or 0.0
    columns = x.reshape(len(x), -1) if x.ndim == 2 else x.reshape(-1, 1)
    means = columns.mean(axis=0, dtype=np.float64)
    deviations = columns.std(axis=0, dtype=np.float64)
    size = np.maximum(np.abs(means) / limit, deviations / _HIGHEST)
    size[deviations == 0] = 0
    worst = int(np.argmax(size))
    whole = float(x.std(dtype=np.float64))
    which = f"column {worst} of the inputs has" if x.ndim == 2 else "the inputs have"
    change = "standardise the inputs: subtract the mean and divide by the standard deviation"
    if size[worst] > 1:
        by_mean = abs(means[worst]) / limit >= deviations[worst] / _HIGHEST
        many = int((size > 1).sum())
        more = f" ({many} of {len(size)} columns are like that)" if many > 1 else ""
        yield finding(
            "unscaled-inputs",
            f"{which} mean {means[worst]:.4g} and standard deviation {deviations[worst]:.4g}{more}",
            f"{change} of the training samples",
            measured=float(means[worst] if by_mean else deviations[worst]),
            threshold=limit if by_mean else _HIGHEST,
        )
    elif 0 < whole < _LOWEST:
        yield finding(
            "unscaled-inputs",
            f"the inputs have a standard deviation of only {whole:.4g}",
            f"{change} of the training samples",
            measured=whole,
            threshold=_LOWEST,
        )


def _constant(x: Array) -> Iterator[Finding]:
    if x.ndim != 2 or len(x) < 2:
        return
    same = np.flatnonzero(np.ptp(x, axis=0) == 0)
    if len(same):
        listed = ", ".join(map(str, same[:8])) + (", …" if len(same) > 8 else "")
        one = len(same) == 1
        if len(same) == x.shape[1]:
            yield finding(
                "constant-columns",
                f"all {x.shape[1]} columns are the same for every sample, so no sample can be told "
                "from another",
                "look at the preparation of the inputs: what made them equal?",
                measured=float(len(same)),
                severity="critical",
            )
            return
        yield finding(
            "constant-columns",
            f"{len(same)} of {x.shape[1]} columns {'is' if one else 'are'} the same for every "
            f"sample: {listed}",
            f"leave {'it' if one else 'them'} out, if that is not meant",
            measured=float(len(same)),
        )
