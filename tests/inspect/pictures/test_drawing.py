"""Every picture is drawn: on the axes it is given, readable, and without touching the network."""

from __future__ import annotations

import inspect

import matplotlib as mpl
import numpy as np
import pytest
from helpers.overlap import assert_readable, cut, overlapping
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError, UnsupportedError
from pellucid.inspect import pictures
from pellucid.inspect.pictures import style
from pellucid.random import get_state

RANGE = {
    "lr": [1e-6, 1e-4, 1e-2, 0.1, 0.3, 1.0, 3.0],
    "loss": [2.3, 2.31, 1.9, 0.8, 0.5, 2.0, 9.0],
    "suggestion": 0.1,
}
"""A range test as the doctor reports it."""


ON_AXES = {
    "attention_map": lambda w, ax: pictures.attention_map(
        np.tri(12) / np.arange(1, 13)[:, None], w.letters, ax=ax
    ),
    "bent_grid": lambda w, ax: pictures.bent_grid(w.mlp, w.x, w.y, "3", ax=ax),
    "compare_runs": lambda w, ax: pictures.compare_runs(
        {"a first network with a long name": w.history, "a second": w.history}, ax=ax
    ),
    "confusion_matrix": lambda w, ax: pictures.confusion_matrix(
        w.digits.y, w.digits.y[::-1], class_names=[f"digit {k}" for k in range(10)], ax=ax
    ),
    "decision_boundary": lambda w, ax: pictures.decision_boundary(
        w.dense, w.digits.x, w.digits.y, class_names=w.names, resolution=40, ax=ax
    ),
    "embedding_map": lambda w, ax: pictures.embedding_map(
        np.random.default_rng(0).normal(size=(80, 6)), [f"word {k}" for k in range(80)], ax=ax
    ),
    "exciting_inputs": lambda w, ax: pictures.exciting_inputs(
        w.dense, w.digits.x, "1", range(4), steps=10, ax=ax
    ),
    "feature_maps": lambda w, ax: pictures.feature_maps(w.cnn, w.images[0], "2", ax=ax),
    "filters": lambda w, ax: pictures.filters(w.cnn[3], ax=ax),
    "hidden_space": lambda w, ax: pictures.hidden_space(
        w.dense, w.digits.x, w.digits.y, "1", ax=ax
    ),
    "layer_histograms": lambda w, ax: pictures.layer_histograms(w.recorder, "1", ax=ax),
    "learning_curves": lambda w, ax: pictures.learning_curves(w.history, "accuracy", ax=ax),
    "learning_rate_range": lambda w, ax: pictures.learning_rate_range(RANGE, ax=ax),
    "loss_landscape": lambda w, ax: pictures.loss_landscape(
        w.mlp, (w.x[:40], w.y[:40]), points=7, ax=ax
    ),
    "network_diagram": lambda w, ax: pictures.network_diagram(
        w.mlp, w.x[0], input_names=["x", "y"], output_names=["left", "right", "up"], ax=ax
    ),
    "predictions": lambda w, ax: pictures.predictions(
        w.x[:, 0], w.x[:, 0] + 0.1 * w.x[:, 1], name="price in thousands", ax=ax
    ),
    "recurrent_states": lambda w, ax: pictures.recurrent_states(
        w.rnn, w.tokens, "1", steps=[w.letters[k] for k in w.tokens], ax=ax
    ),
    "saliency_map": lambda w, ax: pictures.saliency_map(
        w.images[0],
        pictures.saliency.gradient(w.cnn, w.images[:1])[0],
        title="gradient",
        label="∂ score / ∂ pixel",
        ax=ax,
    ),
    "saliency_text": lambda w, ax: pictures.saliency_text(
        [w.letters[k] for k in w.tokens],
        pictures.saliency.layer_attribution(w.rnn, w.tokens[None], "0")[0],
        title="what speaks for the class",
        width=10,
        ax=ax,
    ),
    "update_ratios": lambda w, ax: pictures.update_ratios(w.recorder, ax=ax),
    "weight_images": lambda w, ax: pictures.weight_images(w.dense[0], ax=ax),
    "worst_mistakes": lambda w, ax: pictures.worst_mistakes(
        w.dense, w.digits.x, w.digits.y, class_names=w.names, ax=ax
    ),
}

FIGURES = {
    "all_hidden_spaces": lambda w: pictures.all_hidden_spaces(w.dense, w.digits.x, w.digits.y),
    "all_layer_histograms": lambda w: pictures.all_layer_histograms(w.recorder, "gradients"),
    "attention_maps": lambda w: pictures.attention_maps(
        w.gpt, w.tokens[None], queries=[w.letters[k] for k in w.tokens]
    ),
    "step_diagram": lambda w: pictures.step_diagram(w.mlp, w.x[0], w.y[0]),
}

VARIANTS = {
    "boundary of two features": lambda w: pictures.decision_boundary(w.mlp, w.x, w.y),
    "curves of the loss": lambda w: pictures.learning_curves(w.history),
    "diagram of a wide network": lambda w: pictures.network_diagram(w.dense, w.digits.x[0]),
    "filters of one channel": lambda w: pictures.filters(w.cnn[0]),
    "filters of colours": lambda w: pictures.filters(nn.Conv2d(3, 8, 5)),
    "grid of a first layer": lambda w: pictures.bent_grid(w.mlp, w.x, w.y, "0"),
    "histograms of gradients": lambda w: pictures.layer_histograms(w.recorder, "4", "gradients"),
    "maps of both signs": lambda w: pictures.feature_maps(w.cnn, w.images[0], "3"),
    "positive saliency": lambda w: pictures.saliency_map(
        w.images[0], pictures.saliency.grad_cam(w.cnn, w.images[:1], "2")[0]
    ),
    "mistakes in words": lambda w: pictures.worst_mistakes(
        w.mlp,
        w.x,
        (w.y + 1) % 3,
        count=4,
        describe=lambda x: f"x = {x[0]:.2f} $ " + "a very long description " * 8,
    ),
    "mistakes with long names": lambda w: pictures.worst_mistakes(
        w.dense, w.digits.x, w.digits.y, class_names=[f"the digit number {k}" for k in range(10)]
    ),
    "words": lambda w: pictures.saliency_text(
        [
            "some",
            "words",
            "of",
            "a",
            "message",
            "that",
            "is",
            "too",
            "good",
            "to",
            "be",
            "true",
            ",",
            "£",
            "1000",
            "and",
            "more",
        ],
        np.linspace(-1, 1, 17),
    ),
    "space by t-SNE": lambda w: pictures.hidden_space(
        w.dense, w.digits.x[:60], w.digits.y[:60], "1", method="tsne"
    ),
    "states without names": lambda w: pictures.recurrent_states(w.rnn, w.tokens, "1"),
    "landscape of a flat loss": lambda w: pictures.loss_landscape(
        w.mlp, (w.x[:20], w.y[:20]), points=5, span=0.01
    ),
    "one sample": lambda w: pictures.decision_boundary(w.mlp, w.x[:1], w.y[:1]),
    "the same sample": lambda w: pictures.decision_boundary(w.mlp, w.x[[0] * 5], w.y[:5]),
    "a space of one place": lambda w: pictures.hidden_space(
        w.dense, w.digits.x[[0] * 5], w.digits.y[:5], "1"
    ),
    "one step": lambda w: pictures.recurrent_states(w.rnn, w.tokens[:1], "1"),
    "many classes": lambda w: pictures.confusion_matrix(np.arange(40), np.arange(40)),
}


FINITE = ("bent_grid", "feature_maps", "hidden_space", "loss_landscape", "saliency_map")


@pytest.mark.parametrize("name", FINITE)
def test_a_diverged_network_is_named_as_the_reason(name, world) -> None:
    kept = [(p, p.data.copy()) for net in networks(world) for p in net.parameters()]
    try:
        for parameter, _ in kept:
            parameter.data[...] = np.nan
        with pytest.raises(pl.errors.NonFiniteError, match="diverged"):
            ON_AXES[name](world, None)
    finally:
        for parameter, values in kept:
            parameter.data[...] = values


def networks(world) -> list[nn.Module]:
    return [world.mlp, world.dense, world.cnn, world.gpt, world.rnn]


def snapshot(world):
    return (
        [net.state_dict() for net in networks(world)],
        [[m.training for m in net.modules()] for net in networks(world)],
        [[p.grad for p in net.parameters()] for net in networks(world)],
        get_state(),
    )


@pytest.mark.parametrize("name", ON_AXES)
def test_a_picture_on_axes_of_the_caller(name, world) -> None:
    for net in networks(world):
        net.train()
    before = snapshot(world)
    figure = Figure(figsize=(3.6, 3.2), layout="constrained", dpi=100)
    axes = figure.add_subplot()
    assert ON_AXES[name](world, axes) is axes
    assert axes.has_data() or axes.texts
    assert_readable(figure)  # however small
    after = snapshot(world)
    for states, states_after in zip(before[0], after[0], strict=True):
        for path, values in states.items():
            np.testing.assert_array_equal(states_after[path], values)
    assert before[1:] == after[1:]


@pytest.mark.parametrize("name", ON_AXES)
def test_a_picture_in_a_figure_of_its_own(name, world) -> None:
    axes = ON_AXES[name](world, None)
    assert isinstance(axes, Axes)
    assert_readable(axes)


def test_a_single_epoch_has_a_whole_number(world) -> None:
    history = pl.History()
    history.add({"loss": 1.0, "val_loss": 2.0})
    for axes in (pictures.learning_curves(history), pictures.compare_runs({"one": history})):
        axes.get_figure().draw_without_rendering()
        low, high = axes.get_xlim()
        assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1]


@pytest.mark.parametrize(("last", "scale"), [(1e-5, "log"), (0.1, "linear"), (-1.0, "linear")])
def test_curves_over_many_powers_of_ten_have_a_logarithmic_scale(last, scale) -> None:
    history = pl.History()
    for value in (1.0, last):
        history.add({"loss": value})
    for axes in (pictures.learning_curves(history), pictures.compare_runs({"a": history}, "loss")):
        assert axes.get_yscale() == scale


def test_a_run_without_validation_is_told_from_the_others(world) -> None:
    history = pl.History()
    history.add({"loss": 1.0})
    axes = pictures.compare_runs({"with": world.history, "without": history})
    assert [t.get_text() for t in axes.get_legend().get_texts()][1].startswith("without (training)")


def test_heads_of_attention_share_one_scale(world) -> None:
    figure = pictures.attention_maps(world.gpt, world.tokens[None])
    images = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(images) == 4
    assert len({image.get_clim() for image in images}) == 1


@pytest.mark.parametrize("name", FIGURES)
def test_a_whole_figure(name, world) -> None:
    figure = FIGURES[name](world)
    assert isinstance(figure, Figure)
    assert_readable(figure)


@pytest.mark.parametrize("name", VARIANTS)
def test_variants(name, world) -> None:
    assert_readable(VARIANTS[name](world))


def test_every_drawing_function_is_here() -> None:
    drawing = {
        name
        for name in pictures.__all__
        if inspect.isfunction(member := getattr(pictures, name))
        and inspect.signature(member).return_annotation in ("Axes", "Figure")
    }
    assert drawing == {*ON_AXES, *FIGURES}


def test_the_callers_settings_stay(world) -> None:
    before = dict(mpl.rcParams)
    ON_AXES["learning_curves"](world, None)
    assert dict(mpl.rcParams) == before


def test_without_matplotlib(monkeypatch, world) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(pl.errors.MissingExtraError, match=r"pellucid\[plot\]"):
        pictures.learning_curves(world.history)


def test_classes_have_colours_and_shapes_of_their_own() -> None:
    pairs = {(style.class_colour(k), style.MARKERS[k]) for k in range(12)}
    assert len(pairs) == len({colour for colour, _ in pairs}) == 12


# What people without red or without green receptors see: Machado, Oliveira & Fernandes (2009)
VISION = {
    "all receptors": np.eye(3),
    "no green ones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                      [-0.011820, 0.042940, 0.968881]],
    "no red ones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                    [-0.003882, -0.048116, 1.051998]],
}  # fmt: skip


@pytest.mark.parametrize("kind", VISION)
def test_classes_can_be_told_apart_with_any_colour_vision(kind) -> None:
    from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(style.class_colour(k)) for k in range(12)])
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(VISION[kind]), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.maximum(seen @ np.transpose(to_xyz) / [0.9505, 1.0, 1.089], 1e-6)).T
    lab = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1)[np.triu_indices(12, 1)]
    assert apart.min() > 15  # 2 is just noticeable side by side


def test_mosaics() -> None:
    whole = style.mosaic([np.full((2, 3), k) for k in range(3)], columns=2)
    assert whole.shape == (5, 7)
    assert np.isnan(whole[2]).all()
    assert np.isnan(whole[:, 3]).all()
    assert whole[4, 2] == 2
    assert whole[0, 6] == 1


def test_images() -> None:
    np.testing.assert_array_equal(style.image_of(np.arange(4.0)), [[0, 1], [2, 3]])
    np.testing.assert_array_equal(style.image_of(np.arange(6.0), (2, 3)), [[0, 1, 2], [3, 4, 5]])
    colours = style.image_of(np.arange(12.0).reshape(3, 2, 2))
    assert colours.shape == (2, 2, 3)
    assert (colours.min(), colours.max()) == (0, 1)
    with pytest.raises(ShapeError, match="no square image"):
        style.image_of(np.arange(6.0))
    with pytest.raises(ShapeError, match="expected an image"):
        style.image_of(np.zeros((2, 4, 4)))


REFUSALS = {
    "curve": (UnknownNameError, lambda w: pictures.learning_curves(w.history, "f2")),
    "range test": (DataError, lambda w: pictures.learning_rate_range({"summary": "?"})),
    "no range": (DataError, lambda w: pictures.learning_rate_range({"lr": [], "loss": []})),
    "runs": (DataError, lambda w: pictures.compare_runs({})),
    "run": (UnknownNameError, lambda w: pictures.compare_runs({"a": w.history}, "val_f2")),
    "dense": (UnsupportedError, lambda w: pictures.weight_images(w.cnn[0])),
    "convolution": (UnsupportedError, lambda w: pictures.filters(w.dense[0])),
    "maps": (ShapeError, lambda w: pictures.feature_maps(w.cnn, w.images[0], "6")),
    "layer": (UnknownNameError, lambda w: pictures.feature_maps(w.cnn, w.images[0], "9")),
    "recorded": (UnknownNameError, lambda w: pictures.layer_histograms(w.recorder, "9")),
    "records": (DataError, lambda w: pictures.update_ratios(pictures.LayerRecorder())),
    "grid": (ShapeError, lambda w: pictures.bent_grid(w.dense, w.digits.x, w.digits.y, "0")),
    "attention": (DataError, lambda w: pictures.attention_maps(w.dense, w.digits.x)),
    "heads": (UnknownNameError, lambda w: pictures.attention_maps(w.gpt, w.tokens[None], path="x")),
    "labels": (DataError, lambda w: pictures.hidden_space(w.mlp, w.x, w.x, "0")),
    "saliency": (ShapeError, lambda w: pictures.saliency_map(w.images[0], np.zeros((3, 3)))),
    "values": (ShapeError, lambda w: pictures.predictions([1.0, 2.0], [1.0])),
    "tokens": (ShapeError, lambda w: pictures.saliency_text(["a", "b"], [1.0])),
    "vectors": (UnsupportedError, lambda w: pictures.embedding_map(w.cnn[2])),
    "states": (ShapeError, lambda w: pictures.recurrent_states(w.rnn, w.tokens, "2")),
    "no mistake": (
        DataError,
        lambda w: pictures.worst_mistakes(
            w.dense, w.digits.x, np.argmax(w.dense(w.digits.x).data, axis=1)
        ),
    ),
}


REFUSALS |= {
    "no sample for a plane": (DataError, lambda w: pictures.decision_boundary(w.mlp, w.x[:0], [])),
    "not a number": (
        pl.errors.NonFiniteError,
        lambda w: pictures.decision_boundary(w.mlp, np.where(w.x == w.x[0], np.nan, w.x), w.y),
    ),
    "negative class": (DataError, lambda w: pictures.confusion_matrix([-1, 0], [0, 0])),
    "half a class": (DataError, lambda w: pictures.confusion_matrix([0.5, 0], [0, 0])),
    "too few names": (
        DataError, lambda w: pictures.confusion_matrix([5], [0], class_names=["a", "b"])
    ),
    "class of no output": (DataError, lambda w: pictures.worst_mistakes(w.mlp, w.x, w.y + 1)),
    "no sample in a space": (DataError, lambda w: pictures.hidden_space(w.mlp, w.x[:0], [], "0")),
    "one sample by t-SNE": (
        DataError, lambda w: pictures.hidden_space(w.mlp, w.x[:1], w.y[:1], "1", method="tsne")
    ),
    "no sample in a grid": (DataError, lambda w: pictures.bent_grid(w.mlp, w.x[:0], [], "0")),
    "no value": (DataError, lambda w: pictures.predictions([], [])),
    "no truth": (pl.errors.NonFiniteError, lambda w: pictures.predictions([np.nan], [1.0])),
    "no favourite": (
        DataError, lambda w: pictures.exciting_inputs(w.dense, w.digits.x[:0], "1", [0], steps=1)
    ),
    "no units": (DataError, lambda w: pictures.recurrent_states(w.rnn, w.tokens, "1", units=[])),
    "other unit": (DataError, lambda w: pictures.recurrent_states(w.rnn, w.tokens, "1", units=[6])),
    "no attention": (ShapeError, lambda w: pictures.attention_map(np.zeros((0, 3)))),
    "gaps": (DataError, lambda w: pictures.saliency.occlusion(w.cnn, w.images, stride=5)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(name, world) -> None:
    error, draw = REFUSALS[name]
    with pytest.raises(error):
        draw(world)


def test_the_check_of_texts_can_fail() -> None:
    figure = Figure(figsize=(3, 3), dpi=100)
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    axes.set_xticks(np.linspace(0, 1, 40), [f"{k}" for k in range(40)])
    assert overlapping(figure)
    axes.set_xticks([0, 0.5, 1])
    assert not overlapping(figure)
    axes.set_title("a title that is far too long for a figure of this size, at any rate")
    assert cut(figure)
    axes.set_title("")
    axes.text(0.5, 0.5, "one")
    axes.text(0.5, 0.52, "two")
    assert overlapping(figure) == [("one", "two")]


def test_the_names_of_two_features_stand_at_the_axes(world) -> None:
    draw = pictures.decision_boundary
    axes = draw(world.mlp, world.x, world.y, feature_names=["length $cm$", "width"], resolution=9)
    assert (axes.get_xlabel(), axes.get_ylabel()) == (r"length \$cm\$", "width")
    axes = draw(world.mlp, world.x, world.y, resolution=9)
    assert axes.get_xlabel() == "first feature"


def test_a_range_test_shows_where_the_loss_still_falls(world):
    axes = pictures.learning_rate_range(RANGE)
    (point,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert point.get_xdata()[0] == 0.1
    assert point.get_ydata()[0] == pytest.approx(0.8)
    assert axes.get_ylim()[1] < 4  # the runaway end is cut off, the dip is not
    assert axes.get_ylim()[0] < 0.5
