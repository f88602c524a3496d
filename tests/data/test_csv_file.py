"""Reading tables: delimiters, headers, encodings, and errors that name the line."""

import gzip

import pytest

from pellucid.data import CSVFormat, read_table
from pellucid.errors import DataError


def write(folder, data, name="table.csv"):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "delimiter"),
    [
        ("a.csv", "a,b,c\n1,2,3\n4,5,6\n", ","),
        ("a.tsv", "a\tb\tc\n1\t2\t3\n4\t5\t6\n", "\t"),
        ("a.csv", "a;b;c\n1,5;2;3\n4;5,5;6\n", ";"),
        ("a.txt", "a|b|c\n1|2|3\n4|5|6\n", "|"),
        ("a.data", "a  b\tc\n1   2 3\n4 5   6\n", "whitespace"),
        ("a.csv", 'a,b,c\n"1;2",2,3\n"x|y",5,6\n', ","),
        ("a.csv", "a, b, c\n1, 2, 3\n4, 5, 6\n", ","),
        ("a.csv", "\ufeffa,b,c\r\n1,2,3\r\n\r\n4,5,6\r\n  \r\n", ","),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_delimiters(tmp_path, name, text, delimiter, packed):
    data = text.encode()
    table = read_table(write(tmp_path, gzip.compress(data, mtime=0) if packed else data, name))
    assert table.names == ("a", "b", "c")
    assert len(table) == 2
    assert table["c"] == ("3", "6")
    assert table.format.delimiter == delimiter
    assert table.format.header is True


def test_given_delimiter_wins(tmp_path):
    table = read_table(write(tmp_path, "a;b,1\nc;d,2\n"), CSVFormat(delimiter=",", header=False))
    assert table.columns == (("a;b", "c;d"), ("1", "2"))


def test_quotes_hide_delimiters_and_line_ends(tmp_path):
    table = read_table(write(tmp_path, 'name,n\n"Doe, ""J""",1\n"two\nlines",2\nx,3\n'))
    assert table["name"] == ('Doe, "J"', "two\nlines", "x")
    assert list(table.lines) == [2, 4, 5]


def test_quotes_can_mean_nothing(tmp_path):
    path = write(tmp_path, 'ham\t"hi\nspam\tx\nham\ty\n', "sms.tsv")
    assert read_table(path, CSVFormat(quote=None))["column1"] == ('"hi', "x", "y")
    assert read_table(path) == read_table(path, CSVFormat(quote=None))  # nothing ends that quote
    quoted = write(tmp_path, 'ham\t"hi ""you"""\nspam\tx\nham\tz\n', "quoted.tsv")
    assert read_table(quoted)["column1"] == ('hi "you"', "x", "z")
    commas = write(tmp_path, 'ham,"hi\nspam,x\nham,y\n', "sms.csv")
    with pytest.raises(DataError, match=r"sms.csv', line \d: .* pass quote=None"):
        read_table(commas)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("age,job\n39,x\n40,y\n", True),
        ("39,x\n40,y\n", False),
        ("class,cap\np,x\ne,y\np,y\n", True),
        ("p,x,s\ne,x,y\np,s,w\n", False),  # "p" and "x" come again below
        ("p,x,p\ne,y,s\n", False),  # two columns of one name
        (",age\n0,39\n1,40\n", True),  # an index that has no name
        ("x,?\ny,z\n", False),
        (",0,1,y\n0,3.5,2,1\n1,4.5,1,0\n2,5,1,0\n", True),  # columns that count
        ("2019,2020,y\n3.5,2,1\n4.5,1,0\n5,1,0\n", True),
        ("2020,2019,y\n3.5,2,1\n4.5,1,0\n5,1,0\n", False),
        ("2,3.5,y\n3.5,2,1\n4.5,1,0\n5,1,0\n", False),
        ("3,?\n4,1\n5,2\n6,3\n", False),  # a missing value is no name
        ("1,4,x\n2,5,y\n3,6,x\n4,7,y\n", False),  # a class is no name either
    ],
)
def test_header_is_found(tmp_path, text, header):
    table = read_table(write(tmp_path, text))
    assert table.format.header is header
    assert len(table) == text.count("\n") - header
    if not header:
        assert table.names[0] == "column0"


def test_header_can_be_told(tmp_path):
    path = write(tmp_path, "1980,1981\n3,4\n")
    assert read_table(path, CSVFormat(header=True)).names == ("1980", "1981")
    path = write(tmp_path, "a,b\n3,4\n")
    assert len(read_table(path, CSVFormat(header=False))) == 2


def test_unnamed_columns_get_names(tmp_path):
    assert read_table(write(tmp_path, ",age\n0,39\n1,40\n")).names == ("column0", "age")


def test_decimal_comma(tmp_path):
    path = write(tmp_path, "a;b\n1,5;x,y\n-,25;2,5e3\n")
    table = read_table(path, CSVFormat(decimal=","))
    assert table.columns == (("1.5", "-.25"), ("x,y", "2.5e3"))


def test_other_encodings(tmp_path):
    path = write(tmp_path, "naïve,n\nx,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"line 1: the byte 0xef .* text_encoding='latin-1'"):
        read_table(path)
    assert read_table(path, CSVFormat(encoding="latin-1")).names == ("naïve", "n")
    path = write(tmp_path, "a,n\nx,1\n".encode("utf-16"))
    with pytest.raises(DataError, match=r"looks like UTF-16 .* text_encoding='utf-16'"):
        read_table(path)
    assert read_table(path, CSVFormat(encoding="utf-16")).names == ("a", "n")
    with pytest.raises(DataError, match="no text encoding called 'klingon'"):
        read_table(path, CSVFormat(encoding="klingon"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["'table.csv' is empty"]),
        (b" \n\n", ["is empty"]),
        (b"age,job\n", ["has a header (age, job) but no rows"]),
        (b"a,b\n1,2\n3\n4,5\n6,7,8\n", ["line 3: 1 values", "header has 2", "2 such lines"]),
        (b"1,2\n\n3,4,5\n", ["line 3: 3 values", "first line has 2"]),
        (b"a,b,a\n1,2,3\n", ["more than one column named 'a'"]),
        (b"a,b\n1,2\n\0,3\n", ["binary file", "NUL byte in line 3"]),
        (b"PK\x03\x04rest", ["spreadsheet", "save the sheet as CSV"]),
        (b"a,b\n1,2\n3,\xff\n", ["line 3", "0xff", "utf-8"]),
        (b'a,b\n1,2\n"3,4\n', ["line 3", "quote=None"]),
        (gzip.compress(b"a,b\n1,2\n" * 50, mtime=0)[:-9], ["damaged or truncated gzip"]),
    ],
)
def test_files_that_cannot_be_read(tmp_path, data, words):
    with pytest.raises(DataError) as caught:
        read_table(write(tmp_path, data))
    assert all(word in str(caught.value) for word in words)


def test_a_delimiter_of_two_characters(tmp_path):
    with pytest.raises(DataError, match="one character each"):
        read_table(write(tmp_path, "a,b\n1,2\n"), CSVFormat(delimiter="::"))
