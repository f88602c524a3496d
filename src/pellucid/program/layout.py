"""Long statements over several lines, broken where a person would break them."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["laid_out"]

_OPERATORS = (" + ", " - ", " * ", " / ", " @ ")
_SIGNS = tuple(operator[1:] for operator in _OPERATORS)
_CLOSING = {"(": ")", "[": "]"}


def laid_out(statement: str, width: int) -> str:
    """Return an assignment of one line, over several where it is wider than `width`.

    A call is broken after its opening parenthesis and at its commas; a sum or product before its
    loosest operators, in parentheses.

    Examples
    --------
    >>> print(laid_out("total = some_function(first, second, axis=0)", 30))
    total = some_function(
        first, second, axis=0
    )
    >>> print(laid_out("total = first_one + second_one + third_one", 30))
    total = (
        first_one
        + second_one
        + third_one
    )
    """
    if len(statement) <= width or "\n" in statement or statement.startswith("#"):
        return statement
    target, sign, expression = statement.partition(" = ")
    if not sign:
        return statement
    return f"{target} = " + _broken(expression, width, len(target) + 3, 0)


def _broken(text: str, width: int, used: int, indent: int) -> str:
    """Return an expression that starts in column `used` of a line indented by `indent`."""
    if used + len(text) <= width:
        return text
    if len(_at_operators(text)) > 1:
        return f"({_operands(text, width, indent)})"
    return _group(text, width, indent)


def _operands(text: str, width: int, indent: int) -> str:
    """Return what stands in parentheses, a line for each operand with its operator before it."""
    inner, outer = " " * (indent + 4), " " * indent
    if indent + 4 + len(text) <= width:
        return f"\n{inner}{text}\n{outer}"
    lines = []
    for piece in _at_operators(text):
        sign = piece[:2] if piece[:2] in _SIGNS else ""
        rest = piece[len(sign) :]
        long = indent + 4 + len(piece) > width
        lines.append(f"{inner}{sign}{_group(rest, width, indent + 4) if long else rest}")
    return "\n" + "\n".join(lines) + f"\n{outer}"


def _group(text: str, width: int, indent: int) -> str:
    """Return an expression broken within its longest brackets: a call, an index, or a group."""
    opened = _longest_group(text)
    if opened is None:
        return text
    head, bracket, body, tail = opened
    inner, outer = " " * (indent + 4), " " * indent
    is_call = head[-1:].isalnum() or head[-1:] in ("_", ")", "]")
    if not is_call and bracket == "(" and len(list(_at_commas(body))) == 1:
        return f"{head}({_operands(body, width, indent)}){tail}"
    parts = list(_at_commas(body))
    comma = "," if is_call and bracket == "(" else ""
    if indent + 4 + len(body) <= width or len(parts) == 1:
        lines = [f"{inner}{', '.join(parts)}"]
        if len(parts) == 1:
            lines = [inner + _broken(parts[0], width, indent + 4, indent + 4)]
    else:
        lines = [f"{inner}{_broken(part, width - 1, indent + 4, indent + 4)}," for part in parts]
        lines[-1] = lines[-1] if comma else lines[-1][:-1]
    return f"{head}{bracket}\n" + "\n".join(lines) + f"\n{outer}{_CLOSING[bracket]}{tail}"


def _outside(text: str) -> Iterator[int]:
    """Yield the places of a text that are in no bracket and no string."""
    depth, quote = 0, ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
            continue
        if character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0:
            yield place


def _at_operators(text: str) -> list[str]:
    """Split an expression before its loosest operators, which go to the start of the next line."""
    places = list(_outside(text))
    for signs in (_OPERATORS[:2], _OPERATORS[2:]):
        cuts = [p for p in places if text[p : p + 3] in signs]
        if cuts:
            ends = [*cuts, len(text)]
            return [
                text[:start].strip() if not k else text[ends[k - 1] : start].strip()
                for k, start in enumerate(ends)
            ]
    return [text]


def _longest_group(text: str) -> tuple[str, str, str, str] | None:
    """Return what is before, in and after the longest pair of brackets that is in no other."""
    depth, start, found = 0, 0, None
    quote = ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            if depth == 0:
                start = place
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth == 0 and (found is None or place - start > found[1] - found[0]):
                found = start, place
    if found is None:
        return None
    start, end = found
    return text[:start], text[start], text[start + 1 : end], text[end + 1 :]


def _at_commas(text: str) -> Iterator[str]:
    """Split the arguments of a call."""
    begin = 0
    for place in _outside(text):
        if text[place] == ",":
            yield text[begin:place].strip()
            begin = place + 1
    rest = text[begin:].strip()
    if rest or begin == 0:
        yield rest
