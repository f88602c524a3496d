"""Recurrent models: of texts, of series, and from one sequence to another."""

from pellucid.models.sequences.attention import SequenceAttention
from pellucid.models.sequences.char_rnn import CharRNN
from pellucid.models.sequences.classifier import RecurrentClassifier
from pellucid.models.sequences.decoding import Decoded
from pellucid.models.sequences.entries import ENTRIES
from pellucid.models.sequences.forecaster import RecurrentForecaster
from pellucid.models.sequences.seq2seq import Seq2Seq

__all__ = [
    "ENTRIES",
    "CharRNN",
    "Decoded",
    "RecurrentClassifier",
    "RecurrentForecaster",
    "Seq2Seq",
    "SequenceAttention",
]
