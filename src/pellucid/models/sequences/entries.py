"""The recurrent models by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pellucid.errors import DataError
from pellucid.models.model import Model
from pellucid.models.sequences.char_rnn import CharRNN
from pellucid.models.sequences.classifier import RecurrentClassifier
from pellucid.models.sequences.forecaster import RecurrentForecaster
from pellucid.models.sequences.kinds import CellName
from pellucid.models.sequences.seq2seq import Seq2Seq
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _needed(vocabulary: int | None, model: str) -> int:
    if vocabulary is None:
        raise DataError(f"the model '{model}' needs vocabulary=, the number of tokens there are")
    return vocabulary


def _language(cell: Any) -> Callable[..., Module]:
    def build(
        input_shape: tuple[int, ...],
        outputs: int,
        vocabulary: int | None = None,
        hidden: int = 128,
        layers: int = 2,
        embedding: int | None = 64,
        dropout: float = 0.0,
        dtype: str | None = None,
        rng: int | None = None,
    ) -> Module:
        return CharRNN(
            outputs if vocabulary is None else vocabulary,
            hidden,
            layers,
            cell=cell,
            embedding=embedding,
            dropout=dropout,
            dtype=dtype,
            rng=rng,
        )

    return build


def _classifier(cell: Any) -> Callable[..., Module]:
    def build(
        input_shape: tuple[int, ...],
        outputs: int,
        vocabulary: int | None = None,
        hidden: int = 64,
        layers: int = 1,
        embedding: int = 64,
        bidirectional: bool = True,
        pooling: Any = "last",
        dropout: float = 0.0,
        padding: int = 0,
        dtype: str | None = None,
        rng: int | None = None,
    ) -> Module:
        return RecurrentClassifier(
            _needed(vocabulary, f"{cell}-classifier"),
            outputs,
            hidden,
            layers,
            cell=cell,
            embedding=embedding,
            bidirectional=bidirectional,
            pooling=pooling,
            dropout=dropout,
            padding=padding,
            dtype=dtype,
            rng=rng,
        )

    return build


def _forecaster(cell: Any) -> Callable[..., Module]:
    def build(
        input_shape: tuple[int, ...],
        outputs: int,
        hidden: int = 32,
        layers: int = 1,
        dropout: float = 0.0,
        dtype: str | None = None,
        rng: int | None = None,
    ) -> Module:
        if len(input_shape) != 2:
            raise DataError(
                f"the model '{cell}-forecaster' takes series of shape (steps, features), got "
                f"samples of shape {input_shape}"
            )
        return RecurrentForecaster(
            input_shape[1],
            outputs,
            hidden,
            layers,
            cell=cell,
            dropout=dropout,
            dtype=dtype,
            rng=rng,
        )

    return build


def _seq2seq(
    input_shape: tuple[int, ...],
    outputs: int,
    vocabulary: int | None = None,
    target_vocabulary: int | None = None,
    hidden: int = 128,
    layers: int = 1,
    cell: Any = "gru",
    embedding: int = 64,
    bidirectional: bool = True,
    score: Any = "additive",
    dropout: float = 0.0,
    max_length: int = 50,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return Seq2Seq(
        _needed(vocabulary, "seq2seq"),
        outputs if target_vocabulary is None else target_vocabulary,
        hidden,
        layers,
        cell=cell,
        embedding=embedding,
        bidirectional=bidirectional,
        score=score,
        dropout=dropout,
        max_length=max_length,
        dtype=dtype,
        rng=rng,
    )


_PAPERS = {
    "rnn": "Elman (1990); Mikolov et al. (2010)",
    "lstm": "Hochreiter & Schmidhuber (1997); Graves (2013)",
    "gru": "Cho et al. (2014)",
}
_CELLS = get_args(CellName)

ENTRIES: tuple[Model, ...] = (
    *[
        Model(
            cell,
            _language(cell),
            f"Language model of {cell.upper()} layers: predicts the next token of a text.",
            _PAPERS[cell],
            "128 units in two layers, where published ones have several hundred.",
            takes="tokens",
            makes="tokens",
        )
        for cell in _CELLS
    ],
    *[
        Model(
            f"{cell}-classifier",
            _classifier(cell),
            f"Embedding and {cell.upper()} in both directions: one class for a text.",
            _PAPERS[cell].split(";")[0],
            takes="tokens",
        )
        for cell in _CELLS
    ],
    *[
        Model(
            f"{cell}-forecaster",
            _forecaster(cell),
            f"{cell.upper()} on the window of a series: the next values, all at once.",
            _PAPERS[cell].split(";")[0],
            takes="series",
        )
        for cell in _CELLS
    ],
    Model(
        "seq2seq",
        _seq2seq,
        "Encoder and decoder with attention: turns one sequence of tokens into another.",
        "Sutskever et al. (2014); Bahdanau et al. (2015)",
        "One layer of 128 units, where the papers have four of 1,000 and one of 1,000.",
        takes="tokens",
        makes="tokens",
    ),
)
