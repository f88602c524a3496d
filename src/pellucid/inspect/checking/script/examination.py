"""From a file to the report: reading, exploring, finding the loss, judging."""

from __future__ import annotations

import ast
import copy
import linecache
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.errors import DataError, PellucidError
from pellucid.inspect.checking.program_file import place_of_error
from pellucid.inspect.checking.report import Cause, GradientReport
from pellucid.inspect.checking.script.analysis import Analysis
from pellucid.inspect.checking.script.calling import calls, uncalled
from pellucid.inspect.checking.script.explicit import explicit_source
from pellucid.inspect.checking.script.expressions import call_name, text_of
from pellucid.inspect.checking.script.remarks import remarks_on
from pellucid.inspect.checking.script.report import Remark, ScriptReport
from pellucid.inspect.checking.script.text import Source, read_sources
from pellucid.inspect.checking.script.unbound import bind_names
from pellucid.inspect.checking.script.updates import find_updates
from pellucid.inspect.checking.script.verdict import Verdict

__all__ = ["examine"]

_FRAMEWORKS = {
    "torch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "mxnet": "MXNet",
    "paddle": "PaddlePaddle",
    "cupy": "CuPy",
    "autograd": "autograd",
    "theano": "Theano",
}

_NEEDS = (
    "Needed are updates such as `W -= learning_rate * dW`; or `parameters` (a dict of arrays), "
    "`loss(parameters)` and `gradients(parameters)`"
)


def examine(path: Path, options: Mapping[str, Any]) -> ScriptReport:
    """Run a script and check the gradients that it updates its parameters by.

    Parameters
    ----------
    path : Path
    options : dict
        "tolerance", "causes" and "seed", as :func:`~pellucid.check_gradients` takes them; "output",
        the name that the explicit form will have.

    Raises
    ------
    DataError
        If it cannot be checked; the message says what was found, and what is needed.
    """
    last: DataError | None = None
    for source in read_sources(path):
        if source.restored:
            linecache.cache[str(path)] = (
                len(source.text), None, source.text.splitlines(keepends=True), str(path),
            )  # fmt: skip
        try:
            return _examined(path, source, options)
        except DataError as error:
            last = last or error
            if not source.restored:
                raise
    assert last is not None
    raise last


def _examined(path: Path, source: Source, options: Mapping[str, Any]) -> ScriptReport:
    tree = source.tree
    original = copy.deepcopy(tree)
    _refuse_frameworks(path, tree)
    remarks = [*source.remarks, *bind_names(tree)]
    analysis, more = _analysed(path, tree)
    remarks += more
    if not analysis.parameters:
        raise DataError(_nothing_found(path, source.tree, analysis))
    if analysis.late:
        names = ", ".join(p.name for p in analysis.late)
        remarks.append(Remark(f"{names}: updated less often than the others, and not checked."))
    _refuse_division_by_zero(path, analysis)
    unread = [p for p in analysis.parameters.values() if p.event.reading is None]
    if unread:
        one = unread[0]
        raise DataError(
            f"{path}, line {one.updated}: {one.name} is updated, but which part of the update is "
            "the gradient was not found. Write it as `W -= learning_rate * dW`"
        )
    try:
        verdict = Verdict(
            analysis, tolerance=options.get("tolerance"), causes=bool(options.get("causes", True)),
            seed=int(options.get("seed", 0)),
        )  # fmt: skip
    except DataError as error:
        raise DataError(f"{path}: {error}{_also(remarks)}") from error
    except (PellucidError, MemoryError):
        raise
    except Exception as error:
        place = place_of_error(error, path)
        if place is None:
            raise
        raise DataError(f"{place}{_also(remarks)}") from error
    report, cut = _with_floats(path, original, analysis, options, verdict.report)
    explicit = explicit_source(
        analysis, verdict.bench, verdict.loss, str(options.get("output") or "step.py")
    )
    return ScriptReport(
        path=str(path),
        gradients=report,
        parameters=verdict.parameters,
        loss=verdict.loss.text,
        loss_line=verdict.loss.line,
        computed=not verdict.loss.listed,
        remarks=(*remarks, *verdict.remarks, *cut, *remarks_on(original, analysis)),
        restored=source.text if source.restored else "",
        explicit=explicit,
    )


def _refuse_division_by_zero(path: Path, analysis: Analysis) -> None:
    """Name the division by zero that makes the first update NaN or infinite."""
    broken = [
        p for p in analysis.parameters.values()
        if p.event.delta is not None and not np.all(np.isfinite(p.event.delta))
    ]  # fmt: skip
    if not broken or not analysis.explorer.divisions:
        return
    line, divisor, exponent = analysis.explorer.divisions[0]
    why = f": `{exponent}` is 0 there, let it start at 1" if exponent else ""
    raise DataError(
        f"{path}, line {line}: division by zero, `{divisor}` is 0{why}. The first update of "
        f"{broken[0].name} in line {broken[0].updated} is NaN or infinite by that"
    )


def _with_floats(
    path: Path,
    tree: ast.Module,
    analysis: Analysis,
    options: Mapping[str, Any],
    report: GradientReport,
) -> tuple[GradientReport, list[Remark]]:
    """Name an array of integers that floats are written into; try it with floats."""
    if not analysis.explorer.cut:
        return report, []
    number, kind = next(iter(analysis.explorer.cut.items()))
    write = analysis.nodes[number]
    assert isinstance(write, ast.Assign) and isinstance(write.targets[0], ast.Subscript)
    name = text_of(write.targets[0].value)
    other = copy.deepcopy(tree)
    makers = [
        n for n in ast.walk(other)
        if isinstance(n, ast.Assign) and any(text_of(t) == name for t in n.targets)
    ]  # fmt: skip
    said = f"`{name}` holds integers ({kind}): what is written into it is cut off to whole numbers"
    if report.right or not makers:
        return report, [Remark(f"{said}.", write.lineno)]
    advice = []
    for maker in makers:
        advice.append(
            f"line {maker.lineno}: {text_of(maker.targets[0])} = {text_of(_floating(maker))}"
        )
        maker.value = _floating(maker)
        ast.fix_missing_locations(maker)
    try:
        again = Verdict(
            Analysis(other, str(path)), tolerance=options.get("tolerance"), causes=False,
            seed=int(options.get("seed", 0)),
        )  # fmt: skip
        alone = again.report.right
    except Exception:
        alone = False
    if not alone:
        return report, [Remark(f"{said}. Write {advice[0]}", write.lineno)]
    cause = Cause(
        "cut-to-integers", "Floats cut off to integers", f"{name}, line {write.lineno}",
        f"{said}; with floats, all gradients are right", tuple(advice),
    )  # fmt: skip
    return replace(report, explanations=((cause,),), notes=(), stopped=False), []


def _floating(maker: ast.Assign) -> ast.expr:
    """Return what an assignment makes, with floats in it."""
    value = maker.value
    if isinstance(value, ast.Call) and call_name(value) in (
        "zeros_like", "ones_like", "empty_like", "full_like", "zeros", "array",
    ):  # fmt: skip
        kept = [k for k in value.keywords if k.arg != "dtype"]
        dtype = ast.keyword("dtype", ast.Name("float", ast.Load()))
        return ast.Call(value.func, value.args, [*kept, dtype])
    times = ast.Constant(1.0)
    return ast.BinOp(value, ast.Mult(), times)


def _also(remarks: list[Remark]) -> str:
    return "".join(f"\n{remark}" for remark in remarks)


def _refuse_frameworks(path: Path, tree: ast.Module) -> None:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            framework = _FRAMEWORKS.get(name.partition(".")[0])
            if framework is not None:
                raise DataError(
                    f"{path}, line {node.lineno}: it uses {framework}, so it is no NumPy program. "  # type: ignore[attr-defined]
                    "What is checked are gradients written by hand in NumPy"
                )


# --- running it -----------------------------------------------------------------------------------


def _analysed(path: Path, tree: ast.Module) -> tuple[Analysis, list[Remark]]:
    """Explore a program; where it only defines functions, call one."""
    error: DataError | None = None
    analysis: Analysis | None = None
    try:
        analysis = _run(path, copy.deepcopy(tree))
    except DataError as problem:
        error = problem
    if analysis is not None and (analysis.parameters or analysis.events):
        return analysis, _stopped(path, analysis)
    if analysis is not None and find_updates(tree):
        for more, shown in calls(tree):
            extended = copy.deepcopy(tree)
            extended.body += _placed(more, tree)
            try:
                tried = _run(path, extended)
            except DataError:
                continue
            if tried.parameters and tried.error is None:
                remark = Remark(
                    f"The file only defines; nothing in it is trained. Checked with XOR: {shown}."
                )
                return tried, [remark]
    if error is not None:
        raise error
    assert analysis is not None
    return analysis, []


def _placed(text: str, tree: ast.Module) -> list[ast.stmt]:
    """Parse statements that come after the program's own."""
    body = ast.parse(text).body
    last = max((getattr(n, "end_lineno", 0) or 0 for n in ast.walk(tree)), default=0)
    for one in body:
        ast.increment_lineno(one, last)
    return body


def _run(path: Path, tree: ast.Module) -> Analysis:
    try:
        analysis = Analysis(tree, str(path))
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        raise DataError(_told(error, path)) from error
    if analysis.error is not None and not analysis.parameters:
        raise DataError(_told(analysis.error, path)) from analysis.error
    return analysis


def _stopped(path: Path, analysis: Analysis) -> list[Remark]:
    if analysis.error is None or isinstance(analysis.error, SystemExit):
        return []
    return [
        Remark(
            "Python stops after the first update: "
            + _told(analysis.error, path).replace("\n", ": ").removeprefix(f"{path}, ")
        )
    ]


def _told(error: BaseException, path: Path) -> str:
    """Say what the script raised, where, and what helps."""
    if isinstance(error, SystemExit):
        return f"{path}: it ends the program (sys.exit) before anything is updated"
    place = place_of_error(error, path) or f"{path}: {type(error).__name__}: {error}"
    place = place.rstrip(".")
    if isinstance(error, FileNotFoundError):
        return (
            f"{place}. It reads a file that is not there: run the check in the folder of the file, "
            "or put a few rows of data into the script"
        )
    if isinstance(error, ModuleNotFoundError):
        return f"{place}. Install it, or leave the import out if the training does not need it"
    if isinstance(error, ValueError) and "''" in str(error):
        return f"{place}. It asks for input; write the value into the script"
    return place


def _nothing_found(path: Path, tree: ast.Module, analysis: Analysis) -> str:
    """Say why nothing was found to check."""
    defined = [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    missing = [n for n in ("parameters", "loss", "gradients") if n not in defined]
    there = f" It defines {', '.join(defined)}." if defined else ""
    explicit = (
        f" It does not define {' and '.join(f'`{n}`' for n in missing)} either."
        if len(missing) < 3
        else ""
    )
    waiting = uncalled(tree)
    if waiting and not analysis.events:
        return (
            f"{path}: nothing is trained: {waiting[0]} updates something, but is not called, and "
            "how to call it was not clear. Add the call, with data, at the end of the file."
            f"{explicit}"
        )
    lines = ", ".join(str(u.line) for u in analysis.updates[:5])
    seen = (
        f" What is changed in line {lines} is no parameter that anything depends on."
        if lines
        else ""
    )
    return f"{path}: no update of a parameter was found.{seen}{there}{explicit} {_NEEDS}"
