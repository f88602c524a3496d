"""The transformers by name."""

from __future__ import annotations

from typing import Any

from pellucid.errors import DataError
from pellucid.models.model import Model
from pellucid.models.transformers.classifier import TransformerClassifier
from pellucid.models.transformers.forecaster import TransformerForecaster
from pellucid.models.transformers.gpt import GPT
from pellucid.models.transformers.translator import Transformer
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _needed(vocabulary: int | None, model: str) -> int:
    if vocabulary is None:
        raise DataError(f"the model '{model}' needs vocabulary=, the number of tokens there are")
    return vocabulary


def _gpt(
    input_shape: tuple[int, ...],
    outputs: int,
    vocabulary: int | None = None,
    context: int | None = None,
    width: int = 128,
    layers: int = 4,
    heads: int = 4,
    dropout: float = 0.0,
    bias: bool = False,
    positions: Any = "learned",
    num_kv_heads: int | None = None,
    tied: bool = True,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return GPT(
        outputs if vocabulary is None else vocabulary,
        context=input_shape[0] if context is None else context,
        width=width,
        layers=layers,
        heads=heads,
        dropout=dropout,
        bias=bias,
        positions=positions,
        num_kv_heads=num_kv_heads,
        tied=tied,
        dtype=dtype,
        rng=rng,
    )


def _classifier(
    input_shape: tuple[int, ...],
    outputs: int,
    vocabulary: int | None = None,
    width: int = 64,
    layers: int = 2,
    heads: int = 4,
    feedforward: int | None = None,
    pooling: Any = "mean",
    positions: Any = "sinusoidal",
    dropout: float = 0.1,
    padding: int = 0,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return TransformerClassifier(
        _needed(vocabulary, "transformer-classifier"),
        outputs,
        length=input_shape[0],
        width=width,
        layers=layers,
        heads=heads,
        feedforward=feedforward,
        pooling=pooling,
        positions=positions,
        dropout=dropout,
        padding=padding,
        dtype=dtype,
        rng=rng,
    )


def _forecaster(
    input_shape: tuple[int, ...],
    outputs: int,
    width: int = 32,
    layers: int = 2,
    heads: int = 4,
    feedforward: int | None = None,
    positions: Any = "learned",
    dropout: float = 0.1,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    if len(input_shape) != 2:
        raise DataError(
            "the model 'transformer-forecaster' takes series of shape (length, features), "
            f"got samples of shape {input_shape}"
        )
    return TransformerForecaster(
        *input_shape,
        outputs,
        width=width,
        layers=layers,
        heads=heads,
        feedforward=feedforward,
        positions=positions,
        dropout=dropout,
        dtype=dtype,
        rng=rng,
    )


def _transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    vocabulary: int | None = None,
    target_vocabulary: int | None = None,
    width: int = 128,
    layers: int = 2,
    heads: int = 4,
    feedforward: int | None = None,
    norm_first: bool = False,
    dropout: float = 0.1,
    max_length: int = 50,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return Transformer(
        _needed(vocabulary, "transformer"),
        outputs if target_vocabulary is None else target_vocabulary,
        width=width,
        layers=layers,
        heads=heads,
        feedforward=feedforward,
        norm_first=norm_first,
        dropout=dropout,
        max_length=max_length,
        dtype=dtype,
        rng=rng,
    )


ENTRIES: tuple[Model, ...] = (
    Model(
        "gpt",
        _gpt,
        "Language model of causal attention: predicts the next token of a text.",
        "Radford et al. (2018, 2019)",
        "4 layers of width 128 and a context of the data's windows, as in nanoGPT's setting for a "
        "computer without GPU, where the paper has 12 of 768 and 512.",
        takes="tokens",
        makes="tokens",
    ),
    Model(
        "transformer-classifier",
        _classifier,
        "Embedding and attention in both directions: one class for a text.",
        "Vaswani et al. (2017); Devlin et al. (2019)",
        "2 layers of width 64, normalisation first, trained from scratch.",
        takes="tokens",
    ),
    Model(
        "transformer-forecaster",
        _forecaster,
        "Attention over the window of a series: the next values, all at once.",
        "Vaswani et al. (2017); Zerveas et al. (2021)",
        "2 layers of width 32, normalisation first.",
        takes="series",
    ),
    Model(
        "transformer",
        _transformer,
        "Encoder and decoder of attention: turns one sequence of tokens into another.",
        "Vaswani et al. (2017)",
        "2 layers of width 128 on each side, where the paper has 6 of 512.",
        takes="tokens",
        makes="tokens",
    ),
)
