"""What a network consists of and what it costs: layers, shapes, parameters, work, memory."""

from pellucid.inspect.summarizing.rows import Row
from pellucid.inspect.summarizing.summary import Memory, Summary, summary

__all__ = ["Memory", "Row", "Summary", "summary"]
