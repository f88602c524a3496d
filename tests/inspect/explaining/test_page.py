"""The page of the documentation shows what its code prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explain.md"
_NUMBER = re.compile(r"\d+\.\d+(?:e[−+]\d+)?")


def test_the_network_of_the_page():
    text = PAGE.read_text(encoding="utf-8")
    code = re.search(r"```pycon\n(.*?)```", text, re.DOTALL)[1]
    shown = re.search(r"```text\n(.*?)```", text, re.DOTALL)[1]
    lines = [line[4:] for line in code.splitlines() if line[:4] in (">>> ", "... ")]
    namespace = {}
    exec("\n".join(lines), namespace)
    printed = str(namespace["explanation"])
    assert _NUMBER.sub("#", shown) == _NUMBER.sub("#", printed)
    numbers = [
        [float(n.replace("−", "-")) for n in _NUMBER.findall(part)] for part in (shown, printed)
    ]
    assert numbers[0] == pytest.approx(numbers[1], rel=2e-3)
