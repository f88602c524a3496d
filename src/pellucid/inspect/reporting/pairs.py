"""The report of two networks that were trained against each other: what they make, and how real."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pellucid.dtypes import Array
from pellucid.inspect.pictures.fitting import legend_above
from pellucid.inspect.pictures.style import OKABE_ITO, new_figure, styled
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting import sections
from pellucid.inspect.reporting.gallery import Picture
from pellucid.inspect.reporting.page import Section
from pellucid.inspect.summarizing import summary
from pellucid.inspect.tracing import trace
from pellucid.inspect.unchanged import unchanged
from pellucid.models import WGANGP
from pellucid.tape import no_grad
from pellucid.training import AdversarialTrainer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pellucid.inspect.reporting.material import Material
    from pellucid.models.generative.gan import AdversarialPair

__all__ = ["sections_of_pair"]

_SAMPLES = 64
_JUDGED = 500
_COMPARED = 5_000  # training samples that the made ones are compared with
_NEAREST = 8
_WAYS, _STEPS = 5, 9


def sections_of_pair(material: Material, skipped: list[tuple[str, str]]) -> list[Section]:
    """Return the sections about a pair whose generator makes images.

    Parameters
    ----------
    material : Material
        A run of :class:`~pellucid.training.AdversarialTrainer`, with images between −1 and 1.
    skipped : list
        Takes the pictures that could not be drawn, with the reasons.
    """
    return [
        Section("Result", _result(material)),
        Section("Data", [*sections.data_table(material), *_drawn(_of_data(material), skipped)]),
        Section("Model", _model(material)),
        Section("Training", [*sections.settings(material), *_drawn(_curves(material), skipped)]),
        Section(
            "What it makes", [*_drawn(_of_samples(material), skipped), *_grown(material, skipped)]
        ),
        Section("Is it learnt by heart?", _drawn(_of_nearest(material), skipped)),
        Section("How real it looks", _drawn(_of_scores(material), skipped)),
        Section("Cost", _cost(material)),
        Section("Reproduce it", sections.reproduce(material)),
    ]


def _drawn(found: Iterator[Picture], skipped: list[tuple[str, str]]) -> list[str]:
    return list(sections.drawn(found, skipped))


def _pair(material: Material) -> AdversarialPair:
    return cast("AdversarialPair", material.net)


# --- words ----------------------------------------------------------------------------------------


def _result(material: Material) -> list[str]:
    last = {name: column[-1] for name, column in material.history.columns.items() if column}
    shown = [
        (name.replace("_", " "), f"{value:.4g}")
        for name, value in last.items()
        if isinstance(value, float) and name != "seconds"
    ]
    told = (
        "There is no test to pass here: the losses of two networks that play against each other do "
        "not fall. A discriminator that cannot tell made samples from real ones says 0.5 of both; "
        "the pictures below have to be judged by eye."
    )
    if isinstance(_pair(material), WGANGP):
        told = (
            "There is no test to pass here. The critic's scores are no probabilities; the "
            "difference between the mean score of real samples and of made ones estimates how far "
            "apart they are (Wasserstein distance), and should become small."
        )
    return [html.cards(shown), html.paragraph(told)]


def _model(material: Material) -> list[str]:
    pair = _pair(material)
    noise = np.zeros((1, pair.latent), pair.dtype)
    labels = np.zeros(1, int) if pair.classes else None
    shapes: dict[str, tuple[int, ...]] = {}
    with unchanged(pair), no_grad():
        for name, call in (
            ("generator", lambda: pair.made_of(noise, labels)),
            ("discriminator", lambda: pair.judge(material.some[:1], labels)),
        ):
            shapes[name] = _input_of(getattr(pair, name), call)
    return [
        f"<h3>{name.capitalize()}</h3>"
        f'<div class="wide summary">{summary(getattr(pair, name), shape)._repr_html_()}</div>'
        for name, shape in shapes.items()
    ]


def _input_of(net: Any, call: Any) -> tuple[int, ...]:
    """Return the shape of one sample that a network gets in a call."""
    from pellucid.inspect.observing import observe

    with observe(net, gradients=False) as seen:
        call()
    return tuple(np.shape(seen.inputs[""][0][0])[1:])


def _cost(material: Material) -> list[str]:
    settings = material.run.config.get("settings", {})
    x, y = material.batch(int(settings.get("batch_size") or 16))
    pair = _pair(material)
    part = (x, y) if pair.classes else x
    with unchanged(pair, training=True):
        program = trace(AdversarialTrainer(pair, part, batch_size=len(x), rng=0), part)
    return sections.cost(
        material, program, f"One step of both networks with {len(x)} samples, Adam"
    )


# --- pictures -------------------------------------------------------------------------------------


def _labels(pair: AdversarialPair, count: int) -> Array | None:
    """Return classes in turn for a conditional pair."""
    return np.arange(count) % pair.classes if pair.classes else None


def _made(material: Material, count: int, seed: int = 0) -> Array:
    pair = _pair(material)
    return pair.sample(count, _labels(pair, count), rng=seed)


def _of_data(material: Material) -> Iterator[Picture]:
    yield Picture(
        "Real samples",
        "The first of the training part.",
        styled(lambda: _grid(material.data.train.x[:_SAMPLES])),
    )


def _of_samples(material: Material) -> Iterator[Picture]:
    pair = _pair(material)
    columns = min(pair.classes, 12) or 8
    count = columns * 6 if pair.classes else _SAMPLES
    yield Picture(
        "New samples",
        f"One class a column ({', '.join(material.class_names[:columns])}), each from other noise."
        if pair.classes
        else "Each from other noise; none was chosen.",
        styled(lambda: _grid(_made(material, count), columns)),
    )
    yield Picture(
        "From one to another",
        "The noise of the first sample of each row turned step by step into that of the last. "
        "A network that has understood something changes its mind gradually.",
        styled(lambda: _grid(_ways(material), _STEPS)),
    )


def _curves(material: Material) -> Iterator[Picture]:
    if len(material.history):
        yield Picture(
            "The course of the game",
            "No curve has to fall: what one of the two gains, the other one loses.",
            styled(partial(_course, material)),
        )


def _course(material: Material) -> Figure:
    """Draw the two losses, and beside them what the discriminator says of both kinds."""
    columns = material.history.columns
    figure = new_figure(9, 3.2)
    both = (("loss", ("generator_loss", "discriminator_loss")),
            ("score", ("real_score", "made_score")))  # fmt: skip
    for axes, (called, names) in zip(figure.subplots(1, 2), both, strict=True):
        for name, colour, dashes in zip(names, OKABE_ITO, ("-", "--"), strict=False):
            values = columns[name]
            marker = "o" if len(values) == 1 else ""
            label = name.partition("_")[0]
            epochs = range(1, len(values) + 1)
            axes.plot(epochs, values, dashes, marker=marker, color=colour, label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(called)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(True, alpha=0.25)
        legend_above(axes)
    return figure


def _ways(material: Material) -> Array:
    """Return samples along great circles between two noises: shorter ways leave the sphere."""
    pair = _pair(material)
    first, last = (pair.noise(_WAYS, seed) for seed in (1, 2))
    cosine = np.sum(first * last, 1) / (
        np.linalg.norm(first, axis=1) * np.linalg.norm(last, axis=1)
    )
    angle = np.arccos(np.clip(cosine, -1, 1))[:, None, None]
    t = np.linspace(0, 1, _STEPS)[None, :, None]
    noise = (np.sin((1 - t) * angle) * first[:, None] + np.sin(t * angle) * last[:, None]) / np.sin(
        angle
    )
    labels = np.repeat(np.arange(_WAYS) % pair.classes, _STEPS) if pair.classes else None
    return pair.made_of(noise.reshape(-1, pair.latent).astype(pair.dtype), labels)


def _grown(material: Material, skipped: list[tuple[str, str]]) -> list[str]:
    """Return the samples of some epochs, which the training has left in the run folder."""
    left = sorted((material.folder / "samples").glob("epoch-*.png"))
    if len(left) < 2:
        skipped.append(("Samples of the epochs", "the run folder has fewer than two"))
        return []
    picks = np.unique(np.linspace(0, len(left) - 1, min(len(left), 4)).round().astype(int))
    return [
        html.picture(
            left[k].read_bytes(),
            f"After epoch {int(left[k].stem.partition('-')[2])}",
            "From the same noise each time.",
        )
        for k in picks
    ]


def _of_nearest(material: Material) -> Iterator[Picture]:
    yield Picture(
        "Made samples and their nearest real ones",
        f"Above what was made, below the nearest of {min(_COMPARED, len(material.data.train)):,} "
        "training samples, by the distance of their pixels. If they were the same, the generator "
        "would have learnt them by heart.",
        styled(partial(_nearest, material)),
    )


def _nearest(material: Material) -> Figure:
    made = _made(material, _NEAREST, seed=3)
    real = material.data.train.x[:_COMPARED]
    flat = real.reshape(len(real), -1)
    distances = [np.sum((flat - one.reshape(-1)) ** 2, axis=1) for one in made]
    return _grid(np.concatenate([made, real[[int(d.argmin()) for d in distances]]]), _NEAREST)


def _of_scores(material: Material) -> Iterator[Picture]:
    yield Picture(
        "What the discriminator says",
        "Of real samples and of made ones; where the two lie over each other, it cannot tell.",
        styled(partial(_scores, material)),
    )


def _scores(material: Material) -> Figure:
    pair = _pair(material)
    part = material.data.train[np.arange(min(_JUDGED, len(material.data.train)))]
    made = _made(material, len(part), seed=4)
    with unchanged(pair), no_grad():
        judged = {
            "real": pair.judge(part.x, part.y if pair.classes else None),
            "made": pair.judge(made, _labels(pair, len(made))),
        }
    scores = {
        name: pair.scores(np.asarray(getattr(value, "data", value)))
        for name, value in judged.items()
    }
    figure = new_figure(5, 3)
    axes = figure.subplots()
    both = np.concatenate(list(scores.values()))
    low, high = float(both.min()), float(both.max())
    edges = np.linspace(low, high if high > low else low + 1, 41)
    for (name, values), colour in zip(scores.items(), OKABE_ITO, strict=False):
        axes.hist(values, list(edges), histtype="step", linewidth=1.6, color=colour, label=name)
    axes.set_xlabel("score of the critic" if isinstance(pair, WGANGP) else "probability of “real”")
    axes.set_ylabel("samples")
    legend_above(axes)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _grid(images: Array, columns: int = 16) -> Figure:
    """Draw images (N, C, H, W) between −1 and 1 side by side."""
    count, channels, height, width = images.shape
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    sheet = np.ones((rows * (height + 1) - 1, columns * (width + 1) - 1, channels))
    for k, image in enumerate(np.clip((images + 1) / 2, 0, 1)):
        top, left = k // columns * (height + 1), k % columns * (width + 1)
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    wide = 6.4
    figure = new_figure(wide, max(wide * sheet.shape[0] / sheet.shape[1], 0.6))
    axes = figure.subplots()
    shown = sheet[..., 0] if channels == 1 else sheet
    axes.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()
    return figure
