"""Transformers: of tokens and of series, ready to be trained."""

from pellucid.models.transformers.classifier import TransformerClassifier
from pellucid.models.transformers.entries import ENTRIES
from pellucid.models.transformers.forecaster import TransformerForecaster
from pellucid.models.transformers.gpt import GPT
from pellucid.models.transformers.translator import Transformer

__all__ = ["ENTRIES", "GPT", "Transformer", "TransformerClassifier", "TransformerForecaster"]
