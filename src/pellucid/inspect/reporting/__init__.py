"""The report of a run as one page, and runs side by side."""

from pellucid.inspect.reporting.comparison import Comparison, compare
from pellucid.inspect.reporting.report import Report, report

__all__ = ["Comparison", "Report", "compare", "report"]
