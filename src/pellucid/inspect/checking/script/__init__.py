"""Checking a training script as it stands: its updates, its loss, its mistakes."""

from pellucid.inspect.checking.script.checking import check_script
from pellucid.inspect.checking.script.report import Remark, ScriptReport, TrainedParameter

__all__ = ["Remark", "ScriptReport", "TrainedParameter", "check_script"]
