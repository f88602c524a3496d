"""Who turns a recorded number into a plain one: a person on purpose, or a function on the way.

``float(loss)`` is written to look at a number. ``array[0] = loss`` and ``math.exp(loss)`` ask for
the very same ``__float__``, and lose the gradient without a word. What tells them apart is the
instruction of the calling code that runs at that moment.
"""

from __future__ import annotations

import builtins
import dis
import functools
import types
from typing import Any, NamedTuple

import numpy as np

from pellucid.errors import UnsupportedError

__all__ = ["refuse_lost_history"]

_ON_PURPOSE = frozenset((builtins.float, builtins.int, builtins.complex, builtins.bool))
_BY_NAME = frozenset(function.__name__ for function in _ON_PURPOSE)


class _Use(NamedTuple):
    """What an instruction does with the number: writes it, or calls what these names stand for."""

    writes: bool
    calls: tuple[str, ...]
    formats: bool


@functools.lru_cache(maxsize=1024)
def _use(code: types.CodeType, instruction: int) -> _Use:
    """Return what the instruction at this offset of `code` does.

    The function of a call is what is loaded first, from the place in the source where the call
    begins: ``math`` and then ``exp`` of ``math.exp(x)``.
    """
    names: list[str] = []
    listing = {i.offset: i for i in dis.get_instructions(code)}
    present = listing.get(instruction)
    if present is None:
        return _Use(False, (), False)
    if present.opname in ("STORE_SUBSCR", "STORE_SLICE"):
        return _Use(True, (), False)
    if present.opname.startswith(("BINARY_OP", "FORMAT")):
        return _Use(False, (), True)
    where = present.positions
    if not present.opname.startswith("CALL") or where is None or where.lineno is None:
        return _Use(False, (), False)
    begin = (where.lineno, where.col_offset)
    continues = False
    for offset in sorted(o for o in listing if o < instruction):
        other = listing[offset]
        place = other.positions
        attribute = other.opname.startswith(("LOAD_ATTR", "LOAD_METHOD"))
        if attribute and continues:
            names.append(other.argval)
            continue
        continues = (
            other.opname.startswith("LOAD_")
            and isinstance(other.argval, str)
            and place is not None
            and (place.lineno, place.col_offset) == begin
        )
        if continues:
            names[:] = [other.argval]
    return _Use(False, tuple(names), False)


def _named(frame: types.FrameType, names: tuple[str, ...]) -> Any:
    """Return what a dotted name stands for in the code of `frame`, or None."""
    if not names:
        return None
    for scope in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if names[0] in scope:
            found = scope[names[0]]
            break
    else:
        return None
    for name in names[1:]:
        found = getattr(found, name, None)
    return found


def refuse_lost_history(frame: types.FrameType) -> None:
    """Refuse to give a recorded number to code that did not ask for a plain one on purpose.

    Asked for on purpose is what ``float``, ``int``, ``complex``, ``bool`` and the formatting of
    texts do. Writing into an array and calling any other compiled function are not.

    Parameters
    ----------
    frame : frame
        The code that asks.

    Raises
    ------
    UnsupportedError
        If the gradient would be lost.
    """
    use = _use(frame.f_code, frame.f_lasti)
    if use.formats:
        return
    if use.writes:
        raise UnsupportedError(
            "writing a recorded value into a plain array would lose its gradient: join values with "
            "np.stack([...]), or let pl.grad(function) run the code, which records it; to keep "
            "only the number, write a[i] = float(x)"
        )
    function = _named(frame, use.calls)
    if function is None:
        code = frame.f_code
        if _BY_NAME & {*code.co_names, *code.co_varnames, *code.co_freevars}:
            return  # such as map(float, values)
    elif isinstance(function, type):
        if function in _ON_PURPOSE:
            return
        if _BY_NAME & set(frame.f_code.co_names):
            return  # such as list(map(float, values))
    elif isinstance(function, (types.FunctionType, types.MethodType, types.ModuleType)):
        return  # it is not from there that the number was asked for
    elif _BY_NAME & set(frame.f_code.co_names) and function in (sum, max, min, sorted, any, all):
        return  # such as sum(map(float, values))
    raise UnsupportedError(_advice(function, use.calls))


def _advice(function: Any, calls: tuple[str, ...]) -> str:
    called = ".".join(calls) or "this"
    name = getattr(function, "__name__", "")
    if getattr(function, "__module__", None) == "math":
        name = {"fsum": "sum", "pow": "power"}.get(name, name)
        instead = f"write np.{name}(x)" if hasattr(np, name) else "write it with NumPy's functions"
    elif name == "fill":
        instead = "write x * np.ones(shape)"
    else:
        instead = "join recorded values with np.stack([...])"
    return (
        f"{called}(x) would lose the gradient of the recorded value x: {instead}; "
        "to use only the number, write float(x)"
    )
