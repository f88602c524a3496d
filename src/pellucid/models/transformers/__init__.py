"""Transformers: of tokens and of series, ready to be trained."""

from pellucid.models.transformers.gpt import GPT

__all__ = ["GPT"]
