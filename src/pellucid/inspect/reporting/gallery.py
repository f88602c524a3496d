"""Which pictures fit a run: chosen by its task, its data and its layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid import nn
from pellucid.dtypes import Array
from pellucid.inspect import pictures
from pellucid.inspect.pictures.fitting import literal, shortened
from pellucid.inspect.pictures.style import OKABE_ITO, new_figure, styled
from pellucid.inspect.reporting.material import Material
from pellucid.training import predict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Picture", "pictures_of_data", "pictures_of_network", "pictures_of_results"]

_FEW_UNITS = 6  # in each layer of a network that is drawn with its numbers
_SAMPLES = 800  # in scatter plots
_TOKENS = 40  # of a text in a picture
_QUERIES = 24  # of them where each attends to each
_MOST_CLASSES = 20


@dataclass(frozen=True)
class Picture:
    """A picture that belongs into a report.

    Parameters
    ----------
    title, caption : str
    draw : callable
        Returns the figure.
    """

    title: str
    caption: str
    draw: Callable[[], Figure]


def _of(axes: Any) -> Figure:
    drawn: Figure = axes.get_figure()
    return drawn


# --- data -----------------------------------------------------------------------------------------


def pictures_of_data(material: Material) -> Iterator[Picture]:
    """Yield what shows the data."""
    data = material.data
    if material.classifies and len(material.class_names) <= _MOST_CLASSES:
        yield Picture(
            "How many samples each class has",
            "In the training part.",
            lambda: _class_counts(material),
        )
    if material.is_image:
        yield Picture(
            "Some samples", "The first of the training part.", lambda: _some_images(material)
        )
    elif material.predicts_numbers and data.train.y is not None and data.train.y.ndim <= 2:
        yield Picture(
            "The target",
            "Distribution of what is to be predicted, in the training part, standardised.",
            lambda: _target_histogram(material),
        )


@styled
def _class_counts(material: Material) -> Figure:
    from matplotlib.ticker import MaxNLocator

    counts = np.bincount(material.data.train.y.astype(int), minlength=len(material.class_names))  # type: ignore[union-attr]
    names = [literal(shortened(name, 20)) for name in material.class_names]
    figure = new_figure(5.0, 0.7 + 0.26 * len(names))
    axes = figure.add_subplot()
    axes.barh(range(len(names)), counts[: len(names)], color=OKABE_ITO[0])
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel("samples")
    return figure


@styled
def _some_images(material: Material) -> Figure:
    images = material.data.train.x[:24]
    figure = new_figure(6.0, 2.2)
    axes = figure.add_subplot()
    shown = [pictures.style.image_of(image, material.image_shape) for image in images]
    axes.imshow(pictures.style.mosaic(shown, columns=12), cmap="Greys")
    pictures.style.no_ticks(axes)
    return figure


@styled
def _target_histogram(material: Material) -> Figure:
    figure = new_figure(4.8, 2.6)
    axes = figure.add_subplot()
    axes.hist(np.asarray(material.data.train.y).ravel(), bins=40, color=OKABE_ITO[0])
    axes.set_xlabel("target, standardised")
    axes.set_ylabel("samples")
    return figure


# --- results --------------------------------------------------------------------------------------


def pictures_of_results(material: Material) -> Iterator[Picture]:
    """Yield what shows how good the network is, and where it is wrong."""
    name, part = material.judged
    if material.classifies and part.y is not None:
        names = material.class_names
        if len(names) <= _MOST_CLASSES:
            yield Picture(
                "Which classes are confused",
                f"Rows are the true classes of the {name} part, columns the predicted ones.",
                lambda: _of(_confusion(material)),
            )
        if material.is_image:
            yield Picture(
                "The worst mistakes",
                f"Samples of the {name} part in which the true class was given the least "
                "probability.",
                lambda: _of(
                    pictures.worst_mistakes(
                        material.net,
                        part.x,
                        part.y,
                        class_names=names,
                        loss=material.loss,
                        image_shape=material.image_shape,
                    )
                ),
            )
        if part.x.dtype.kind == "f":
            yield from _boundary(material)
    elif material.predicts_numbers:
        yield Picture(
            "Predicted and true",
            f"Each point is a value of the {name} part; on the line they are equal.",
            lambda: _of(pictures.predictions(*material.true_and_predicted, name="value")),
        )


def _confusion(material: Material) -> Any:
    _, part = material.judged
    outputs = predict(material.net, part.x)
    single = outputs.ndim == 1 or outputs.shape[1] == 1
    taken = (outputs.ravel() > 0).astype(int) if single else outputs.argmax(axis=1)
    return pictures.confusion_matrix(part.y, taken, class_names=material.class_names)


def _boundary(material: Material) -> Iterator[Picture]:
    _, part = material.judged
    flat = int(np.prod(material.data.input_shape))
    if len(material.data.input_shape) != 1:
        return
    where = "" if flat == 2 else ", on the plane of their first two principal components"
    yield Picture(
        "What it decides",
        f"Colours are decisions, the stronger the surer{where}.",
        lambda: _of(
            pictures.decision_boundary(
                material.net,
                part.x[:_SAMPLES],
                part.y[:_SAMPLES],  # type: ignore[index]
                class_names=material.class_names,
                feature_names=material.data.feature_names,
                loss=material.loss,
            )
        ),
    )


# --- inside ---------------------------------------------------------------------------------------


def _has_room_for_numbers(net: nn.Module) -> bool:
    """Tell whether a network is of dense layers so small that a diagram can hold every number."""
    own = [module for module in net.modules() if not module.children() and module.parameters()]
    return bool(own) and all(
        isinstance(module, nn.Linear) and max(module.weight.shape) <= _FEW_UNITS for module in own
    )


def pictures_of_network(material: Material) -> Iterator[Picture]:
    """Yield what shows the inside of the network."""
    _, part = material.judged
    dense = list(material.layers(nn.Linear))
    yield Picture(
        "The network",
        "What one sample excites. Circles are units, lines weights; blocks show what a whole "
        "layer makes of it, each on a scale of its own. Red is positive, blue negative.",
        lambda: _of(
            pictures.network_diagram(
                material.net,
                material.unfilled(part.x[0]),
                input_names=material.data.feature_names,
                output_names=material.class_names if material.classifies else (),
                numbers=_has_room_for_numbers(material.net),
            )
        ),
    )
    convolution = next(material.layers(nn.Conv2d), None)
    if convolution is not None and material.is_image and len(material.data.input_shape) == 3:
        yield from _of_convolutions(material, *convolution)
    elif material.is_image and dense and len(material.data.input_shape) == 1:
        yield Picture(
            "What the first layer looks for",
            "The weights of each unit as an image: red pixels excite it, blue ones inhibit it.",
            lambda: _of(
                pictures.weight_images(dense[0][1], image_shape=material.image_shape, most=32)
            ),
        )
    if material.classifies and part.y is not None and len(material.called) > 2:
        before = _last_hidden(material)
        yield Picture(
            "Where the last hidden layer puts the samples",
            f"Outputs of '{before}', on their first two principal components, by class.",
            lambda: _of(
                pictures.hidden_space(
                    material.net,
                    part.x[:_SAMPLES],
                    part.y[:_SAMPLES],  # type: ignore[index]
                    before,
                    class_names=material.class_names,
                )
            ),
        )
    yield from _of_sequences(material)


def _of_convolutions(material: Material, path: str, layer: nn.Conv2d) -> Iterator[Picture]:
    _, part = material.judged
    yield Picture(
        "The first filters",
        "Each in the colours that excite it."
        if layer.weight.shape[1] == 3
        else "Red weights are positive, blue ones negative.",
        lambda: _of(pictures.filters(layer)),
    )
    yield Picture(
        "What they make of one image",
        "The maps of the first convolution for the first sample.",
        lambda: _of(pictures.feature_maps(material.net, part.x[0], path)),
    )
    if material.classifies:
        yield Picture(
            "What speaks for the decision",
            "Integrated gradients for the first sample: red pixels speak for the class it was "
            "taken for, blue ones against it.",
            lambda: _of(
                pictures.saliency_map(
                    part.x[0],
                    pictures.saliency.integrated_gradients(material.net, part.x[:1])[0],
                    label="integrated gradient",
                )
            ),
        )


def _last_hidden(material: Material) -> str:
    """Return the layer whose output enters the last one."""
    leaves = [
        path
        for path in material.called
        if path and not any(other.startswith(f"{path}.") for other in material.called)
    ]
    return leaves[-2] if len(leaves) > 1 else leaves[-1]


def _of_sequences(material: Material) -> Iterator[Picture]:
    sample = material.unfilled(material.some[0])
    if sample.dtype.kind in "iu":
        sample = sample[:_TOKENS]
    words = tuple(_short(word) for word in material.written(sample))
    recurrent = material.recurrent
    if recurrent is not None:
        yield Picture(
            "The states of a recurrent layer",
            f"'{recurrent}' along the first sequence: one row for each unit.",
            lambda: _of(pictures.recurrent_states(material.net, sample, recurrent, steps=words)),
        )
    attending = [path for path, _ in material.layers(nn.MultiHeadAttention)]
    for path in dict.fromkeys(attending[:1] + attending[-1:]):  # the first and the last
        yield Picture(
            "Who attends to whom",
            f"In '{path}': each row is a query, each column what it looks at; one panel for each "
            "head.",
            partial(_attention, material, sample, words, path),
        )
    embedding = next(material.layers(nn.Embedding), None)
    tokenizer = getattr(material.data.preparation, "tokenizer", None)
    if embedding is not None and words and material.classifies:
        yield Picture(
            "What speaks for the decision",
            "Integrated gradients of the first text: red words speak for the class it was taken "
            "for, blue ones against it.",
            lambda: _of(
                pictures.saliency_text(
                    words,
                    pictures.saliency.layer_attribution(
                        material.net, material.some[:1], embedding[0]
                    )[0, : len(words)],
                )
            ),
        )
    if embedding is not None and tokenizer is not None:
        count = embedding[1].weight.shape[0]
        labels = [_short(tokenizer.decode(np.asarray([k]))) for k in range(min(count, 400))]
        yield Picture(
            "The map of the symbols",
            "Vectors of the embedding on their first two principal components.",
            lambda: _of(pictures.embedding_map(embedding[1].weight.data[: len(labels)], labels)),
        )


def _attention(material: Material, sample: Array, words: Sequence[str], path: str) -> Figure:
    few = sample[:_QUERIES] if sample.dtype.kind in "iu" else sample
    return pictures.attention_maps(material.net, few[None], path=path, queries=words[:_QUERIES])


def _short(word: str) -> str:
    return word if len(word) <= 10 else f"{word[:9]}…"
