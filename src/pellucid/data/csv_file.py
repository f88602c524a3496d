"""Read a CSV or TSV file as a table of text: delimiter and header found, errors with lines."""

from __future__ import annotations

import csv
import gzip
import io
import operator
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pellucid.data.checks import listed
from pellucid.data.table import CSVFormat, Table
from pellucid.errors import DataError

__all__ = ["decode", "peek", "read_bytes", "read_table"]

_DELIMITERS = ("\t", ";", "|", ",")
_HEAD = 1 << 16  # bytes looked at to find the kind of a file
_SAMPLE = 50  # lines looked at to find the delimiter
_QUOTED_OR_BARE = re.compile(r'"[^"]*"|\S+')
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacking it if it is gzipped (whatever its name says).

    Raises
    ------
    DataError
        If there is no such file, it may not be read, or the gzip data are damaged.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except FileNotFoundError as error:
        raise DataError(f"there is no file '{path}'") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"'{path}' is a damaged or truncated gzip file ({error})") from error
    except OSError as error:
        raise DataError(f"'{path}' cannot be read: {error.strerror}") from error


def peek(path: Path, form: CSVFormat) -> tuple[str, tuple[str, ...], list[list[str]]]:
    """Return the start of a file: as text, and its first rows as column names and columns.

    Nothing is checked. A row that is not as long as most is passed over, and a file that cannot be
    read seems empty: whoever reads it in earnest says what is wrong.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            source = gzip.GzipFile(fileobj=file) if packed else file
            head = source.read(_HEAD).decode(form.encoding, "replace").removeprefix("\ufeff")
    except (OSError, EOFError, zlib.error, LookupError):
        return "", (), []
    lines = head.splitlines()
    if len(head) > 1 and not head.endswith(("\n", "\r")) and len(lines) > 1:
        lines.pop()  # it is cut, or the last one of many
    text = "\n".join(lines)
    form = replace(form, delimiter=form.delimiter or _find_delimiter(text, path, form))
    form = replace(form, quote=_find_quote(text, form))
    rows = [[value.strip() for value in row] for _, row in _parse(lines, path, form, strict=False)]
    rows = [row for row in rows if len(row) > 1 or (row and row[0])]
    if not rows:
        return text, (), []
    width = Counter(map(len, rows)).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width]
    header = _find_header(rows, form) if form.header is None else form.header
    names = tuple(rows[0]) if header else tuple(f"column{i}" for i in range(width))
    return text, names, [list(column) for column in zip(*rows[header:], strict=True)]


def read_table(path: Path | str, form: CSVFormat | None = None) -> Table:
    """Read a CSV, TSV or whitespace-separated file, gzipped or not.

    Parameters
    ----------
    path : path
        The file.
    form : CSVFormat, optional
        What is known about it; the rest is found out. The delimiter is the one that cuts the first
        lines into equally many values. There is a header if no value of the first line is a number
        and below one of them is a column of numbers; or if a word stands above numbers, and the
        numbers in the first line rise as years or positions do ("0,1,2,target"); or, where all is
        text, if its values are unique and none comes again in its column.

    Raises
    ------
    DataError
        If the file is empty, has a header only, is binary or in another encoding, has rows of
        different lengths or two columns of one name. Messages give the line.
    """
    path, form = Path(path), form or CSVFormat()
    text = decode(read_bytes(path), path, form.encoding)
    if not text.strip():
        raise DataError(f"'{path.name}' is empty")
    form = replace(form, delimiter=form.delimiter or _find_delimiter(text, path, form))
    form = replace(form, quote=_find_quote(text, form))
    lines: list[int] = []
    rows: list[list[str]] = []
    for line, row in _parse(text, path, form):
        if len(row) > 1 or (row and row[0].strip()):
            lines.append(line)
            rows.append(row)
    header = _find_header(rows, form) if form.header is None else form.header
    _check_lengths(rows, lines, path, header)
    columns = [tuple(map(str.strip, column)) for column in zip(*rows, strict=True)]
    names = tuple(f"column{i}" for i in range(len(columns)))
    if header:
        names = tuple(column[0] or name for column, name in zip(columns, names, strict=True))
        columns = [column[1:] for column in columns]
        lines = lines[1:]
        if repeated := [name for name, count in Counter(names).items() if count > 1]:
            raise DataError(
                f"'{path.name}' has more than one column named {listed(map(repr, repeated))}; "
                "rename them (or pass header=False if the first line holds data)"
            )
    if not lines:
        raise DataError(f"'{path.name}' has a header ({listed(names)}) but no rows")
    if form.decimal != ".":
        columns = [tuple(map(_with_decimal_point, column)) for column in columns]
    return Table(names, tuple(columns), lines, path.name, replace(form, header=header))


def decode(data: bytes, path: Path, encoding: str) -> str:
    """Return bytes of a file as text, with or without a byte order mark.

    Raises
    ------
    DataError
        If they are no text in this encoding; with the line.
    """
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        encoding = "utf-8-sig"  # reads files with and without a byte order mark
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(f"'{path.name}' looks like UTF-16 text; pass text_encoding='utf-16'")
        if data[:4] == b"PK\x03\x04":
            raise DataError(
                f"'{path.name}' is a zip archive or a spreadsheet, not text; "
                "save the sheet as CSV first"
            )
        if b"\0" in data:
            line = data.count(b"\n", 0, data.index(b"\0")) + 1
            raise DataError(f"'{path.name}' is a binary file, not text (a NUL byte in line {line})")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"'{path.name}', line {line}: the byte 0x{data[error.start]:02x} is not "
            f"{error.encoding} text; if the file is text in another encoding, name it, "
            "for example text_encoding='latin-1'"
        ) from error
    except LookupError as error:
        raise DataError(f"there is no text encoding called '{encoding}'") from error


def _parse(
    text: str | list[str], path: Path, form: CSVFormat, *, strict: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line that it ends in."""
    source: Iterable[str] = io.StringIO(text, newline="") if isinstance(text, str) else text
    if form.delimiter == "whitespace":
        for line, content in enumerate(source, 1):
            yield line, [value.strip('"') for value in _QUOTED_OR_BARE.findall(content)]
        return
    try:
        reader = csv.reader(
            source,
            delimiter=form.delimiter or ",",
            quotechar=form.quote or '"',
            quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
            skipinitialspace=form.delimiter != " ",
            strict=strict,
        )
    except (TypeError, ValueError) as error:
        raise DataError(f"delimiter and quote are one character each: {error}") from error
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            f"'{path.name}', line {reader.line_num}: {error}; "
            "if quotes mean nothing in this file, pass quote=None"
        ) from error


def _find_delimiter(text: str, path: Path, form: CSVFormat) -> str:
    sample = [line for line in text[:200_000].splitlines()[: _SAMPLE + 1] if line.strip()]
    sample = sample[:_SAMPLE]
    best, most = "", 0.5  # a delimiter must at least fit half of the lines
    for delimiter in (*_DELIMITERS, "whitespace"):
        guess = replace(form, delimiter=delimiter)
        lengths = Counter(len(row) for _, row in _parse(sample, path, guess, strict=False))
        length, count = lengths.most_common(1)[0]
        agreement = count / lengths.total()
        if length > 1 and agreement > most:
            if delimiter == "whitespace" and best:
                break  # "a, b" is comma-separated, although spaces cut it as well
            best, most = delimiter, agreement
    return best or ("\t" if ".tsv" in path.name.lower() else ",")


def _find_quote(text: str, form: CSVFormat) -> str | None:
    """Return what quotes values, or None if quotes are only part of tab-separated texts.

    They are if all lines have equally many tabs, and some value starts with a quote that nothing
    ends: a message such as ``"Hi" she said``.
    """
    quote = form.quote
    if quote is None or form.delimiter != "\t" or quote not in text:
        return quote
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    if len(set(map(len, rows))) > 1:
        return quote
    for row in rows:
        for value in map(str.strip, row):
            inner = value[1:-1].replace(quote * 2, "")
            whole = len(value) > 1 and value.endswith(quote) and quote not in inner
            if value.startswith(quote) and not whole:
                return None
    return quote


def _find_header(rows: list[list[str]], form: CSVFormat) -> bool:
    first = [value.strip() for value in rows[0]]
    if len(rows) < 2:
        return not any(map(_is_number, first))
    columns = [
        [row[i].strip() for row in rows[1 : 1 + _SAMPLE] if i < len(row)] for i in range(len(first))
    ]
    known = [[value for value in column if value not in form.missing] for column in columns]
    numeric = [bool(column) and all(map(_is_number, column)) for column in known]
    if any(map(_is_number, first)):
        words = [any(map(str.isalpha, v)) and v not in form.missing for v in first]
        return len(rows) > 3 and _count_up(first) and any(map(operator.and_, words, numeric))
    if any(numeric):
        return True
    if any(value in form.missing for value in first) or len(set(first)) < len(first):
        return False
    width = range(len(first))
    return not any(len(row) > i and row[i].strip() == first[i] for row in rows[1:] for i in width)


def _count_up(names: list[str]) -> bool:
    """Return whether the numbers among `names` are whole and rise, as years or positions do."""
    numbers = [name for name in names if _is_number(name)]
    if not all(map(str.isdecimal, numbers)):
        return False
    counts = list(map(int, numbers))
    return all(map(operator.lt, counts, counts[1:]))


def _check_lengths(rows: list[list[str]], lines: list[int], path: Path, header: bool) -> None:
    lengths = set(map(len, rows))
    if len(lengths) == 1:
        return
    expected = len(rows[0])
    bad = [i for i, row in enumerate(rows) if len(row) != expected]
    others = f" ({len(bad):,} such lines)" if len(bad) > 1 else ""
    raise DataError(
        f"'{path.name}', line {lines[bad[0]]}: {len(rows[bad[0]])} values, but the "
        f"{'header' if header else 'first line'} has {expected}{others}; "
        "every line needs as many (values that contain the delimiter go in quotes)"
    )


def _with_decimal_point(value: str) -> str:
    return value.replace(",", ".") if _DECIMAL_COMMA.fullmatch(value) else value


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return bool(_DECIMAL_COMMA.fullmatch(value))
    return value.lower() not in ("nan", "inf", "infinity")
