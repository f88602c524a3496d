"""Explain: every number of a training step, with its formula."""

from pellucid.inspect.explaining.explain import explain
from pellucid.inspect.explaining.explanation import Explanation

__all__ = ["Explanation", "explain"]
