"""Well-known networks, ready to be trained."""

from pellucid.models.linear import LinearModel
from pellucid.models.mlp import MLP
from pellucid.models.model import Model
from pellucid.models.perceptron import Perceptron, PerceptronHistory
from pellucid.models.registry import MODELS, find_model
from pellucid.models.sequences import (
    CharRNN,
    RecurrentClassifier,
    RecurrentForecaster,
    Seq2Seq,
    SequenceAttention,
)
from pellucid.models.transformers import GPT

__all__ = [
    "GPT",
    "MLP",
    "MODELS",
    "CharRNN",
    "LinearModel",
    "Model",
    "Perceptron",
    "PerceptronHistory",
    "RecurrentClassifier",
    "RecurrentForecaster",
    "Seq2Seq",
    "SequenceAttention",
    "find_model",
]
