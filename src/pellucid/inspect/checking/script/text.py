"""Reading a script, and repairing what copying has done to its text.

Web pages, terminals and PDF files change programs: quotes become typographic, line numbers and
prompts stand in front, the indentation is gone. Nothing is changed that Python can read.
"""

from __future__ import annotations

import ast
import html
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pellucid.errors import DataError
from pellucid.inspect.checking.script.layout import restored_layouts
from pellucid.inspect.checking.script.report import Remark

__all__ = ["Source", "read_sources"]


@dataclass
class Source:
    """A program that Python can read.

    Attributes
    ----------
    text : str
    tree : Module
    remarks : tuple of Remark
        What was repaired.
    restored : bool
        Whether its lines are others than those of the file.
    """

    text: str
    tree: ast.Module
    remarks: tuple[Remark, ...] = ()
    restored: bool = False


def read_sources(path: Path) -> Iterator[Source]:
    """Yield the program in a file; or, if its layout is lost, the ones that it may have been.

    Raises
    ------
    DataError
        If there is no such file, or nothing that can be read as Python.
    """
    text = _read(path)
    error = _syntax_error(text)
    remarks: list[Remark] = []
    escaped = _entities(text) != text  # Python can read `a &lt; b`, as two statements
    if error is not None or escaped:
        for repair, remark in _REPAIRS:
            changed = repair(text)
            if changed != text and (
                _syntax_error(changed) is None
                or _further(changed, text)
                or repair in (_characters, _entities)
            ):
                text = changed
                remarks.append(Remark(remark))
            if _syntax_error(text) is None and _entities(text) == text:
                break
    if _syntax_error(text) is None:
        if _is_swallowed(text):
            for layout, remark in restored_layouts(text):
                if _syntax_error(layout) is None:
                    yield Source(layout, ast.parse(layout), (*remarks, Remark(remark)), True)
        text, more = _old_names(text)
        yield Source(text, ast.parse(text), (*remarks, *more), text.count("\n") != 0 and bool(
            remarks
        ))  # fmt: skip
        return
    found = False
    for layout, remark in restored_layouts(text):
        if _syntax_error(layout) is None:
            found = True
            yield Source(layout, ast.parse(layout), (*remarks, Remark(remark)), True)
    if not found:
        assert error is not None
        raise DataError(_told(path, text, error))


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else error.strerror or str(error)
        raise DataError(f"cannot read '{path}': {reason}") from error
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    if b"\0" in data:
        raise DataError(f"'{path}' is no text in UTF-8, so no Python program")
    return data.decode("cp1252", errors="replace").replace("\r\n", "\n")


def _is_swallowed(text: str) -> bool:
    """Tell whether most of a program stands behind the first # of a line: its lines were joined."""
    lines = [line for line in text.split("\n") if line.strip()]
    comments = [line.partition("#")[2] for line in lines if "#" in line]
    long = [c for c in comments if len(re.findall(r"\w\s*[-+*/]?=[^=]|\bdef\s|\breturn\b", c)) >= 4]
    return len(lines) <= 5 and bool(long)


def _syntax_error(text: str) -> SyntaxError | None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error
    except ValueError as error:  # a zero byte
        return SyntaxError(str(error))
    return None


def _told(path: Path, text: str, error: SyntaxError) -> str:
    lines = text.splitlines()
    indented = any(line[:1] in (" ", "\t") for line in lines)
    where = f", line {error.lineno}" if error.lineno else ""
    lost = (
        " No line is indented: the indentation was lost in copying, and could not be restored."
        if len(lines) > 3 and not indented
        else ""
    )
    return f"{path}{where}: SyntaxError: {error.msg}.{lost}"


def _further(new: str, old: str) -> bool:
    """Tell whether Python reads further into the new text before it stops."""
    one, other = _syntax_error(new), _syntax_error(old)
    if one is None or other is None:
        return one is None
    return (one.lineno or 0, one.offset or 0) > (other.lineno or 0, other.offset or 0)


# --- repairs --------------------------------------------------------------------------------------

_CHARACTERS: dict[str | int, str | int | None] = {
    **dict.fromkeys("‘’‚‛´", "'"),
    **dict.fromkeys("“”„‟", '"'),
    **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("–—−‐‑", "-"),
    "×": "*",
    "…": "...",
}


def _characters(text: str) -> str:
    return text.translate(str.maketrans(_CHARACTERS))


def _entities(text: str) -> str:
    return html.unescape(text) if re.search(r"&(gt|lt|amp|quot|#\d+);", text) else text


def _fences(text: str) -> str:
    """Leave out what stands around a program on a page."""
    lines = text.split("\n")
    kept = [
        line for line in lines
        if not re.fullmatch(r"\s*(```\w*|~~~\w*|Copy( code)?|python)\s*", line)
    ]  # fmt: skip
    return "\n".join(kept)


def _prompts(text: str) -> str:
    lines = text.split("\n")
    prompt = re.compile(r"^\s*(?:>>>|\.\.\.|In \[\d*\]:|\s+\.\.\.:)(?: (.*)|)$")
    found = [prompt.match(line) for line in lines]
    if sum(1 for m in found if m) < 2:
        return text
    return "\n".join((m[1] or "") for m in found if m)


def _line_numbers(text: str) -> str:
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    numbered = [re.match(r"^\s*(\d+)[.:|)]?(?:[ \t]|$)", line) for line in filled]
    numbers = [int(m[1]) for m in numbered if m]
    if len(numbers) < max(2, 0.9 * len(filled)):
        return text
    if any(b <= a for a, b in itertools.pairwise(numbers)):
        return text
    number = re.compile(r"^(\s*\d+[.:|)]?)(.*)$")
    matches = [(number.match(line), line) for line in lines]
    bare = [m[2] if m else line for m, line in matches]
    aligned = [" " * len(m[1]) + m[2] if m else line for m, line in matches]
    for way in (bare, aligned):
        changed = textwrap.dedent("\n".join(line.rstrip() for line in way))
        if _syntax_error(changed) is None:
            return changed
    return textwrap.dedent("\n".join(line.rstrip() for line in bare))


def _tabs(text: str) -> str:
    for size in (4, 8):
        changed = "\n".join(_expanded(line, size) for line in text.split("\n"))
        if _syntax_error(changed) is None:
            return changed
    return "\n".join(_expanded(line, 4) for line in text.split("\n"))


def _expanded(line: str, size: int) -> str:
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(size) + body


def _old_statements(text: str) -> str:
    """Write the statements of Python 2 as Python 3 does."""
    lines = []
    for line in text.split("\n"):
        match = re.match(r"^(\s*(?:.*:\s+)?)print(?:\s+(?!\()(.*?)|(\s*\(.*\)\s*%.*))?\s*$", line)
        if match and not re.match(r"^\s*print\s*[=(.]", line):
            said = (match[2] or match[3] or "").strip().rstrip(",")
            line = f"{match[1]}print({said})"
        line = re.sub(r"^(\s*except\s+[\w.]+)\s*,\s*(\w+)\s*:", r"\1 as \2:", line)
        lines.append(line)
    return "\n".join(lines)


_REPAIRS: tuple[tuple[Callable[[str], str], str], ...] = (
    (_characters, "typographic quotes, dashes or spaces of a web page stand in the program; "
     "checked with plain ones"),
    (_entities, "`&gt;`, `&lt;` or `&amp;` of a web page stand in the program; checked with the "
     "characters that they stand for"),
    (_fences, "lines of a web page around the program were left out"),
    (_prompts, "prompts (`>>>`) stand in front of the lines; checked without them and without what "
     "was printed"),
    (_line_numbers, "line numbers stand in front of the lines; checked without them"),
    (textwrap.dedent, "the whole program is indented; checked without that"),
    (_tabs, "tabs and spaces are mixed in the indentation; checked with spaces only"),
    (_old_statements, "`print` is written as in Python 2; checked as Python 3"),
)  # fmt: skip


def _old_names(text: str) -> tuple[str, tuple[Remark, ...]]:
    """Replace functions of Python 2 that Python 3 calls otherwise."""
    tree = ast.parse(text)
    stored = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    remarks = []
    for old, new in (("xrange", "range"), ("raw_input", "input")):
        lines = [
            n.lineno for n in ast.walk(tree)
            if isinstance(n, ast.Name) and n.id == old and old not in stored
        ]  # fmt: skip
        if lines:
            text = re.sub(rf"\b{old}\b", new, text)
            remarks.append(Remark(f"`{old}` is Python 2's; checked as `{new}`", min(lines)))
    return text, tuple(remarks)
