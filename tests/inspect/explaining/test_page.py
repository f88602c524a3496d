"""The page of the documentation shows what its code prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explain.md"
_NUMBER = re.compile(r"\d+\.\d+(?:e[−+]\d+)?")


@pytest.fixture(scope="module")
def names():
    """What the code of the page leaves."""
    text = PAGE.read_text(encoding="utf-8")
    code = re.search(r"```pycon\n(.*?)```", text, re.DOTALL)[1]
    lines = [line[4:] for line in code.splitlines() if line[:4] in (">>> ", "... ")]
    lines.append(re.search(r"```python\n(digits.*?)```", text, re.DOTALL)[1])
    namespace = {}
    exec("\n".join(lines), namespace)
    return namespace


@pytest.mark.parametrize(("block", "name"), [(0, "explanation"), (1, "one")])
def test_what_the_page_shows(names, block, name):
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)```", text, re.DOTALL)[block]
    printed = str(names[name])
    assert _NUMBER.sub("#", shown) == _NUMBER.sub("#", printed)
    numbers = [
        [float(n.replace("−", "-")) for n in _NUMBER.findall(part)] for part in (shown, printed)
    ]
    assert numbers[0] == pytest.approx(numbers[1], rel=2e-3)
