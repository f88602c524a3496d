"""Explanations as text, HTML and Markdown: three writers of one tree."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from helpers.explained import CASES

import pellucid as pl
from pellucid import nn
from pellucid.inspect.explaining.expressions import (
    Negative,
    Power,
    Product,
    Quantity,
    Quotient,
    Root,
    Sum,
    Symbol,
    Transposed,
)
from pellucid.inspect.explaining.numbers import aligned, sparkline, written
from pellucid.inspect.explaining.opening import _article
from pellucid.inspect.explaining.writing.latex import LatexFormulas
from pellucid.inspect.explaining.writing.mathml import MathFormulas
from pellucid.inspect.explaining.writing.plain import PlainFormulas

_VOID = {"meta", "rect", "line", "br"}


class _Balance(HTMLParser):
    """Keeps the open elements, and what stood in them."""

    def __init__(self):
        super().__init__()
        self.open, self.counts, self.words = [], {}, []

    def handle_starttag(self, tag, attrs):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.counts[tag] = self.counts.get(tag, 0) + 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_text_fits_the_terminal(explanation):
    for full in (False, True):
        lines = explanation.text(full=full).splitlines()
        assert max(map(len, lines)) <= 80
        assert not any("  \n" in line or line.endswith(" ") for line in lines)


def test_html_is_whole(explanation):
    page = explanation.html()
    balance = _Balance()
    balance.feed(page)
    assert not balance.open
    assert balance.counts["math"] > 20
    assert balance.counts["details"] == sum(
        1 for s in explanation.sections() if s.path or s.between or s.title == "the loss"
    )
    for outside in ("http:", "https:", "src=", "<script", "<link", "@import", "url("):
        assert outside not in page
    words = "".join(balance.words)
    for section in explanation.sections():
        assert section.title in words


def test_html_and_text_show_the_same_results(explanation):
    def numbers(text):
        return re.findall(r"= (−?\d[\d.]*)$", text, re.MULTILINE)

    page = re.sub(r"<[^>]*>", "", explanation.html())
    found = numbers(explanation.text(full=True))
    assert len(found) > 5
    for number in found:
        assert number in page


def test_markdown_is_whole(explanation):
    text = explanation.markdown()
    assert text.count("$$") % 2 == 0
    for formula in text.split("$$")[1::2]:
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\left") == formula.count(r"\right")
        assert formula.count(r"\begin") == formula.count(r"\end")
        assert "₁" not in formula
        assert "−" not in formula


def test_files_are_written(tmp_path):
    explanation = CASES["xor"]().explain()
    assert explanation.html(tmp_path / "a.html") == (tmp_path / "a.html").read_text("utf-8")
    assert explanation.markdown(tmp_path / "a.md") == (tmp_path / "a.md").read_text("utf-8")
    assert explanation._repr_html_() in explanation.html()
    assert str(explanation) == explanation.text()


def test_digits():
    case = CASES["xor"]()
    assert "0.35466" not in case.explain(digits=2).text()
    two, seven = (len(case.explain(digits=digits).text()) for digits in (2, 7))
    assert two < seven


A, B, M = Quantity(Symbol("a")), Quantity(Symbol("b", "1")), Quantity(value=-0.5)


@pytest.mark.parametrize(
    ("expression", "plain", "latex"),
    [
        (Sum((A, M)), "a − 0.5", "a - 0.5"),
        (Product((A, M)), "a·(−0.5)", r"a \cdot \left(-0.5\right)"),
        (Product((A, Sum((A, B)))), "a·(a + b₁)", r"a \cdot \left(a + b_{1}\right)"),
        (Sum((A, Negative(Sum((A, B))))), "a − (a + b₁)", r"a - \left(a + b_{1}\right)"),
        (Power(Sum((A, B)), Quantity(value=2.0)), "(a + b₁)²", r"{\left(a + b_{1}\right)}^{2}"),
        (Power(M, Quantity(value=2.0)), "(−0.5)²", r"{\left(-0.5\right)}^{2}"),
        (Quotient(Sum((A, B)), Product((A, B))), "(a + b₁) / (a·b₁)",
         r"\frac{a + b_{1}}{a \cdot b_{1}}"),
        (Product((Quotient(A, B), A)), "(a / b₁)·a", r"\frac{a}{b_{1}} \cdot a"),
        (Root(Sum((A, B))), "√(a + b₁)", r"\sqrt{a + b_{1}}"),
        (Transposed(Quantity(Symbol("W", "1", gradient=True))), "(∂L/∂W₁)ᵀ",
         r"{\left(\frac{\partial L}{\partial W_{1}}\right)}^{\top}"),
        (Quantity(value=1.5e-7), "1.5e−07", r"1.5 \cdot 10^{-7}"),
    ],
    ids=str,
)  # fmt: skip
def test_formulas(expression, plain, latex):
    assert PlainFormulas().write(expression) == plain
    assert LatexFormulas().write(expression) == latex
    balance = _Balance()
    balance.feed(MathFormulas().write(expression))
    assert not balance.open


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 4, "0"),
        (-0.0, 4, "0"),
        (3.0, 4, "3"),
        (0.123456, 4, "0.1235"),
        (123456.7, 4, "123457"),
        (0.00001234, 3, "1.23e−05"),
        (-1e12, 4, "−1e+12"),
        (float("inf"), 4, "∞"),
        (float("nan"), 4, "NaN"),
        (0.99999, 3, "1"),
    ],
    ids=str,
)
def test_written(value, digits, text):
    assert written(value, digits) == text


def test_aligned_at_the_point():
    texts = aligned(["−1.5", "20", "0.125"])
    assert {len(text) for text in texts} == {6}
    assert [text.find(".") for text in texts] == [2, -1, 2]
    assert texts[1].strip() == "20"


def test_sparkline():
    assert sparkline([0, 1, 8, 4]) == " ▁█▄"
    assert sparkline([0, 0]) == ""


def test_what_is_folded_is_listed():
    explanation = CASES["gpt"]().explain()
    text = explanation.text()
    assert len(text.splitlines()) < 400
    assert len(explanation.text(full=True).splitlines()) > 2000
    assert "query · Linear(8 → 8)" in text
    assert "layer=PATH" in text
    assert explanation.html().count("<details>") > 50
    assert np.all([s.folded for s in explanation.sections() if s.path])


def _regression(**options):
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Dropout(0.3, rng=2), nn.Linear(4, 3, rng=1))
    x, y = np.array([[0.3, -1.2, 0.8]]), np.array([[0.2, 0.5, 0.3]])
    return pl.explain(net, x, y, loss="mse", **options)


def test_a_mean_and_dropout_say_what_they_divide_by():
    text = _regression().text()
    assert "L = (1 / n)·Σ (z₂ − y)²    (n = 1 sample × 3 outputs = 3 entries)" in text
    assert "L = (1 / 3)·((" in text
    assert "a₁ = z₁·[r ≥ 0.3]·(1 / (1 − 0.3))" in text
    assert r"L = \frac{1}{n} \cdot \sum" in _regression().markdown()


def test_what_is_drawn_is_said_in_words():
    assert "r = drawn at random between 0 and 1" in _regression().text()


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("optimizer", ["adadelta", "amsgrad"])
def test_a_wide_table_is_written_in_parts(optimizer, width):
    explanation = _regression(optimizer=optimizer)
    lines = explanation.text(width=width).splitlines()
    assert max(map(len, lines)) <= width
    # Nothing is cut off: each weight's new value stands in its row.
    new = explanation.program["W1_new"].value
    assert any(
        line.split()[:2] == ["W₁[2,", "3]"] and line.endswith(written(float(new[2, 3]), 4))
        for line in lines
    )


def test_no_line_breaks_within_an_index():
    lines = _regression(optimizer="adadelta").text(width=60).splitlines()
    assert not any(re.search(r"\w\[[^\]]*$", line) for line in lines)


def test_an_image_wider_than_the_terminal_has_narrower_pixels():
    net = nn.Sequential(nn.Conv2d(1, 1, 3, rng=0), nn.Flatten(), nn.Linear(900, 1, rng=1))
    x = np.random.default_rng(0).normal(size=(1, 1, 32, 32))
    lines = pl.explain(net, x, np.zeros((1, 1)), loss="mse").text(width=60).splitlines()
    assert max(map(len, lines)) <= 60


def test_a_long_title_is_wrapped():
    layer = nn.ConvTranspose2d(
        2, 4, 3, stride=2, padding=1, output_padding=1, dilation=2, groups=2, rng=0
    )
    x = np.ones((1, 2, 4, 4))
    lines = pl.explain(nn.Sequential(layer), x, loss=None).text(width=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert any("groups=2" in line or "groups 2" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "latex"), [("ŷ", r"\hat{y}"), ("x\u0302", r"\hat{x}"), ("z", "z")]
)
def test_latex_writes_hats(name, latex):
    assert LatexFormulas().symbol(Symbol(name)) == latex


def test_nothing_is_minus_zero():
    formulas = PlainFormulas()
    zero = Negative(Quantity(Symbol("μ"), 0.0))
    assert formulas.write(zero, numbers=True) == "0"
    assert formulas.write(zero) == "−μ"
    assert formulas.write(Product((Quantity(value=2.0), zero)), numbers=True) == "2·0"


@pytest.mark.parametrize(
    ("noun", "article"),
    [("Echo", "an"), ("MLP", "an"), ("RNN", "an"), ("CNN", "a"), ("GPT", "a"), ("Linear", "a")],
)
def test_articles(noun, article):
    assert _article(noun) == article


def test_a_vowel_takes_an():
    class Echo(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 1, rng=0)

        def forward(self, x):
            return self.layer(x)

    assert "One sample through an Echo of" in pl.explain(Echo(), np.ones((1, 2))).text()


def test_markdown_takes_names_literally():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            setattr(self, "a_b$<b>", nn.Linear(3, 2, rng=0))

        def forward(self, x):
            return getattr(self, "a_b$<b>")(x)

    names = ["<script>alert(1)</script>", "$x_1$ | [5](#)"]
    explanation = pl.explain(Odd(), np.ones((1, 3)), np.array([1]), class_names=names)
    markdown, html = explanation.markdown(), explanation.html()
    assert r"### a\_b\$\<b\> · Linear(3 → 2)" in markdown
    assert "<script>" not in markdown.replace(r"\<", "")
    assert r"1 (\$x\_1\$ \| \[5\](\#))" in markdown
    assert "<script>" not in html
    assert "<b>" not in html


def test_matrices_stand_in_brackets():
    text = CASES["softmax_3_4_2"]().explain().text()
    assert not any(bar in text for bar in "│┃|")
    tops = [line for line in text.splitlines() if "⎡" in line]
    assert tops
    assert all(line.strip().startswith("⎡") and line.endswith("⎤") for line in tops)
    assert text.count("⎡") == text.count("⎦")
    assert r"\begin{bmatrix}" in CASES["softmax_3_4_2"]().explain().markdown()


def test_bars_of_a_page_have_the_colours_of_the_pictures():
    from pellucid.inspect.pictures.style import NEGATIVE, POSITIVE

    net = nn.Sequential(nn.Linear(4, 60, rng=0))
    page = pl.explain(net, np.array([[0.5, -1.0, 2.0, 0.3]])).html()
    assert f"--positive: {POSITIVE}" in page
    assert f"--negative: {NEGATIVE}" in page
    sides = re.findall(r'<rect class="(\w+)"', page)
    assert {"below", "above"} == set(sides)
    assert sides.index("above") > sides.index("below")
