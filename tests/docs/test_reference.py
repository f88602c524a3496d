"""Nothing in the catalogue without its section and its example in the reference pages."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from pellucid import nn
from pellucid.models import MODELS

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECTION = re.compile(r"^## (?P<title>[^\n]+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```(python|pycon)\n", re.MULTILINE)

LAYERS = [
    name
    for name in nn.__all__
    if inspect.isclass(member := getattr(nn, name))
    and issubclass(member, nn.Module)
    and member is not nn.Module
]


def examples(folder: str) -> str:
    """All sections with an example, titles and bodies, of the pages in a folder."""
    texts = [page.read_text(encoding="utf-8") for page in sorted((DOCS / folder).glob("*.md"))]
    sections = [m.group() for text in texts for m in SECTION.finditer(text)]
    return "\n".join(section for section in sections if EXAMPLE.search(section))


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_used_in_an_example(name: str) -> None:
    assert re.search(rf"\b{name}\(", examples("layers")), f"no example uses nn.{name}"


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_an_example(name: str) -> None:
    assert f"`{name}`" in examples("models"), f"no section with an example names the model {name}"
