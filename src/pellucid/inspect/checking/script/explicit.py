"""Writing the step of a program down, as a file with `parameters`, `loss` and `gradients`."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from pellucid.inspect.checking.script.analysis import FUNCTION, Analysis
from pellucid.inspect.checking.script.bench import Bench, ListedLoss, hooks_of
from pellucid.inspect.checking.script.losses import Candidate
from pellucid.inspect.checking.script.module import as_module
from pellucid.inspect.checking.script.step import Enough, Step

__all__ = ["explicit_source"]

_HEAD = '''"""The step of {name} as functions of its parameters.

The program's own code stands in `_script`, without what it prints and draws. Where a parameter is
made, it is given; where it is updated, its gradient is kept; and so is the loss, where it is
computed.

Loss: {loss}
Check it:  pellucid check {output}
"""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np

'''

_TAIL = """

def loss(parameters):
    return _step.run({function}, "loss", parameters)


def gradients(parameters):
    return _step.run({function}, "gradients", parameters)


_made = _step.run({function}, "parameters")
parameters = {{name: _made[name] for name in {names}}}
"""


def explicit_source(analysis: Analysis, bench: Bench, loss: Candidate, output: str) -> str:
    """Return a program that defines `parameters`, `loss` and `gradients`.

    Parameters
    ----------
    analysis : Analysis
    bench : Bench
        Whose step was checked.
    loss : Candidate
        With which loss.
    output : str
        What the file will be called.
    """
    tree = hooks_of(analysis, loss.loss, bench.readings).applied(analysis.tree)
    module = as_module(tree, FUNCTION)
    future = [n for n in module.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    module.body = [n for n in module.body if n not in future]
    head = _HEAD.format(name=Path(analysis.file).name, loss=loss.text, output=output)
    if future:
        head = head.replace(
            "\nimport contextlib", "\nfrom __future__ import annotations\n\nimport contextlib"
        )
    step = bench.step
    places = ",\n    ".join(f"{place!r}: {name!r}" for place, name in analysis.places.items())
    parts = [
        head,
        inspect.getsource(Enough), "\n\n",
        inspect.getsource(Step), "\n\n",
        f"_step = Step(\n    {{{places}}},\n",
        f"    updates={step.updates}, before={step.before},\n)\n\n\n",
    ]  # fmt: skip
    if isinstance(loss.loss, ListedLoss):
        parts.append(f"{loss.loss.source}\n\n")
    parts += [ast.unparse(module), "\n"]
    parts.append(_TAIL.format(function=FUNCTION, names=list(bench.start)))
    return "".join(parts)
