"""Names of any length: they are shortened, and nothing is written over anything else."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.overlap import assert_readable
from matplotlib.figure import Figure

from pellucid import nn
from pellucid.inspect import pictures
from pellucid.inspect.pictures import fitting

LONG = [f"a class with quite a long name, ${k}_$" for k in range(10)]

LONG_NAMES = {
    "boundary": lambda w, ax: pictures.decision_boundary(
        w.dense, w.digits.x, w.digits.y, class_names=LONG, resolution=20, ax=ax
    ),
    "compared": lambda w, ax: pictures.compare_runs(
        {f"a run with quite a long name {k}": w.history for k in range(12)}, ax=ax
    ),
    "confused": lambda w, ax: pictures.confusion_matrix(
        w.digits.y, w.digits.y[::-1], class_names=LONG, ax=ax
    ),
    "many confused": lambda w, ax: pictures.confusion_matrix(
        np.arange(40), np.arange(40)[::-1], class_names=[f"class number {k}" for k in range(40)],
        ax=ax,
    ),
    "diagram": lambda w, ax: pictures.network_diagram(
        w.mlp, w.x[0], input_names=LONG, output_names=LONG, ax=ax
    ),
    "deep diagram": lambda w, ax: pictures.network_diagram(
        nn.Sequential(*[nn.Linear(5, 5) for _ in range(14)]), np.ones(5), ax=ax
    ),
    "blocks of a convolutional network": lambda w, ax: pictures.network_diagram(
        w.cnn, w.images[0], ax=ax
    ),
    "blocks of a transformer": lambda w, ax: pictures.network_diagram(w.gpt, w.tokens, ax=ax),
    "mistakes": lambda w, ax: pictures.worst_mistakes(
        w.dense, w.digits.x, w.digits.y, class_names=LONG, ax=ax
    ),
    "mistakes in words": lambda w, ax: pictures.worst_mistakes(
        w.mlp, w.x, (w.y + 1) % 3, class_names=LONG, describe=lambda x: "many words " * 20, ax=ax
    ),
    "predictions": lambda w, ax: pictures.predictions(
        w.x[:, 0] * 1e5, w.x[:, 1] * 1e5, name="price of a house in thousands of euros", ax=ax
    ),
    "space": lambda w, ax: pictures.hidden_space(
        w.dense, w.digits.x, w.digits.y, "1", class_names=LONG, ax=ax
    ),
    "text": lambda w, ax: pictures.saliency_text(
        ["extraordinarily", "long", "$words$"] * 6, np.linspace(-1, 1, 18), ax=ax
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_names_in_a_small_panel(name, world) -> None:
    figure = Figure(figsize=(3.6, 3.2), layout="constrained", dpi=100)
    LONG_NAMES[name](world, figure.add_subplot())
    assert_readable(figure)


@pytest.mark.parametrize("name", ["boundary", "compared", "confused", "diagram", "mistakes"])
def test_long_names_in_a_figure_of_its_own(name, world) -> None:
    assert_readable(LONG_NAMES[name](world, None))


def test_names_are_shortened_in_the_middle() -> None:
    assert fitting.shortened("class 1", 7) == "class 1"
    assert fitting.shortened("a long class 1", 9) == "a lo…ss 1"
    assert fitting.shortened("abc", 2) == "ab"
    assert fitting.literal("_a\n$b$") == r" _a \$b\$"


def test_a_legend_takes_as_many_columns_as_fit() -> None:
    assert fitting.in_columns(["a", "b", "c"], 60) == (["a", "b", "c"], 3)
    names, columns = fitting.in_columns(["x" * 50, "y" * 50], 60)
    assert (columns, len(names[0])) == (1, 50)
    names, columns = fitting.in_columns(["x" * 50] * 6, 60)
    assert columns == 2
    assert all(len(name) == 25 for name in names)
