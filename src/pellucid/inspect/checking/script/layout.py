"""Restoring the lines and the indentation of a program that lost them in copying.

What a program was cannot be known for certain: a body may end earlier or later. The likeliest
layouts are proposed; only one that runs and trains something is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["restored_layouts"]

_STATEMENTS = frozenset(
    [
        "def",
        "class",
        "for",
        "while",
        "if",
        "elif",
        "else",
        "try",
        "except",
        "finally",
        "with",
        "return",
        "import",
        "from",
        "raise",
        "break",
        "continue",
        "pass",
        "global",
        "nonlocal",
        "del",
        "assert",
        "print",
    ]
)
_HEADERS = frozenset(
    ["def", "class", "for", "while", "if", "elif", "else", "try", "except", "finally", "with"]
)
_CONTINUING = frozenset(["and", "or", "not", "in", "is", "as", "if", "else", "for", "import"])
_WITHOUT_VALUE = frozenset(
    [
        "return",
        "and",
        "or",
        "not",
        "in",
        "is",
        "as",
        "import",
        "from",
        "del",
        "assert",
        "raise",
        "lambda",
        "global",
        "nonlocal",
        "yield",
        "if",
        "elif",
        "while",
        "for",
        "with",
        "def",
        "class",
        "else",
        "try",
        "finally",
    ]
)

_TOKEN = re.compile(
    r"""(?P<string>[rbfuRBFU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<comment>\#)
    |(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<operator>\*\*=|//=|>>=|<<=|[-+*/%@&|^]=|\*\*|//|->|:=|[=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)

_STARTS = re.compile(
    r"(?<![\w.])(?:(?:def|class)\s+\w+\s*[(:]"
    r"|for\s+\w+(?:\s*,\s*\w+)*\s+in\s"
    r"|(?:while|if|elif)\s+[\w.\s%<>=!()\[\]'\"+*-]+?:"
    r"|return\s+(?!\w+\s+\w+\s)|import\s+\w+(?:\s+as\s|\s*$|\s+(?:import|from|def)\b)"
    r"|from\s+\w+(?:\.\w+)*\s+import\s|print\s*\("
    r"|[A-Za-z_][\w.]*(?:\[[^\]]*\])*(?:\s*,\s*[A-Za-z_][\w.]*(?:\[[^\]]*\])*)*\s*[-+*/@]?=(?![=])"
    r"|[A-Za-z_]\w*(?:\.\w+)+\()"
)


def restored_layouts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text may have been before its layout was lost, and a remark that says so."""
    lines = text.split("\n")
    if any(line[:1] in (" ", "\t") and line.strip() for line in lines):
        return  # some indentation is there: this is another mistake
    split = [part for line in lines for part in (_statements(line) if line.strip() else [""])]
    broken = len([s for s in split if s]) > len([line for line in lines if line.strip()])
    what = "the line breaks and the indentation" if broken else "the indentation"
    remark = (
        f"{what} of the program were lost in copying. Restored as far as that is possible; lines "
        "are those of the restored text"
        if broken
        else f"{what} of the program was lost in copying; restored as far as that is possible"
    )
    seen: set[str] = set()
    for way in (_Way(False, False), _Way(False, True), _Way(True, False), _Way(True, True)):
        layout = _indented(split, way)
        if layout not in seen:
            seen.add(layout)
            yield layout, remark


# --- lines ----------------------------------------------------------------------------------------


def _statements(line: str) -> list[str]:
    """Break a line that holds several statements."""
    found: list[str] = []
    start = position = depth = 0
    previous, kind = "", ""
    header = ""
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        match = _TOKEN.match(line, position)
        assert match is not None
        token, group = match.group(), match.lastgroup or ""
        if group == "comment":
            if line[start:position].strip():
                found.append(line[start:position].strip())
            position = _end_of_comment(line, position)
            found.append(line[match.start() : position].strip())
            start, previous, kind, header = position, "", "", ""
            continue
        if (
            depth == 0
            and previous
            and _begins(token, group, previous, kind, line, position, header)
        ):
            found.append(line[start:position].strip())
            start, previous, header = position, "", ""
        if not previous:
            header = token if token in _HEADERS else ""
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(depth - 1, 0)
        position = match.end()
        if token == ":" and depth == 0 and header:
            found.append(line[start:position].strip())
            start, previous, kind, header = position, "", "", ""
            continue
        if token == ";" and depth == 0:
            found.append(line[start : match.start()].strip())
            start, previous, kind, header = position, "", "", ""
            continue
        previous, kind = token, group
    if line[start:].strip():
        found.append(line[start:].strip())
    return [one for one in found if one]


def _begins(
    token: str, group: str, previous: str, kind: str, line: str, position: int, header: str
) -> bool:
    """Tell whether a token begins a statement, where one could have ended."""
    ended = (
        kind in ("number", "string")
        or previous in (")", "]", "}")
        or (kind == "name" and previous not in _WITHOUT_VALUE)
    )
    if not ended or group not in ("name", "string", "number"):
        return False
    if token == "import" and re.search(r"\bfrom\s+[\w.]+\s+$", line[:position]):
        return False
    if token == "else":
        return bool(re.match(r"else\s*:", line[position:]))
    if token == "if":
        rest = re.match(r"if\b([^:]*?)(\belse\b|:)", line[position:])
        return rest is None or rest[2] == ":"
    if token == "for":
        return header != "for"
    if token in ("import", "with"):
        return True
    return token not in _CONTINUING


def _end_of_comment(line: str, position: int) -> int:
    match = _STARTS.search(line, position + 1)
    return match.start() if match else len(line)


# --- indentation ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Way:
    """How doubtful ends are decided.

    Attributes
    ----------
    loops_end : bool
        Whether a loop ends before what is only printed after an update.
    long_conditions : bool
        Whether a condition has more than one statement, if they are not printed.
    """

    loops_end: bool
    long_conditions: bool


def _indented(lines: list[str], way: _Way) -> str:
    """Indent statements by what they are."""
    result: list[str] = []
    open_blocks: list[tuple[str, str]] = []  # keyword and name
    comments: list[str] = []
    ended = False  # the statement before ends its block
    updated = False
    for number, line in enumerate(lines):
        if not line or line.startswith("#"):
            comments.append(line)
            continue
        word = re.match(r"\w*", line)
        keyword = word[0] if word else ""
        _close(open_blocks, line, keyword, ended, way, updated)
        indent = "    " * len(open_blocks)
        result += [indent + comment if comment else "" for comment in comments]
        comments = []
        result.append(indent + line)
        ended = keyword in ("return", "break", "continue", "raise", "pass")
        if re.search(r"[-+]=|\b(\w+)\s*=\s*\1\s*[-+]", line):
            updated = True
        if line.endswith(":") and keyword in _HEADERS:
            name = re.match(r"\w+\s+(\w+)", line)
            open_blocks.append((keyword, name[1] if name else ""))
            updated = updated and keyword not in ("for", "while")
            ended = False
        elif open_blocks and open_blocks[-1][0] in ("if", "elif", "else", "except"):
            after = next(
                (one for one in lines[number + 1 :] if one and not one.startswith("#")), ""
            )
            if open_blocks[-1][1] == "__name__":
                continue
            goes_on = (_is_shown(line) and _is_shown(after)) or way.long_conditions
            if not goes_on and not ended:
                open_blocks.pop()
    return "\n".join([*result, *comments]) + "\n"


def _is_shown(line: str) -> bool:
    return re.match(r"print\b|plt\.|\w+\.append\(|display\b", line) is not None


def _close(
    blocks: list[tuple[str, str]], line: str, keyword: str, ended: bool, way: _Way, updated: bool
) -> None:
    """Close the blocks that end before a line."""
    if keyword in ("elif", "else", "except", "finally"):
        accepts = {
            "elif": ("if", "elif"),
            "else": ("if", "elif", "for", "while", "try", "except"),
            "except": ("try", "except"),
            "finally": ("try", "except", "else"),
        }[keyword]
        # A condition of one statement is closed already: its `else` stands where it stood
        if blocks and blocks[-1][0] in accepts and (ended or keyword in ("except", "finally")):
            blocks.pop()
        return
    if ended and blocks:
        block = blocks.pop()[0]
        while block in ("for", "while", "with") and blocks:
            block = blocks.pop()[0]
    if keyword in ("def", "class"):
        is_method = re.match(r"def\s+\w+\s*\(\s*(self|cls)\b", line) is not None
        kept = 0
        if is_method and any(kind == "class" for kind, _ in blocks):
            kept = next(i for i, (kind, _) in enumerate(blocks) if kind == "class") + 1
        del blocks[kept:]
        return
    if blocks and blocks[-1][0] == "class" and not re.match(r"\w+\s*=|['\"]", line):
        blocks.clear()
    for depth, (kind, name) in enumerate(blocks):
        called = re.search(rf"(?<![\w.]){re.escape(name)}\s*\(", line) if name else None
        if kind in ("def", "class") and called and keyword != "return":
            del blocks[depth:]
            return
    if re.match(r"if\s+__name__", line):
        blocks.clear()
        return
    if keyword == "return":
        while blocks and blocks[-1][0] in ("for", "while", "with"):
            blocks.pop()
        return
    if way.loops_end and updated and _is_shown(line):
        while blocks and blocks[-1][0] in ("for", "while"):
            blocks.pop()
